import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import type { ClientContext, NewSessionRequest, SessionUpdate } from '@agentclientprotocol/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { readAnswer } from './answer-stream.ts';
import { startTools } from '../testing/mcp-tools.ts';

let folder: string;
let model: ModelServer;
let tools: Awaited<ReturnType<typeof startTools>>;
const calls: unknown[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rehearsal-agent-'));
  model = await startModel({ stories: { stories: [] }, keys: ['door'] });
  tools = await startTools({ note: (args) => (calls.push(args), 'noted') });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await model.close();
  await tools.close();
  rmSync(folder, { recursive: true, force: true });
  calls.length = 0;
});

interface Started {
  readonly child: ChildProcess;
  readonly agent: ClientContext;
  readonly updates: SessionUpdate[];
}

async function start(): Promise<Started> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      REHEARSAL_DOOR: model.url,
      REHEARSAL_KEY: 'door',
      REHEARSAL_MODEL: 'scripted',
      XDG_DATA_HOME: folder,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const updates: SessionUpdate[] = [];
  const { agent } = client({ name: 'test' })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .connect(ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>));
  await agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} });
  return { child, agent, updates };
}

const place = (): NewSessionRequest => ({ cwd: folder, mcpServers: [{ type: 'http', name: 'gt', url: tools.url, headers: [] }] });
const say = (agent: ClientContext, sessionId: string, text: string) =>
  agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });
const script = (...steps: object[]): string => `Go.\n<<<SCRIPT ${JSON.stringify(steps)} SCRIPT>>>`;

describe('the rehearsal agent', () => {
  it('does what the model says: a real shell, a tool of the town, and the last word as a message', async () => {
    const { agent, updates } = await start();
    const { sessionId } = await agent.request(methods.agent.session.new, place());
    const ended = await say(
      agent,
      sessionId,
      script(
        { tool: 'bash', args: { command: 'echo hello > greeting.txt && false', description: 'greet' } },
        { tool: 'gt_note', args: { text: 'done' } },
        { text: 'Finished.' },
      ),
    );
    expect(ended.stopReason).toBe('end_turn');
    expect(readFileSync(path.join(folder, 'greeting.txt'), 'utf8')).toBe('hello\n');
    expect(calls).toEqual([{ text: 'done' }]);
    expect(updates.at(-1)).toMatchObject({ sessionUpdate: 'agent_message_chunk', content: { text: 'Finished.' } });
    expect(JSON.stringify(updates)).toContain('[exit code 1]');
    const ends = updates.flatMap((update) => (update.sessionUpdate === 'tool_call_update' ? [update.status] : []));
    expect(ends).toEqual(['failed', 'completed']);
    expect(model.requests().every(({ headers }) => headers['x-session-id'] === sessionId)).toBe(true);
  });

  it('goes on after kill -9 where it was, with a note on the call that was cut', async () => {
    const first = await start();
    const { sessionId } = await first.agent.request(methods.agent.session.new, place());
    const cut = say(
      first.agent,
      sessionId,
      script({ tool: 'bash', args: { command: `kill -9 $PPID; exec sleep 60` } }, { text: 'Never.' }),
    );
    await expect(cut).rejects.toThrow(/clos/i);
    const second = await start();
    await second.agent.request(methods.agent.session.resume, { sessionId, ...place() });
    await say(second.agent, sessionId, script({ text: 'Back.' }));
    const [, ...turns] = model.requests().at(-1)!.conversation.turns;
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(turns[2]).toMatchObject({ text: '[the agent ended before this call did]' });
    await expect(second.agent.request(methods.agent.session.resume, { sessionId: '../nobody', ...place() })).rejects.toThrow(
      /no such session/,
    );
  });

  it('tries a rate limit again, says what another refusal said, and stops when it is told to', async () => {
    const { agent } = await start();
    const { sessionId } = await agent.request(methods.agent.session.new, place());
    expect(await say(agent, sessionId, script({ error: { status: 429, retryAfterSeconds: 0 }, text: 'Twice.' }))).toMatchObject({
      stopReason: 'end_turn',
    });
    await expect(say(agent, sessionId, script({ error: { status: 400, always: true, message: 'no good' } }))).rejects.toThrow(/no good/);
    const hanging = say(agent, sessionId, script({ tool: 'bash', args: { command: 'exec sleep 600' } }, { text: 'Never.' }));
    await expect.poll(() => model.requests().length, { timeout: 20_000 }).toBeGreaterThan(3);
    await agent.notify(methods.agent.session.cancel, { sessionId });
    expect(await hanging).toMatchObject({ stopReason: 'cancelled' });
  });

  it('asks again when an answer is cut in the middle, and ends its turn when the provider refuses to answer', async () => {
    const { agent, updates } = await start();
    const { sessionId } = await agent.request(methods.agent.session.new, place());
    let cuts = 0;
    model.inject((answer) => (cuts++ < 2 ? { ...answer, cutAfterChunks: cuts } : answer));
    const wish = { tool: 'gt_note', args: { text: 'x'.repeat(200) } };
    expect(await say(agent, sessionId, script(wish, { text: 'Through.' }))).toMatchObject({ stopReason: 'end_turn' });
    expect(calls).toEqual([wish.args]);
    expect(model.requests()).toHaveLength(4);
    expect(updates.at(-1)).toMatchObject({ content: { text: 'Through.' } });
    model.inject(() => ({ text: 'I cannot.', refused: true }));
    expect(await say(agent, sessionId, script(wish))).toMatchObject({ stopReason: 'refusal' });
    expect(calls).toHaveLength(1);
  });

  it('takes no half of an answer for one, and says what went wrong within the stream', () => {
    const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
    expect(() => readAnswer(event({ error: { message: 'budget_spent: no more' } }))).toThrow(/budget_spent/);
    expect(readAnswer(event({ choices: [{ delta: { content: 'half' } }] }))).toBeNull();
  });
});
