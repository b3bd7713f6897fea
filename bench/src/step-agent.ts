/**
 * An agent that only calls a tool: what `step` measures is told from where an agent feels it. Each call of `gt_mail_check`, whose answer the town keeps, is followed by a ping, which the runner answers by
 * itself, and by a request to a bare object, so that all three meet the same machine. It is spoken to over ACP and says its times as its message.
 */
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const steps = Number(process.env['STEP_CALLS']);
const bare = process.env['STEP_BARE'] ?? '';
const WARM = 20;
const WORD = 'said after all steps';
const sessions = new Map<string, Client>();

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function call(tools: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const answer = await tools.callTool({ name, arguments: args });
  const text = JSON.stringify(answer.content);
  if (answer.isError) throw new Error(text);
  return text;
}

async function measure(tools: Client): Promise<object> {
  const times = { step: [] as number[], ping: [] as number[], bare: [] as number[] };
  for (let step = -WARM; step < steps; step += 1) {
    const mine = await timed(() => call(tools, 'mail_check', {}));
    const ping = await timed(() => tools.ping());
    const insert = await timed(async () => (await fetch(bare)).json());
    if (step < 0) continue;
    times.step.push(mine);
    times.ping.push(ping);
    times.bare.push(insert);
  }
  await call(tools, 'checkpoint', { data: { word: WORD } });
  return { ...times, kept: (await call(tools, 'prime', {})).includes(WORD) };
}

const connection = agent({ name: 'step-agent' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: { name: 'step-agent', version: '1' },
    agentCapabilities: { mcpCapabilities: { http: true }, sessionCapabilities: { close: {} } },
  }))
  .onRequest(methods.agent.session.new, async ({ params }) => {
    const sessionId = randomUUID();
    const [server] = params.mcpServers;
    if (server === undefined || !('url' in server)) throw new Error('there is no tool server');
    const tools = new Client({ name: 'step-agent', version: '1' });
    await tools.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    sessions.set(sessionId, tools);
    return { sessionId };
  })
  .onRequest(methods.agent.session.prompt, async ({ params: { sessionId }, client }) => {
    const tools = sessions.get(sessionId)!;
    const text = JSON.stringify(await measure(tools));
    await client.notify(methods.client.session.update, {
      sessionId,
      update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
    });
    await call(tools, 'done', { summary: 'Measured.', no_changes: true });
    return { stopReason: 'end_turn' };
  })
  .onNotification(methods.agent.session.cancel, () => undefined)
  .onRequest(methods.agent.session.close, async ({ params }) => {
    await sessions.get(params.sessionId)?.close();
    return {};
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));

await connection.closed;
process.exit(0);
