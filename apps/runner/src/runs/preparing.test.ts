import { expect, onTestFinished, test, vi } from 'vitest';
import { EffectId, LIMITS } from '@gastown/protocol';
import type { Report } from '@gastown/protocol';
import type { EffectSurroundings } from '../effects.ts';
import type { Link } from '../link/link.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { makeTaking } from '../taking.ts';
import { runStart, RUN } from '../testing/fixtures.ts';
import { setUpRuns } from '../testing/runs-rig.ts';
import { until } from '../testing/until.ts';

/** A start that is taken as the town sends it. `pulse`: what the town is told half a minute later. */
async function taken() {
  const rig = await setUpRuns();
  const said: Report[] = [];
  const around: EffectSurroundings = {
    ...rig,
    locks: makeKeyedLock(),
    retireBranch: rig.runs.retireBranch,
    path: '',
    lang: 'C.UTF-8',
    now: Date.now,
    redact: (text) => text,
    gateTimeoutMs: 1,
  };
  const link: Pick<Link, 'report'> = { report: (report) => Promise.resolve(void said.push(report)) };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const taking = makeTaking(around, () => link as Link, rig.log);
  const take = (changes: Parameters<typeof runStart>[1] = {}) =>
    taking.take(EffectId.parse('ef-000000000001'), runStart(rig.forge, changes));
  const pulse = () => {
    vi.advanceTimersByTime(LIMITS.leaseRenewMs.value);
    return said.at(-1);
  };
  const over = () => until('the outcome', () => said.some(({ kind }) => kind === 'outcome'));
  return { ...rig, take, pulse, over, said };
}
const named = { kind: 'renew', runs: [{ runId: RUN, generation: 1, lastActivityAt: expect.any(Number) }] };
const NONE = { kind: 'renew', runs: [] };

test('a start is named to the town while its worktree is prepared, and not before (RC-35)', async () => {
  const { take, pulse, over, breaks, left, runs, said } = await taken();
  let clear: (cleared: []) => void = () => undefined;
  left.of = () => new Promise((resolve) => (clear = resolve));
  let fetched: () => void = () => undefined;
  const fetching = new Promise<void>((resolve) => (fetched = resolve));
  breaks.waits = () => fetching;
  take();
  expect(pulse()).toEqual(NONE);
  clear([]);
  await until('it is prepared', () => runs.preparing().length > 0);
  expect(pulse()).toEqual(named);
  expect(pulse()).toEqual(named);
  fetched();
  await over();
  expect(runs.preparing()).toEqual([]);
  expect(said.at(-1)).toMatchObject({ kind: 'outcome', outcome: { state: 'succeeded' } });
  await runs.stopAll();
}, 30_000);

test.each([
  ['whose setup command fails', { setup: [{ command: 'exit 1', timeoutMs: 10_000, required: true }] }, () => Promise.resolve()],
  ['whose worktree cannot be made', {}, () => Promise.reject(new Error('too many open files'))],
])('a start %s is not named any more (I3)', async (_name, changes, waits) => {
  const { take, over, breaks, runs, said } = await taken();
  breaks.waits = waits;
  take(changes);
  await over();
  expect(said.at(-1)).toMatchObject({ kind: 'outcome', outcome: { state: 'failed' } });
  expect(runs.preparing()).toEqual([]);
});
