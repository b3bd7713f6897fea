import { methods } from '@agentclientprotocol/sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { LIMITS } from '@gastown/protocol';
import { agentThat, WISH } from '../testing/scripted-agent.ts';
import { openSession } from './acp-session.ts';

const model = (currentValue: string) => ({ id: 'model', currentValue, options: [{ value: 'm', name: 'm' }] });

afterEach(() => void vi.useRealTimers());

test('a session whose mode is refused is closed again, and nobody hears of it', async () => {
  const { connected, closed } = agentThat({ [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's1', configOptions: [] }) });
  expect(await openSession(connected, WISH)).toMatchObject({ ok: false, failure: { code: 'dispatch_failed' } });
  expect([closed, connected.listeners.size]).toEqual([['s1'], 0]);
});

test('a resumed session whose model is refused is closed again', async () => {
  let sets = 0;
  const { connected, closed } = agentThat({
    [methods.agent.session.resume]: () => Promise.resolve({ configOptions: [model('gone')] }),
    [methods.agent.session.setConfigOption]: () =>
      ++sets === 1 ? Promise.resolve({ configOptions: [model('gone')] }) : Promise.reject(new Error('no such model')),
  });
  expect(await openSession(connected, { ...WISH, resumeSessionId: 's2' })).toMatchObject({
    ok: false,
    failure: { code: 'dispatch_failed' },
  });
  expect([sets, closed, connected.listeners.size]).toEqual([2, ['s2'], 0]);
});

test.each([
  ['no id', {}],
  ['a number', { sessionId: 5 }],
  ['a text that is too long', { sessionId: 's'.repeat(201) }],
  ['nothing at all', null],
])('an agent that names its session by %s is told as that, and no bug of the runner is (CT-12, I10)', async (_what, answer) => {
  const { connected } = agentThat({ [methods.agent.session.new]: () => Promise.resolve(answer) });
  expect(await openSession(connected, WISH)).toMatchObject({
    ok: false,
    failure: { code: 'dispatch_failed', message: expect.stringContaining('at most 200 characters') },
  });
});

test.each([
  ['no options', undefined, null],
  ['a number', 5, null],
  ['options that are none', [null, 5, 'model'], null],
  ['a model that is no name', [{ id: 'model', currentValue: 5, options: 'x' }], null],
  ['a model without end', [{ id: 'model', currentValue: 'm'.repeat(5_000_000) }], null],
  ['a model', [{ id: 'model', name: 'Model', currentValue: 'm', options: [{ name: 'All', options: [{ value: 'm' }] }] }], 'm'],
])('a session whose options are %s is opened all the same (CT-12)', async (_what, configOptions, expected) => {
  const { connected } = agentThat({
    [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's1', configOptions }),
    [methods.agent.session.setConfigOption]: () => Promise.resolve({ configOptions }),
  });
  expect(await openSession(connected, WISH)).toMatchObject({ ok: true, value: { id: 's1', model: expected } });
});

test('a turn that an agent ends with what nobody can read is its own failure, and no model’s (CT-12, I10)', async () => {
  const { connected } = agentThat({
    [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's1' }),
    [methods.agent.session.setConfigOption]: () => Promise.resolve({}),
    'session/prompt': () => Promise.resolve({ stopReason: 5 }),
  });
  const opened = await openSession(connected, WISH);
  if (!opened.ok) throw new Error(opened.failure.message);
  expect(await opened.value.prompt('Go on')).toMatchObject({
    failure: {
      code: 'agent_crashed',
      message: 'The agent ended its turn with an answer that cannot be read: stopReason: must be a string',
    },
  });
});

test('a session that is opened after its time is closed', async () => {
  vi.useFakeTimers();
  const late = Promise.withResolvers<unknown>();
  const { connected, closed } = agentThat({ [methods.agent.session.new]: () => late.promise });
  const opening = openSession(connected, WISH);
  await vi.advanceTimersByTimeAsync(LIMITS.startTimeoutMs.value);
  expect(await opening).toMatchObject({ ok: false, failure: { code: 'dispatch_failed' } });
  late.resolve({ sessionId: 's3', configOptions: [] });
  await vi.advanceTimersByTimeAsync(1);
  expect(closed).toEqual(['s3']);
});

test('a turn that was told to end is cancelled, also where its agent calls that an error; an error of the next turn is one (AG-15)', async () => {
  let fail: (error: Error) => void = () => undefined;
  const { connected } = agentThat({
    [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's4', configOptions: [] }),
    [methods.agent.session.setConfigOption]: () => Promise.resolve({ configOptions: [] }),
    [methods.agent.session.prompt]: () => new Promise((_, reject) => (fail = reject)),
  });
  const opened = await openSession(connected, WISH);
  if (!opened.ok) throw new Error(opened.failure.message);
  const first = opened.value.prompt('a');
  await opened.value.cancel();
  fail(new Error('OpenCode service failure'));
  expect(await first).toEqual({ stopReason: 'cancelled', usage: null, failure: null });
  const second = opened.value.prompt('b');
  fail(new Error('OpenCode service failure'));
  expect(await second).toMatchObject({ stopReason: 'error', failure: { message: expect.stringContaining('OpenCode service failure') } });
});

/** A session whose prompts are answered when the test says so, or never. */
async function deaf() {
  vi.useFakeTimers();
  const answers: ((answer: unknown) => void)[] = [];
  let cancels = 0;
  const { connected } = agentThat(
    {
      [methods.agent.session.new]: () => Promise.resolve({ sessionId: 's5', configOptions: [] }),
      [methods.agent.session.setConfigOption]: () => Promise.resolve({ configOptions: [] }),
      [methods.agent.session.prompt]: () => new Promise((resolve) => answers.push(resolve)),
    },
    () => (cancels += 1),
  );
  const opened = await openSession(connected, WISH);
  if (!opened.ok) throw new Error(opened.failure.message);
  const hear = () =>
    connected.listeners.get('s5')?.onUpdate({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'x' } });
  const ended = async (turn: Promise<unknown>, afterMs: number) => {
    let end: unknown = null;
    void turn.then((how) => (end = how));
    await vi.advanceTimersByTimeAsync(afterMs);
    return end;
  };
  return { session: opened.value, answers, cancels: () => cancels, hear, ended };
}
const CANCELLED = { stopReason: 'cancelled', usage: null, failure: null };

test('a prompt that was cancelled just as it began and is never answered is over all the same, and the next one is a turn of its own (AG-15, I8)', async () => {
  const { session, answers, cancels, ended } = await deaf();
  const first = session.prompt('a');
  await session.cancel();
  expect(await ended(first, 4_999)).toBeNull();
  expect(await ended(first, 1)).toEqual(CANCELLED);
  expect(cancels()).toBe(1);
  const second = session.prompt('b');
  answers[0]?.({ stopReason: 'end_turn' });
  expect(await ended(second, 3_600_000)).toBeNull();
  answers[1]?.({ stopReason: 'end_turn' });
  expect(await ended(second, 0)).toMatchObject({ stopReason: 'end_turn', failure: null });
});

test.each([
  ['of which something was heard before', 0, 'before'],
  ['of which something is heard after', 0, 'after'],
  ['that was at work for a while', 5_001, null],
] as const)('one %s is left to who told it to stop (AG-15)', async (_what, waitMs, heard) => {
  const { session, hear, ended } = await deaf();
  const turn = session.prompt('a');
  if (heard === 'before') hear();
  await vi.advanceTimersByTimeAsync(waitMs);
  await session.cancel();
  if (heard === 'after') hear();
  expect(await ended(turn, 3_600_000)).toBeNull();
});
