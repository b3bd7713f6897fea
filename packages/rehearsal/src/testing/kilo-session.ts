/** Real Kilo CLI over ACP, as far as a test needs it: one process, sessions with the town's tools on a small MCP server beside it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { closeServer, listenOnLoopback } from '../loopback.ts';

export interface KiloOptions {
  /** Base URL of the model server, and the wire format to speak to it. */
  readonly model: string;
  readonly shape: 'openai' | 'anthropic';
  /** Folder for Kilo's own data. */
  readonly home: string;
  /** Working directory of the session. */
  readonly directory: string;
  /** Name and text of the role. */
  readonly role: { readonly name: string; readonly prompt: string };
  /** Tools of the server `gt`, and who answers them. */
  readonly tools: Readonly<Record<string, (args: Record<string, unknown>) => string>>;
}

export interface KiloSession {
  prompt(text: string): Promise<{ stopReason: string; updates: readonly string[] }>;
  close(): Promise<void>;
}

const kiloBinary = (): string => createRequire(import.meta.url).resolve('@kilocode/cli-linux-x64/bin/kilo');

const Frame = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.looseObject({ update: z.looseObject({ sessionUpdate: z.string() }).optional() }).optional(),
  result: z.looseObject({ sessionId: z.string().optional(), stopReason: z.string().optional() }).optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});
type Frame = z.infer<typeof Frame>;

export async function kiloSession(options: KiloOptions): Promise<KiloSession> {
  const { directory, role, tools } = options;
  const mcp = createServer((request, response) => void answerMcp(request, response, tools));
  const port = await listenOnLoopback(mcp, 0);
  const child = spawn(kiloBinary(), ['acp', '--cwd', directory], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    env: environment(options),
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, (frame: Frame) => void>();
  const updates: string[] = [];
  let buffered = '';
  let ids = 0;
  child.stdout.on('data', (data: Buffer) => {
    const lines = (buffered + data.toString('utf8')).split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.startsWith('{'))) {
      const frame = Frame.parse(JSON.parse(line));
      if (frame.method === undefined) waiting.get(frame.id ?? -1)?.(frame);
      else updates.push(frame.params?.update?.sessionUpdate ?? frame.method);
    }
  });
  const call = (method: string, params: object) =>
    new Promise<NonNullable<Frame['result']>>((resolve, reject) => {
      const id = ++ids;
      waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      );
      void exited.then(() => reject(new Error(`kilo ended before it answered ${method}`)));
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  await call('initialize', { protocolVersion: 1, clientCapabilities: {} });
  const { sessionId } = await call('session/new', {
    cwd: directory,
    mcpServers: [{ type: 'http', name: 'gt', url: `http://127.0.0.1:${port}/mcp`, headers: [] }],
  });
  await call('session/set_config_option', { sessionId, configId: 'mode', value: role.name });
  return {
    prompt: async (text) => {
      const { stopReason } = await call('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
      return { stopReason: stopReason ?? '', updates: [...updates] };
    },
    close: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); // its group: what its shell started, too
      await exited;
      await closeServer(mcp);
    },
  };
}

function environment({ home, model, shape, role }: KiloOptions): Record<string, string> {
  const folders = Object.fromEntries(
    ['DATA', 'CONFIG', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, join(home, name.toLowerCase())]),
  );
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const provider = {
    npm: shape === 'openai' ? '@ai-sdk/openai-compatible' : '@ai-sdk/anthropic',
    options: { baseURL: model, apiKey: 'rehearsal' },
    models: { scripted: { tool_call: true, cost: { input: 1, output: 2 }, limit: { context: 200_000, output: 8_192 } } },
  };
  const config = {
    provider: { rehearsal: provider },
    model: 'rehearsal/scripted',
    small_model: 'rehearsal/scripted',
    enabled_providers: ['rehearsal'],
    permission: 'allow',
    snapshot: false,
    share: 'disabled',
    autoupdate: false,
    agent: { [role.name]: { mode: 'primary', description: role.name, prompt: role.prompt } },
  };
  const quiet = [
    'MODELS_FETCH',
    'AUTOUPDATE',
    'SHARE',
    'SESSION_INGEST',
    'LSP_DOWNLOAD',
    'DEFAULT_PLUGINS',
    'CLAUDE_CODE',
    'CODEBASE_INDEXING',
    'PRESENCE',
    'EXTERNAL_SKILLS',
    'PROJECT_CONFIG',
  ];
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ...folders,
    KILO_CONFIG_CONTENT: JSON.stringify(config),
    ...Object.fromEntries(quiet.map((name) => [`KILO_DISABLE_${name}`, '1'])),
    KILO_TELEMETRY_LEVEL: 'off',
    KILO_NO_DAEMON: '1',
    KILO_EXPERIMENTAL_DISABLE_FILEWATCHER: '1',
  };
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

async function answerMcp(request: IncomingMessage, response: ServerResponse, tools: KiloOptions['tools']): Promise<void> {
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
