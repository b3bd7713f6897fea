/** A small tool server over MCP: the test answers. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { closeServer, listenOnLoopback } from '../loopback.ts';

export type ToolAnswers = Readonly<Record<string, (args: Record<string, unknown>) => string>>;

export async function startTools(tools: ToolAnswers): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(request, response, tools));
  const port = await listenOnLoopback(server, 0);
  return { url: `http://127.0.0.1:${port}/mcp`, close: () => closeServer(server) };
}

const McpCall = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string(),
  params: z
    .looseObject({
      protocolVersion: z.string().optional(),
      name: z.string().optional(),
      arguments: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});

async function answer(request: IncomingMessage, response: ServerResponse, tools: ToolAnswers): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method, params } = McpCall.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
  if (id === undefined) return void response.writeHead(202).end();
  const reply = (fields: object) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...fields }));
  if (method === 'initialize')
    return void reply({
      result: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'gt', version: '1' } },
    });
  if (method === 'tools/list')
    return void reply({
      result: { tools: Object.keys(tools).map((name) => ({ name, description: name, inputSchema: { type: 'object', properties: {} } })) },
    });
  const tool = method === 'tools/call' ? tools[params?.name ?? ''] : undefined;
  if (tool === undefined) return void reply({ error: { code: -32601, message: `no such method or tool: ${method}` } });
  reply({ result: { content: [{ type: 'text', text: tool(params?.arguments ?? {}) }] } });
}
