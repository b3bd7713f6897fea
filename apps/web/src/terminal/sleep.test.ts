import { LIMITS, type AgentRow, type EventRow, type RunRow } from '@gastown/protocol';
import { expect, it } from 'vitest';
import { sleepsAt } from './sleep.ts';

const run = (over: Partial<RunRow>) => ({ state: 'ended', beadId: null, startedAt: 10, endedAt: null, ...over }) as RunRow;
const agent = (lastActivityAt: number | null) => ({ lastActivityAt }) as AgentRow;
const event = (at: number) => ({ at }) as EventRow;
const IDLE = LIMITS.mayorIdleStopMs.value;

it('counts from the last thing that happened, whatever it was (CT-9)', () => {
  expect(sleepsAt([run({ state: 'idle' })], [agent(20)], [event(15)])).toBe(20 + IDLE);
  expect(sleepsAt([run({ endedAt: 40 })], [agent(null)], [event(30)])).toBe(40 + IDLE);
  expect(sleepsAt([], [], [event(50)])).toBe(50 + IDLE);
});

it('is never while a run is at work or has a bead, and unknown of a town where nothing happened yet', () => {
  expect(sleepsAt([run({ state: 'working' })], [], [])).toBeNull();
  expect(sleepsAt([run({ state: 'idle', beadId: 'gt-1' as never })], [], [])).toBeNull();
  expect(sleepsAt([], [], [])).toBeNull();
});
