import { LIMITS } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, replica, silentPolecat, sortedTables, story, type Script } from '../testing.ts';

function atWork(script: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...script }, { check: false });
  const beadId = one.wish('Add X');
  one.runner.work();
  const { runId, generation } = one.runner.starts[0]!;
  const run = () => one.town.rows().runs.find((row) => row.id === runId)!;
  const damage = () => one.town.sql.run(`UPDATE beads SET labels = 'no JSON' WHERE id = ?`, beadId);
  return { ...one, run, damage, ref: { runId, generation } };
}

describe('a run', () => {
  test('whose bead cannot be read goes on while other beads change (DM-15)', () => {
    const { damage, run, wish } = atWork();
    damage();
    wish('another');
    expect(run().state).toBe('working');
  });

  test('whose bead changes while nobody can read it is over, and no rule breaks of it (DM-15, RC-15)', () => {
    const { damage, run, runner, ref, town } = atWork({ polecat: () => undefined });
    damage();
    const begun = runner.report({ kind: 'turn.started', ...ref, nudgeId: null });
    expect(begun).toMatchObject({ ok: true });
    expect(run()).toMatchObject({ state: 'ended', endReason: 'stopped' });
    expect(town.rows().quarantine).toEqual([]);
  });

  test('that is still in the turn in which it handed in is what its bead waits for, when the merge failed for the agent to mend (I10, RC-31)', () => {
    const { run, runner, ref, town, bead } = atWork({ 'merge.test': () => bad('merge_conflict') });
    runner.done(runner.starts[0]!);
    runner.work();
    const of = run().beadId!;
    expect(bead(of)).toMatchObject({ status: 'in_review', wait: { code: 'agent_working', ref: run().id } });
    const browser = replica();
    browser.pull(town);
    runner.report({ kind: 'turn.ended', ...ref, stopReason: 'end_turn', failure: null });
    expect(bead(of)).toMatchObject({ status: 'in_progress', attempts: 1 });
    browser.pull(town);
    expect(browser.rows()).toEqual(sortedTables(town.rows()));
  });

  test('of which nothing is left to mend does not hide that a person is asked (I10)', () => {
    const { run, runner, bead } = atWork({ 'merge.test': () => bad('push_refused') });
    runner.done(runner.starts[0]!);
    runner.work();
    expect(run().state).toBe('working');
    expect(bead(run().beadId!).wait).toMatchObject({ code: 'needs_person' });
  });

  test('that ended its turns without handing in says how many there were (RC-31)', () => {
    const { run, runner, ref } = atWork();
    runner.report({ kind: 'turn.ended', ...ref, stopReason: 'end_turn', failure: null });
    runner.work();
    const turns = LIMITS.donePromptsPerRun.value + 1;
    expect(run().failure).toMatchObject({ code: 'ended_without_done', message: expect.stringContaining(` ${turns} times `) });
  });
});
