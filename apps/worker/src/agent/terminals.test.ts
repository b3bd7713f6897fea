import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { HOME_RUNNER, outputFor, readOutput, readTypedBy, RunnerId, typed, type LastScreen, type TerminalKind } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { clientOf, type Client, type Frame } from '../../test/sockets.ts';
import { randomHex } from '../secrets/bytes.ts';
import type { AgentDO } from './object.ts';

/** A page's session that goes on. */
const PAGE = `&session=hash&until=${Number.MAX_SAFE_INTEGER}`;
const agent = () => env.AGENT.get(env.AGENT.idFromName(`town/${randomHex(4)}`));
type Agent = ReturnType<typeof agent>;
type Role = 'runner' | 'viewer' | 'terminal';
const ask = (of: Agent, role: Role, kind: TerminalKind = 'shell') =>
  of.fetch(new Request(`https://object/?role=${role}&kind=${kind}${PAGE}`, SOCKET));
const connect = async (of: Agent, role: Role, kind?: TerminalKind): Promise<Client> => clientOf(await ask(of, role, kind));
const evict = (of: Agent) => evictDurableObject(of as unknown as DurableObjectStub);
const SOCKET = { headers: { upgrade: 'websocket' } };
const OPEN = { t: 'open', client: 'page', cols: 80, rows: 24, have: null };
const text = (bytes: string): Uint8Array => new TextEncoder().encode(bytes);
const last: LastScreen = { cols: 80, rows: 24, screen: '$ bye', reason: 'run_over', exitCode: null, at: 5 };
const is = (t: string) => (frame: Frame) => frame.t === t;

/** A run with a terminal that somebody looks at. */
async function watched() {
  const of = agent();
  const runner = await connect(of, 'runner');
  const page = await connect(of, 'viewer');
  page.send(OPEN);
  await runner.until(is('terminal.open'));
  const terminal = await connect(of, 'terminal');
  await page.until(is('again'));
  page.send(OPEN);
  const { viewer } = (await terminal.until(is('join'))) as unknown as { viewer: number };
  return { of, runner, page, terminal, viewer };
}

describe('an agent whose next run is on another runner', () => {
  const MACHINE = 'rn-000000000001';
  const side = async (of: Agent, role: Role, run: string, runner: string): Promise<Client> =>
    clientOf(await of.fetch(new Request(`https://object/?role=${role}&kind=shell&run=${run}&runner=${runner}`, SOCKET)));
  const item = (id: string) => ({ t: 'item', seq: 1, item: { id, runId: 'run-1', at: 1, kind: 'assistant', text: id } });

  async function moved() {
    const of = agent();
    const stream = await side(of, 'runner', 'run-1', MACHINE);
    const terminal = await side(of, 'terminal', '', MACHINE);
    const page = await connect(of, 'viewer');
    page.send(OPEN);
    await terminal.until(is('join'));
    const home = await side(of, 'runner', 'run-2', 'home');
    return { of, stream, terminal, page, home };
  }

  it('has nothing with the one before: its stream and terminal are closed, and who watches comes to the new one', async () => {
    const { stream, terminal, page, home } = await moved();
    expect([(await stream.untilClosed()).code, (await terminal.untilClosed()).code]).toEqual([1008, 1008]);
    await page.until(is('again'));
    page.send(OPEN);
    await home.until(is('terminal.open'));
    expect(terminal.frames.filter(is('join'))).toHaveLength(1);
  });

  it('hears nothing more from one that was sent away, also before that one closes its sockets', async () => {
    const of = agent();
    await side(of, 'runner', 'run-1', MACHINE);
    const counts = await runInDurableObject(of as unknown as DurableObjectStub<AgentDO>, async (object, state) => {
      const [socket] = state.getWebSockets('runner');
      await object.webSocketMessage(socket!, JSON.stringify(item('before')));
      const before = (await object.items(null, 10)).length;
      await object.dropRunner(RunnerId.parse(MACHINE), null);
      await object.webSocketMessage(socket!, JSON.stringify(item('after')));
      return [before, (await object.items(null, 10)).length];
    });
    expect(counts).toEqual([1, 1]);
  });

  it('keeps what a run before it has on the same runner, and a late run of another does not drive it out', async () => {
    const { of, home } = await moved();
    const older = await side(of, 'runner', 'run-1', 'home');
    const terminal = await side(of, 'terminal', '', 'home');
    const again = await side(of, 'runner', 'run-2', 'home');
    expect(await home.untilClosed()).toMatchObject({ code: 1000 });
    again.send(item('i1'));
    older.send(item('i2'));
    await Promise.all([again, older].map((one) => one.until(is('ack'))));
    expect([again, older, terminal].map((one) => one.closed())).toEqual([null, null, null]);
    const late = await side(of, 'runner', 'run-1', MACHINE);
    late.send(item('i3'));
    await late.until(is('ack'));
    expect([again, terminal].map((one) => one.closed())).toEqual([null, null]);
    await of.dropRunner(RunnerId.parse(MACHINE), null);
    expect(await late.untilClosed()).toMatchObject({ code: 1008 });
    expect([again, terminal].map((one) => one.closed())).toEqual([null, null]);
  });
});

describe('an agent whose runner has a newer token', () => {
  const side = async (of: Agent, role: Role, run: string, serial: number): Promise<Client> =>
    clientOf(await of.fetch(new Request(`https://object/?role=${role}&kind=shell&run=${run}&runner=home&serial=${serial}`, SOCKET)));

  it('has nothing with the older one, and keeps what came with the newer (I15)', async () => {
    const of = agent();
    const [stream, terminal] = [await side(of, 'runner', 'run-1', 1), await side(of, 'terminal', '', 1)];
    const newer = await side(of, 'runner', 'run-0&over=1', 2);
    expect([stream, terminal].map((one) => one.closed())).toEqual([null, null]);
    await of.dropRunner(HOME_RUNNER, 2);
    expect([(await stream.untilClosed()).code, (await terminal.untilClosed()).code]).toEqual([1008, 1008]);
    newer.send({ t: 'item', seq: 1, item: { id: 'i1', runId: 'run-0', at: 1, kind: 'assistant', text: 'Here' } });
    await newer.until(is('ack'));
    expect(newer.closed()).toBeNull();
  });

  it('is with the newer one as soon as its next run comes with it (I15)', async () => {
    const of = agent();
    const [stream, terminal] = [await side(of, 'runner', 'run-1', 1), await side(of, 'terminal', '', 1)];
    await side(of, 'runner', 'run-2', 2);
    expect([(await stream.untilClosed()).code, (await terminal.untilClosed()).code]).toEqual([1008, 1008]);
  });
});

describe('the terminals of an agent', () => {
  it('are opened by the runner when somebody looks, over the stream that it holds anyway', async () => {
    const { terminal, runner } = await watched();
    expect(runner.frames).toEqual([{ t: 'terminal.open', kind: 'shell' }]);
    expect(terminal.frames[0]).toEqual({ ...OPEN, t: 'join', viewer: expect.any(Number) });
  });

  it('pass bytes on as they are, both ways, and what is said under other frames (WS-6, WS-10)', async () => {
    const { page, terminal, viewer } = await watched();
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    terminal.send({ t: 'state', viewer, terminal: 't1', offset: 7, cols: 80, rows: 24, screen: 'x', typed: 0 });
    terminal.send(outputFor([viewer], { offset: 7, bytes }));
    expect(await page.until(is('state'))).toEqual({ t: 'state', terminal: 't1', offset: 7, cols: 80, rows: 24, screen: 'x', typed: 0 });
    const got = (await page.until(is('bytes'))) as unknown as { bytes: Uint8Array };
    expect(readOutput(got.bytes)).toEqual({ offset: 7, bytes });
    page.send(typed({ number: 3, bytes }));
    const said = (await terminal.until(is('bytes'))) as unknown as { bytes: Uint8Array };
    expect(readTypedBy(said.bytes)).toEqual({ viewer, number: 3, bytes });
    page.send({ t: 'ack', offset: 263 });
    page.send({ t: 'size', cols: 100, rows: 30 });
    await terminal.until(is('size'));
    expect(terminal.frames.slice(-2)).toEqual([
      { t: 'ack', offset: 263, viewer },
      { t: 'size', cols: 100, rows: 30 },
    ]);
  });

  it('are of two kinds that do not meet', async () => {
    const { of, page, terminal, viewer } = await watched();
    const other = await connect(of, 'viewer', 'live');
    const live = await connect(of, 'terminal', 'live');
    other.send(OPEN);
    const joined = (await live.until(is('join'))) as unknown as { viewer: number };
    live.send(outputFor([joined.viewer], { offset: 0, bytes: text('live') }));
    terminal.send(outputFor([viewer], { offset: 0, bytes: text('shell') }));
    await page.until(is('bytes'));
    await other.until(is('bytes'));
    expect(page.frames.filter(is('bytes'))).toHaveLength(1);
    expect(other.frames.filter(is('bytes'))).toHaveLength(1);
    live.socket.close(1000, 'gone');
    await other.until(is('away'));
    expect(page.frames.some(is('away'))).toBe(false);
  });

  it('survive sleep between any two frames, and need no memory', async () => {
    const { of, page, terminal, viewer } = await watched();
    await evict(of);
    terminal.send(outputFor([viewer], { offset: 0, bytes: text('a') }));
    await page.until(is('bytes'));
    await evict(of);
    page.send(typed({ number: 0, bytes: text('k') }));
    await terminal.until(is('bytes'));
    await evict(of);
    page.socket.close(1000, 'gone');
    expect(await terminal.until(is('leave'))).toEqual({ t: 'leave', viewer });
  });

  it('tell who watches when the runner is out of reach, and ask everybody anew when it is back (WS-8)', async () => {
    const { of, page, terminal } = await watched();
    terminal.socket.close(1001, 'going away');
    await page.until(is('away'));
    const back = await connect(of, 'terminal');
    await page.until((frame) => frame.t === 'again' && page.frames.indexOf(frame) > page.frames.findIndex(is('away')));
    page.send({ ...OPEN, have: { terminal: 't1', offset: 9 } });
    expect(await back.until(is('join'))).toMatchObject({ have: { terminal: 't1', offset: 9 } });
  });

  it('a newer socket of the runner replaces the older, and nobody is told that it is away', async () => {
    const { of, page, terminal } = await watched();
    const newer = await connect(of, 'terminal');
    expect(await terminal.untilClosed()).toMatchObject({ code: 1000 });
    page.send(OPEN);
    await newer.until(is('join'));
    expect(page.frames.some(is('away'))).toBe(false);
  });

  it('keep what was shown last; who comes when no run is there gets it, and is told when one is (WS-16)', async () => {
    const { of, page, terminal, runner } = await watched();
    terminal.send({ t: 'ended', last });
    expect(await page.until(is('ended'))).toEqual({ t: 'ended', last });
    await terminal.until(is('kept'));
    terminal.socket.close(1000, 'over');
    runner.socket.close(1000, 'over');
    await evict(of);
    const later = await connect(of, 'viewer');
    later.send(OPEN);
    expect(await later.until(is('none'))).toEqual({ t: 'none', last });
    const never = await connect(of, 'viewer', 'live');
    never.send(OPEN);
    expect(await never.until(is('none'))).toEqual({ t: 'none', last: null });
    await connect(of, 'runner');
    await later.until(is('again'));
  });

  it('tell the reason when the runner cannot open one', async () => {
    const of = agent();
    const runner = await connect(of, 'runner');
    const page = await connect(of, 'viewer');
    page.send(OPEN);
    await runner.until(is('terminal.open'));
    const failure = { code: 'terminals_full', message: 'Eight are open.' };
    runner.send({ t: 'terminal.refused', kind: 'shell', failure });
    expect(await page.until(is('refused'))).toEqual({ t: 'refused', failure });
  });

  it('of a run that is ending there is what was there last, and the next run is waited for (WS-16)', async () => {
    const { of, runner, page, terminal } = await watched();
    terminal.send({ t: 'ended', last });
    await page.until(is('ended'));
    terminal.socket.close(1000, 'over');
    const late = await connect(of, 'viewer');
    late.send(OPEN);
    await runner.until(is('terminal.open'));
    runner.send({ t: 'terminal.refused', kind: 'shell', failure: { code: 'run_over', message: 'The run is over.' } });
    expect(await late.until(is('none'))).toEqual({ t: 'none', last });
    await connect(of, 'runner');
    await late.until(is('again'));
  });

  it.each([
    ['no JSON', '{', /^invalid_json/],
    ['a wrong size', { ...OPEN, cols: 100_000 }, /^invalid_input: cols/],
    ['bytes that are no frame', new Uint8Array([1, 2, 3]), /^invalid_input/],
    ['too much typed at once', typed({ number: 0, bytes: new Uint8Array(20_000) }), /^invalid_input/],
  ])('close a page that sends %s, and the terminal goes on', async (_name, frame, reason) => {
    const { page, terminal } = await watched();
    page.send(frame);
    expect(await page.untilClosed()).toMatchObject({ code: 1008, reason: expect.stringMatching(reason) });
    expect(terminal.closed()).toBeNull();
  });

  it('are watched by so many pages and no more; another kind is none', async () => {
    const of = agent();
    for (let page = 0; page < 16; page += 1) await connect(of, 'viewer');
    const refused = await ask(of, 'viewer');
    expect([refused.status, await refused.json()]).toMatchObject([503, { failure: { code: 'terminal_watchers_full' } }]);
    expect((await ask(agent(), 'viewer', 'desktop' as TerminalKind)).status).toBe(400);
  });

  it('end with the town: sockets close, nothing is left, nobody comes back (DL-1)', async () => {
    const { of, page, terminal } = await watched();
    terminal.send({ t: 'ended', last });
    await page.until(is('ended'));
    const again = await connect(of, 'terminal');
    await of.destroy();
    expect((await page.untilClosed()).reason).toMatch(/^town_deleted/);
    expect((await again.untilClosed()).reason).toMatch(/^town_deleted/);
    for (const role of ['viewer', 'terminal'] as const) expect((await ask(of, role)).status).toBe(410);
  });
});
