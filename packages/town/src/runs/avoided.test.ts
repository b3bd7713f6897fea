import { HOME_RUNNER, LIMITS, type BeadId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { addMachine, bad, silentPolecat, story, type Script, type Story } from '../testing.ts';
import { avoidedBy, blamesItsMachine, hasOtherTaker } from './avoided.ts';
import { runsOfBead } from './store.ts';

const MINUTE = 60_000;
const full = () => bad('runner_full', true);
const broken = () => bad('setup_failed', true, 'pnpm: not found');

/** A bead whose first run was refused by a machine and that another runner has since. */
function refused(by: Script['run.start']) {
  const one = story({ polecat: silentPolecat });
  const machine = addMachine(one, 'laptop', { script: { 'run.start': by } });
  const id = one.wish('A');
  one.runner.work();
  const runs = () => runsOfBead(one.town.sql, id);
  const first = runs()[0]!;
  expect(first.runnerId).toBe(machine.id);
  return { ...one, machine, id, first, runs, avoided: (after: number) => [...avoidedBy(one.town.sql, id, first.endedAt! + after)] };
}
/** How the run ended, told anew: the end of no story is like every other. */
const retell = (one: Story, runId: string, code: string, more = ''): void =>
  void one.town.sql.run(`UPDATE runs SET failure = json_set(failure, '$.code', ?) ${more} WHERE id = ?`, code, runId);

describe('a runner that is avoided for a bead', () => {
  test('had no room for it ten minutes ago at most, the container as well', () => {
    const one = refused(full);
    expect([0, 10 * MINUTE - 1, 10 * MINUTE].map((after) => one.avoided(after))).toEqual([[one.machine.id], [one.machine.id], []]);
    one.town.sql.run('UPDATE runs SET runner_id = ? WHERE id = ?', HOME_RUNNER, one.first.id);
    expect(one.avoided(0)).toEqual([HOME_RUNNER]);
  });

  test('is a machine on which its start failed, until that counts no more; another failure and a live run say nothing of it', () => {
    const one = refused(broken);
    const cool = LIMITS.attemptsCoolDownMs.value;
    expect([0, 10 * MINUTE, cool - 1, cool].map((after) => one.avoided(after))).toEqual([
      [one.machine.id],
      [one.machine.id],
      [one.machine.id],
      [],
    ]);
    expect(one.runs().at(-1)).toMatchObject({ state: 'working', runnerId: HOME_RUNNER });
    retell(one, one.first.id, 'runner_lost');
    expect(one.avoided(0)).toEqual([]);
    retell(one, one.first.id, 'setup_failed', `, session_id = 's-1'`);
    expect(one.avoided(0)).toEqual([]);
    retell(one, one.first.id, 'setup_failed', `, session_id = NULL, runner_id = '${HOME_RUNNER}'`);
    expect(one.avoided(0)).toEqual([]);
  });
});

describe('another runner', () => {
  const at = (one: ReturnType<typeof refused>) => hasOtherTaker(one.town.sql, one.first, one.first.endedAt!);
  test('takes what a machine refused, unless it was tried in vain itself, is full, or does not take the rig', () => {
    const one = refused(broken);
    expect(at(one)).toBe(true);
    const last = one.runs().at(-1)!;
    one.town.sql.run(
      `UPDATE runs SET state = 'ended', ended_at = ?, failure = ? WHERE id = ?`,
      one.first.endedAt!,
      JSON.stringify({ code: 'runner_full', message: '' }),
      last.id,
    );
    expect(at(one)).toBe(false);
    const pinned = refused(broken);
    pinned.town.must({ kind: 'runner.update', runnerId: pinned.machine.id, rigs: [pinned.rigId] });
    expect(at(pinned)).toBe(false);
    pinned.machine.gone();
    expect(at(pinned)).toBe(false);
  });

  test('is asked for by no run without a bead or a rig', () => {
    const one = refused(broken);
    const now = one.first.endedAt!;
    expect(hasOtherTaker(one.town.sql, { ...one.first, beadId: null }, now)).toBe(false);
    expect(hasOtherTaker(one.town.sql, { ...one.first, rigId: null }, now)).toBe(false);
    expect(blamesItsMachine(one.town.sql, { ...one.first, beadId: null }, now)).toBe(false);
  });
});

test('a machine is to blame for the first start of a bead that fails on it, not for the second, and never for another end', () => {
  const one = refused(broken);
  const blames = (run = one.first) => blamesItsMachine(one.town.sql, run, one.first.endedAt!);
  expect(blames()).toBe(true);
  const later = { ...one.first, id: 'run-00000000000a' as never };
  expect(blames(later)).toBe(false);
  expect(blames({ ...later, runnerId: 'rn-00000000000a' as never })).toBe(true);
  expect(blames({ ...one.first, sessionId: 's-1' as never })).toBe(false);
  expect(blames({ ...one.first, runnerId: HOME_RUNNER })).toBe(false);
  const other = one.wish('B') satisfies BeadId;
  expect(runsOfBead(one.town.sql, other)).toHaveLength(1);
  expect(blames()).toBe(true);
});
