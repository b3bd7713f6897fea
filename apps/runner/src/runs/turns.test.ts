import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NudgeId } from '@gastown/protocol';
import type { AgentSession, TurnEnd } from '../agents/driver.ts';
import { makeTurns } from './turns.ts';
import type { Prompt } from './turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DONE: TurnEnd = { stopReason: 'end_turn', usage: null, failure: null };
const CANCELLED: TurnEnd = { stopReason: 'cancelled', usage: null, failure: null };
const prompt = (digit: string, changes: Partial<Prompt> = {}): Prompt => ({
  nudgeId: NudgeId.parse(`nu-${digit.repeat(12)}`),
  text: digit,
  again: false,
  source: 'person',
  mode: 'wait-idle',
  ...changes,
});

/** A session whose turns end when the test says so, or when they are cancelled. */
function setUp({ deaf = false, waits = () => false as boolean } = {}) {
  const said: string[] = [];
  const ends: TurnEnd[] = [];
  let finish: ((end: TurnEnd) => void) | null = null;
  let cancels = 0;
  const session: AgentSession = {
    id: 's',
    resumed: false,
    model: null,
    prompt(text) {
      said.push(text);
      return new Promise((resolve) => (finish = resolve));
    },
    cancel() {
      cancels++;
      if (!deaf) finish?.(CANCELLED);
      return Promise.resolve();
    },
    close: () => Promise.resolve(true),
    abandon: () => undefined,
  };
  const stuck: string[] = [];
  const turns = makeTurns({
    session,
    silenceMs: 60_000,
    waits,
    now: Date.now,
    onStart: () => undefined,
    onEnd: (end) => ends.push(end),
    onStuck: ({ code }) => stuck.push(code),
  });
  const end = async (): Promise<void> => {
    finish?.(DONE);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { turns, said, ends, end, stuck, cancels: () => cancels };
}

test('a message that begins with a slash is no command of the agent program (MY-10)', async () => {
  const { turns, said, end } = setUp();
  turns.add(prompt('1', { text: ' /init @/etc/hostname' }));
  await end();
  turns.add(prompt('2', { text: 'Look at /etc.' }));
  expect(said[0]).toMatch(/^\(The message begins with a slash[^]*\/init @\/etc\/hostname$/);
  expect(said[1]).toBe('Look at /etc.');
});

test('a message that may have been said before is marked for the agent, not in what was said (MS-8)', () => {
  const { turns, said } = setUp();
  const again = prompt('1', { again: true });
  turns.add(again);
  expect(said[0]).toMatch(/may have reached you before[^]*1$/);
  expect(again.text).toBe('1');
});

test('a message to one that has handed in tells it that what it commits now does not land (AG-14)', () => {
  const { turns, said } = setUp();
  turns.add(prompt('1', { handedIn: true, again: true }));
  expect(said[0]).toMatch(/^\(This message may[^]*\(Your work is handed in already[^]*\n\n1$/);
});

test('a turn that waits for a person is silent for as long as that takes, and is watched again when it goes on (PT-4, I19)', async () => {
  let waits = true;
  const { turns, ends } = setUp({ waits: () => waits });
  turns.add(prompt('1'));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ends).toEqual([]);
  waits = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ends).toMatchObject([{ failure: { code: 'agent_stalled' } }]);
});

test('prompts are turns one after another, in order (AG-14)', async () => {
  const { turns, said, end, ends } = setUp();
  turns.add(prompt('1'));
  turns.add(prompt('2'));
  expect(said).toEqual(['1']);
  await end();
  expect(said).toEqual(['1', '2']);
  await end();
  expect(ends).toEqual([DONE, DONE]);
  expect(turns.inFlight()).toBe(false);
});

test('the same nudge twice is one turn (MS-8)', async () => {
  const { turns, said, end } = setUp();
  turns.add(prompt('1'));
  turns.add(prompt('1'));
  await end();
  turns.add(prompt('1'));
  expect(said).toEqual(['1']);
});

test('an immediate prompt ends the turn in flight and comes before what waits', async () => {
  const { turns, said, ends } = setUp();
  turns.add(prompt('1'));
  turns.add(prompt('2'));
  turns.add(prompt('3', { mode: 'immediate' }));
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toEqual([CANCELLED]);
  expect(said).toEqual(['1', '3']);
});

test('a turn that is silent for too long is cancelled and ends as stalled; any sign of life puts that off (PT-4)', async () => {
  const { turns, ends } = setUp();
  turns.add(prompt('1'));
  await vi.advanceTimersByTimeAsync(59_000);
  turns.noticeActivity();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(ends).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ends).toMatchObject([{ stopReason: 'cancelled', failure: { code: 'agent_stalled' } }]);
});

test('an agent that does not even react to cancelling is reported as stalled all the same', async () => {
  const { turns, ends, said, stuck, cancels } = setUp({ deaf: true });
  turns.add(prompt('1'));
  turns.add(prompt('2'));
  await vi.advanceTimersByTimeAsync(66_000);
  expect(cancels()).toBe(1);
  expect(ends).toMatchObject([{ failure: { code: 'agent_stalled' } }]);
  expect([stuck, said]).toEqual([['agent_stalled'], ['1']]);
});

test('one that was told to stop and goes on and on is given up, however much it streams (AG-15)', async () => {
  const { turns, ends, said, stuck } = setUp({ deaf: true });
  turns.add(prompt('1'));
  turns.add(prompt('2', { mode: 'immediate' }));
  for (let seconds = 0; seconds < 40; seconds++) {
    turns.noticeActivity();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect([stuck, said]).toEqual([['agent_stalled'], ['1']]);
  expect(ends).toMatchObject([{ stopReason: 'cancelled', failure: { code: 'agent_stalled' } }]);
});

test('an interrupt ends the turn without a failure; with no turn it does nothing', async () => {
  const { turns, ends, cancels } = setUp();
  await turns.interrupt();
  expect(cancels()).toBe(0);
  turns.add(prompt('1'));
  await turns.interrupt();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toEqual([CANCELLED]);
});

test('after closing no further turn begins', async () => {
  const { turns, said } = setUp();
  turns.add(prompt('1'));
  turns.add(prompt('2'));
  await turns.close();
  turns.add(prompt('3'));
  expect(said).toEqual(['1']);
});

test('an idle session keeps no timer', async () => {
  const { turns, end } = setUp();
  turns.add(prompt('1'));
  await end();
  expect(vi.getTimerCount()).toBe(0);
});

test('when it was last active is measured by what passed: a clock set back puts it into no time to come, one set ahead makes it no later (PT-3)', async () => {
  const { turns } = setUp();
  turns.add(prompt('1'));
  await vi.advanceTimersByTimeAsync(20_000);
  turns.noticeActivity();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(turns.lastActivityAt()).toBe(Date.now() - 30_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(turns.lastActivityAt()).toBe(Date.now() - 30_000);
  vi.setSystemTime(Date.now() + 7_200_000);
  expect(turns.lastActivityAt()).toBe(Date.now() - 3_600_000 - 30_000);
});
