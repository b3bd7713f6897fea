import { expect, onTestFinished, test } from 'vitest';
import { failure, Generation, RunId } from '@gastown/protocol';
import type { EffectId, Failure, FromRunner, Outcome, Report, RigId, RunnerEffect } from '@gastown/protocol';
import { openFakeTown } from '../testing/fake-town.ts';
import type { FakeTownOptions } from '../testing/fake-town.ts';
import { RIG } from '../testing/fixtures.ts';
import { openSwallowingProxy } from '../testing/swallowing-proxy.ts';
import { until } from '../testing/until.ts';
import { makeJournal } from './journal.ts';
import { openLink } from './link.ts';

const runId = RunId.parse('run-000000000001');
const generation = Generation.parse(1);
const status = (statusLine: string): Report => ({ kind: 'status', runId, generation, statusLine });

async function setUp(options: FakeTownOptions = {}) {
  const town = await openFakeTown(options);
  const effects: [EffectId, RunnerEffect][] = [];
  const byes: Failure[] = [];
  const seen: (readonly RigId[])[] = [];
  onTestFinished(() => town.close());
  const open = (instance: string) => {
    const link = openLink({
      url: town.url,
      token: 'runner-secret-token',
      instance,
      isolation: 'none',
      agentKinds: ['kilo'],
      runs: () => [{ runId, generation, turnInFlight: true }],
      onEffect: (id, effect) => effects.push([id, effect]),
      onBye: (why) => byes.push(why),
      onRigs: (rigs) => void seen.push(rigs),
      log: () => undefined,
      redact: (text) => text.replaceAll('hunter22', '****'),
      random: () => 0,
    });
    onTestFinished(() => link.close());
    return link;
  };
  return { town, link: open('instance-1'), open, effects, byes, seen };
}

test('a runner that the town does not know any more ends when it hears so at the door, once; who is refused for a while asks again (design/runner.md §5)', async () => {
  let refused: Failure | null = failure('overloaded');
  let asked = 0;
  const { town, byes, open } = await setUp({
    refuses() {
      asked += 1;
      return refused;
    },
  });
  await until('it asks again', () => asked > 1);
  expect(byes).toEqual([]);
  refused = null;
  await until('hello', () => town.hellos.length === 1);
  refused = failure('unknown_runner', 'It was removed.');
  town.dropLink();
  await until('bye', () => byes.length > 0);
  const before = asked;
  refused = null;
  const next = open('instance-2');
  await next.report(status('The town is there for another'));
  expect([byes, asked - before, town.hellos.map(({ instance }) => instance)]).toEqual([
    [failure('unknown_runner', 'It was removed.')],
    1,
    ['instance-1', 'instance-2'],
  ]);
});

test('the link says who it is and what it holds, then reports in order', async () => {
  const { town, link } = await setUp();
  await Promise.all(['a', 'b', 'c'].map((line) => link.report(status(line))));
  expect(town.hellos).toMatchObject([{ instance: 'instance-1', protocol: 1, agentKinds: ['kilo'], runs: [{ runId, turnInFlight: true }] }]);
  expect(town.seqs).toEqual([1, 2, 3]);
});

test('a report that was not acknowledged is sent again after a reconnect, with the same number, and the town takes it once (I18)', async () => {
  let deaf = true;
  const { town, link } = await setUp({ intercept: (frame) => frame.t === 'report' && deaf });
  const told = link.report(status('lost on the way'));
  await until('hello', () => town.hellos.length === 1);
  deaf = false;
  town.dropLink();
  await told;
  expect(town.hellos).toHaveLength(2);
  expect(town.reports).toEqual([status('lost on the way')]);
});

test('a report that was committed but whose acknowledgement was lost is not sent again: the welcome settles it', async () => {
  let committed = 0;
  const { town, link } = await setUp({
    intercept(frame, socket) {
      if (frame.t === 'report') committed = frame.seq;
      if (frame.t === 'hello' && committed > 0) {
        socket.send(JSON.stringify({ t: 'welcome', seq: committed }));
        return true;
      }
      return frame.t === 'report';
    },
  });
  const told = link.report(status('x'));
  await until('it arrives', () => committed === 1);
  town.dropLink();
  await told;
  expect(town.seqs).toEqual([]);
});

test('a town whose state was put back to an earlier one hears what is new: its numbers go on from there (I18, H10)', async () => {
  let known = 0;
  const heard: Report[] = [];
  const { town, link } = await setUp({
    intercept(frame, socket) {
      if (frame.t === 'hello') return (socket.send(JSON.stringify({ t: 'welcome', seq: known })), true);
      if (frame.t !== 'report') return false;
      if (frame.seq > known + 1) return (socket.close(1008), true);
      known = frame.seq;
      heard.push(frame.report);
      return (socket.send(JSON.stringify({ t: 'ack', seq: known })), true);
    },
  });
  for (const line of ['a', 'b', 'c']) await link.report(status(line));
  known = 1;
  town.dropLink();
  await Promise.all(['d', 'e'].map((line) => link.report(status(line))));
  await link.report(status('f'));
  expect(heard).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(status));
  expect(known).toBe(4);
});

test('while the town is away one renewal waits, not one for each half minute', async () => {
  let deaf = true;
  const { town, link } = await setUp({ intercept: (frame) => frame.t === 'report' && deaf });
  const renewal: Report = { kind: 'renew', runs: [] };
  const told = [link.report(renewal), link.report(renewal), link.report(status('x')), link.report(renewal)];
  deaf = false;
  town.dropLink();
  await Promise.all(told);
  expect(town.reports).toEqual([renewal, status('x')]);
  await link.report(renewal);
  expect(town.reports).toHaveLength(3);
});

test('each welcome names the rigs of the town; one that does not, says nothing; and a town that removed one says so at once', async () => {
  let rigs: RigId[] | undefined;
  const { town, link, seen } = await setUp({ rigs: () => rigs });
  await link.report(status('a'));
  expect(seen).toEqual([]);
  rigs = [RIG];
  town.dropLink();
  await link.report(status('b'));
  expect(seen).toEqual([[RIG]]);
  town.send({ t: 'rigs', rigs: [] });
  await until('it is told', () => seen.length === 2);
  expect(seen.at(-1)).toEqual([]);
});

test('what an agent says to the town holds no secret of the runner (I16, GT-7)', async () => {
  const { town, link } = await setUp();
  await link.report(status('Looking at hunter22'));
  await link.call({ runId, generation, tool: 'checkpoint', args: { data: { key: ['hunter22'] } }, evidence: null });
  expect(town.reports).toEqual([status('Looking at ****')]);
  expect(town.calls).toMatchObject([{ args: { data: { key: ['****'] } } }]);
});

test('a link that is half open is noticed by its silence; what was said into it is said again, and nothing arrives twice (I18)', async () => {
  const town = await openFakeTown({});
  const proxy = await openSwallowingProxy(Number(new URL(town.url).port));
  const link = openLink({ ...SURROUNDINGS, url: proxy.url, pingMs: 50 });
  onTestFinished(async () => {
    link.close();
    proxy.close();
    await town.close();
  });
  await link.report(status('before'));
  proxy.swallow(true);
  const told = ['a', 'b'].map((line) => link.report(status(line)));
  const answered = link.call({ runId, generation, tool: 'prime', args: {}, evidence: null });
  await until('it is given up', () => lines.some(({ event }) => event === 'socket.closed'));
  expect(town.reports).toEqual([status('before')]);
  proxy.swallow(false);
  await Promise.all(told);
  expect(await answered).toMatchObject({ ok: true });
  expect(town.reports).toEqual([status('before'), status('a'), status('b')]);
  expect(town.calls).toHaveLength(1);
  expect(town.hellos.length).toBeGreaterThanOrEqual(2);
});
const lines: { event: string }[] = [];
const SURROUNDINGS = {
  token: 'runner-secret-token',
  instance: 'instance-1',
  agentKinds: ['kilo'],
  isolation: 'none' as const,
  runs: () => [],
  onEffect: () => undefined,
  onBye: () => undefined,
  onRigs: () => undefined,
  redact: (text: string) => text,
  log: (event: string) => void lines.push({ event }),
  random: () => 0,
};

test('nothing but hello goes out before the welcome', async () => {
  const seen: FromRunner['t'][] = [];
  let welcome: (() => void) | null = null;
  const { link } = await setUp({
    intercept(frame, socket) {
      seen.push(frame.t);
      if (frame.t !== 'hello') return false;
      welcome = () => socket.send(JSON.stringify({ t: 'welcome', seq: 0 }));
      return true;
    },
  });
  const told = link.report(status('x'));
  await until('hello', () => welcome);
  expect(seen).toEqual(['hello']);
  welcome!();
  await told.catch(() => undefined);
  expect(seen).toEqual(['hello', 'report']);
});

test('a tool call and a question survive a lost connection and are answered once', async () => {
  let deaf = true;
  const { town, link } = await setUp({ token: () => 'tok', intercept: (frame) => frame.t !== 'hello' && deaf });
  const answer = link.call({ runId, generation, tool: 'prime', args: {}, evidence: null });
  const token = link.askToken(RIG);
  const door = link.askDoor('kilo-1');
  await until('hello', () => town.hellos.length === 1);
  deaf = false;
  town.dropLink();
  expect(await answer).toMatchObject({ ok: true, value: { summary: 'Recorded.' } });
  expect(await token).toBe('tok');
  expect(await door).toContain('kilo-1');
  expect(town.calls).toHaveLength(1);
});

test('an effect arrives parsed; a frame that is none is noted and changes nothing; bye is passed on', async () => {
  const { town, effects, byes } = await setUp();
  await until('hello', () => town.hellos.length === 1);
  town.send({ t: 'nonsense' } as never);
  const effect: RunnerEffect = { kind: 'rig.connect', rigId: RIG, gitUrl: '/x' };
  town.send({ t: 'effect', effectId: 'ef-000000000001' as EffectId, effect });
  town.send({ t: 'bye', failure: failure('stale_generation') });
  await until('bye', () => byes.length === 1);
  expect(effects).toEqual([['ef-000000000001', effect]]);
});

test('an effect is performed once: while it runs, and after its success until the town has that; a failure may be tried again under the same id', async () => {
  const journal = makeJournal();
  const id = 'ef-000000000001' as EffectId;
  const success: Outcome = { state: 'succeeded', value: { kind: 'none' } };
  const broken: Outcome = { state: 'failed', failure: failure('git_failed'), retry: true };
  let performed = 0;
  const perform = (outcome: Outcome) => () => {
    performed++;
    return Promise.resolve(outcome);
  };
  const first = journal.once(id, perform(broken));
  expect(journal.once(id, perform(success))).toBe(false);
  expect(await first).toEqual(broken);
  expect(await journal.once(id, perform(success))).toEqual(success);
  expect(await journal.once(id, perform(broken))).toEqual(success);
  expect(performed).toBe(2);
  journal.told(id);
  expect(await journal.once(id, perform(success))).toEqual(success);
  expect(performed).toBe(3);
});
