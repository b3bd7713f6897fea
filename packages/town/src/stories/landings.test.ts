import { failure, NO_USAGE, type BeadId, type Outcome, type Sha } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { findBead } from '../beads/store.ts';
import { findMerge, setPhase } from '../merges/store.ts';
import { openTx } from '../tx.ts';
import { bad, good, sha, silentPolecat, story, type Story } from '../testing.ts';

type Kind = 'merge.test' | 'merge.land';
const answer = (one: Story, kind: Kind, outcome: Outcome): void => {
  const { effectId } = one.town.handed.findLast((due) => due.effect.kind === kind)!;
  one.runner.report({ kind: 'outcome', effectId, outcome });
};
const passed = good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha('merge'), gates: [], failure: null });
const landed = good({ kind: 'landed', mergeCommit: sha('merge') });
const outbox = ({ town }: Story) => town.sql.all('SELECT kind FROM outbox').map(({ kind }) => kind);
const merges = ({ town }: Story, beadId: BeadId) =>
  town
    .rows()
    .merges.filter((merge) => merge.beadId === beadId)
    .toSorted((a, b) => a.createdAt - b.createdAt);
const endTurn = (one: Story): void => {
  const { runId, generation } = one.runner.starts[0]!;
  one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
};

/** A bead whose merge is answered so while the agent is still in the turn in which it handed in. */
function handedIn(outcome: Outcome, check = true) {
  const one = story({ polecat: silentPolecat, 'merge.test': () => outcome }, { check });
  const id = one.wish('Add X');
  one.runner.work();
  one.runner.done(one.runner.starts[0]!);
  one.runner.work();
  return { ...one, id };
}

/** A bead that a person took back while its merge was landing, and that is handed in anew; the first landing is still under way. */
function twice() {
  const one = story({ 'merge.test': () => passed, 'merge.land': () => null });
  const id = one.wish('Add X');
  one.runner.work();
  one.town.now += 1_000;
  one.town.must({ kind: 'bead.set_status', beadId: id, status: 'open', reason: 'once more' });
  one.runner.work();
  expect(merges(one, id).map((merge) => merge.phase)).toEqual(['landing', 'queued']);
  expect(one.bead(id)).toMatchObject({ status: 'in_review', mergeId: merges(one, id)[1]?.id });
  return { ...one, id };
}

describe('what follows from a landing', () => {
  test('bead and merge request are closed, the commit is in the ledger, and the branch is deleted (I4, DM-9)', () => {
    const one = story({ 'merge.test': () => passed });
    const id = one.wish('Add X');
    one.runner.work();
    const { branch, headCommit } = one.mergeOf(id);
    const mergeId: string = one.mergeOf(id).id;
    const { events } = one.town.rows();
    expect(findBead(one.town.sql, mergeId)).toMatchObject({ type: 'merge_request', title: 'Add X', status: 'closed', labels: [] });
    expect(events.find(({ type }) => type === 'review_submitted')).toMatchObject({ beadId: mergeId, data: { source: id, branch } });
    expect(events.find(({ beadId, type }) => beadId === mergeId && type === 'closed')?.data).toMatchObject({ commit: sha('merge') });
    expect(events.find(({ beadId, type }) => beadId === id && type === 'closed')?.data).toMatchObject({ mergeId, commit: sha('merge') });
    expect(one.town.handed.at(-1)?.effect).toMatchObject({ kind: 'branch.delete', branch, headCommit });
    expect(outbox(one)).toEqual([]);
  });

  test('nothing is closed before the runner said that the target has the commit, however long that takes or how often it is lost (MQ-7, I4)', () => {
    const one = story({ 'merge.test': () => passed, 'merge.land': () => null });
    const id = one.wish('Add X');
    one.runner.work();
    expect(one.mergeOf(id).phase).toBe('landing');
    answer(one, 'merge.land', bad('repository_unreachable', true));
    one.town.sleep(60_000, () => one.runner.work());
    expect([one.bead(id).status, one.mergeOf(id).phase, one.mergeOf(id).landedAt]).toEqual(['in_review', 'landing', null]);
    answer(one, 'merge.land', landed);
    one.runner.work();
    expect([one.bead(id).status, one.mergeOf(id).phase]).toEqual(['closed', 'landed']);
  });

  test('a branch that the repository does not delete is told with its bead and the reason (I10, UI-12)', () => {
    const one = story({ 'merge.test': () => passed, 'branch.delete': () => bad('push_refused', false, 'It deletes no branches.') });
    const id = one.wish('Add X');
    one.runner.work();
    const { branch } = one.mergeOf(id);
    const told = one.town.rows().events.filter(({ type }) => type === 'effect_failed');
    expect(told).toMatchObject([{ beadId: id, data: { kind: 'branch.delete', branch, failure: { message: 'It deletes no branches.' } } }]);
    expect(outbox(one)).toEqual([]);
  });

  test('a branch that could not be deleted however often it was tried is told with its bead and its name (I10, UI-12)', () => {
    const one = story({ 'merge.test': () => passed, 'branch.delete': () => bad('repository_unreachable', true, 'It does not answer.') });
    const id = one.wish('Add X');
    one.runner.work();
    for (let n = 0; n < 20 && one.town.rows().parked.length === 0; n += 1) {
      one.town.now = one.town.town.nextWake() ?? one.town.now;
      one.town.send({ kind: 'wake' });
      one.runner.work();
    }
    const [parked] = one.town.rows().parked;
    const { branch } = one.mergeOf(id);
    const told = one.town.rows().events.filter(({ type }) => type === 'effect_parked');
    expect(told).toMatchObject([{ beadId: id, data: { effectId: parked?.id, branch, failure: { message: 'It does not answer.' } } }]);
  });

  test('what failed before is forgotten: reopened, the bead shows no failure', () => {
    let tests = 0;
    const one = story({ 'merge.test': () => ((tests += 1) > 1 ? passed : bad('merge_conflict')) });
    const id = one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'open' });
    expect(one.bead(id)).toMatchObject({ status: 'open', failure: null });
  });

  test('what a person takes away while it is landing lands all the same, and the bead stays as they said (ST-8, ST-14)', () => {
    const one = story({ 'merge.test': () => passed, 'merge.land': () => null });
    const id = one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'closed', reason: 'enough' });
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landing', position: 1 });
    answer(one, 'merge.land', landed);
    expect(one.mergeOf(id).phase).toBe('landed');
    expect(one.town.rows().events.filter(({ beadId, after }) => beadId === id && after === 'closed')).toHaveLength(1);
  });

  test('what a person takes away while it is under test leaves nothing to be done', () => {
    const one = story({ 'merge.test': () => null });
    const id = one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'closed', reason: 'not wanted' });
    expect(outbox(one)).toEqual([]);
    expect(one.town.rows().escalations).toEqual([]);
  });

  test('a landing of an older merge does not close a bead that was handed in anew (ST-8)', () => {
    const one = twice();
    answer(one, 'merge.land', landed);
    expect(merges(one, one.id).map((merge) => merge.phase)).toEqual(['landed', 'testing']);
    expect(one.bead(one.id)).toMatchObject({ status: 'in_review', wait: { code: 'testing' } });
  });

  test.each(['push_refused', 'merge_conflict'] as const)('an older merge that fails (%s) costs nothing and asks nobody', (code) => {
    const one = twice();
    answer(one, 'merge.land', bad(code));
    expect(merges(one, one.id).map((merge) => merge.phase)).toEqual(['failed', 'testing']);
    expect(one.bead(one.id)).toMatchObject({ status: 'in_review', attempts: 0, wait: { code: 'testing' } });
    expect(one.town.rows().escalations).toEqual([]);
  });
});

describe('what follows from a merge that failed', () => {
  test('in the turn of its agent: the bead is back in line when that run has ended, with one attempt more (ST-6, RC-31)', () => {
    const one = handedIn(bad('gate_timeout'));
    expect(one.bead(one.id)).toMatchObject({ status: 'in_review', attempts: 0 });
    expect(one.runsOf(one.id)).toMatchObject([{ state: 'working' }]);
    endTurn(one);
    expect(one.bead(one.id)).toMatchObject({ status: 'in_progress', attempts: 1 });
    expect(one.runsOf(one.id)).toMatchObject([{ endReason: 'done' }, { state: 'starting', attempt: 2 }]);
  });

  test('is charged once: the next run, that is lost, costs an attempt of its own and no more (RC-31)', () => {
    const one = story({ 'merge.test': () => bad('gate_failed') });
    const id = one.wish('Add X');
    one.runner.script.polecat = (runner, start) => {
      if (start.context.attempt === 1) return runner.turn(start, null, null, () => void runner.done(start));
      silentPolecat(runner, start);
    };
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'in_progress', attempts: 1 });
    const { runId, generation } = one.runner.starts[1]!;
    one.runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
    expect(one.bead(id)).toMatchObject({ status: 'in_progress', attempts: 2 });
  });

  test('a matter for a person is asked once: not again when the run ends or is charged for, after it was acknowledged (ES-4, I8)', () => {
    const one = handedIn(bad('push_refused'));
    const [question] = one.town.rows().escalations;
    expect(question).toMatchObject({ beadId: one.id, category: 'failed', message: expect.stringContaining('Add X cannot be merged') });
    one.town.must({ kind: 'escalation.acknowledge', escalationId: question!.id });
    const asked = one.town.rows().escalations;
    endTurn(one);
    one.town.send({ kind: 'spend', runId: one.runner.starts[0]!.runId, usage: { ...NO_USAGE, costMicros: 1 }, model: 'm' });
    expect(one.runsOf(one.id)).toMatchObject([{ state: 'ended' }]);
    expect(one.town.rows().escalations).toEqual(asked);
    expect(one.bead(one.id)).toMatchObject({ status: 'in_review', attempts: 0, wait: { code: 'needs_person' } });
  });

  test.each([
    ['merge.test', 'none', good({ kind: 'none' })],
    ['merge.land', 'none', good({ kind: 'none' })],
    ['merge.land', 'tested', passed],
  ] as const)('an answer that is none to %s (%s) lands nothing, and a person is asked (I5)', (kind, said, outcome) => {
    const one = story({ [kind]: () => outcome });
    const id = one.wish('Add X');
    one.runner.work();
    expect(one.mergeOf(id)).toMatchObject({ phase: 'failed', failure: { code: 'git_failed', message: expect.stringContaining(said) } });
    expect(one.town.rows().escalations).toMatchObject([{ beadId: id, message: expect.stringContaining(said) }]);
    expect(outbox(one)).toEqual([]);
  });

  test.each([
    ['a landed one', 'merge.land', landed, landed],
    ['a failed one', 'merge.test', bad('push_refused'), passed],
    ['a failed one', 'merge.test', bad('push_refused'), bad('repository_unreachable', true)],
  ] as const)('an outcome that comes for %s after all changes nothing (I4, I18)', (_name, kind, first, late) => {
    const one = story({ [kind]: () => null }, { check: false });
    const id = one.wish('Add X');
    one.runner.work();
    one.town.sql.run('CREATE TABLE before AS SELECT * FROM outbox');
    answer(one, kind, first);
    one.runner.work();
    one.town.sql.run('INSERT INTO outbox SELECT * FROM before');
    const before = one.mergeOf(id);
    answer(one, kind, late);
    expect(one.mergeOf(id)).toEqual(before);
    expect(outbox(one)).toEqual([]);
  });

  test('what landed never leaves it, whoever asks (I4)', () => {
    const one = story();
    const id = one.wish('Add X');
    one.runner.work();
    const merge = findMerge(one.town.sql, one.mergeOf(id).id)!;
    const tx = openTx(one.town.sql, { now: one.town.now, random: () => '' }, { kind: 'town' }, 'test');
    expect(() => setPhase(tx, merge, 'queued')).toThrow(/landed cannot become queued/);
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', mergeCommit: merge.mergeCommit as Sha });
  });
});

describe('a retry by a person', () => {
  const retried = (one: Story, mergeId = one.town.rows().merges[0]!.id) => one.town.person({ kind: 'merge.retry', mergeId });
  const refused = (now: string) => ({
    ok: false,
    failure: { code: 'illegal_transition', message: expect.stringMatching(new RegExp(`is ${now}\\.$`)) },
  });

  test('is of the last merge of a bead that waits, after it failed, and of no other', () => {
    const one = story({ polecat: silentPolecat, 'merge.test': () => null, 'merge.land': () => null });
    one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'town.pause' });
    one.runner.done(one.runner.starts[0]!);
    expect(retried(one)).toMatchObject(refused('queued'));
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    expect(retried(one)).toMatchObject(refused('testing'));
    answer(one, 'merge.test', passed);
    one.runner.work();
    expect(retried(one)).toMatchObject(refused('landing'));
    answer(one, 'merge.land', landed);
    expect(retried(one)).toMatchObject(refused('landed'));
    expect(retried(one, 'mr-00000000' as never)).toMatchObject({ ok: false, failure: { code: 'unknown_merge' } });
  });

  test('is not of a merge that was replaced', () => {
    const one = twice();
    answer(one, 'merge.land', bad('push_refused'));
    expect(retried(one, merges(one, one.id)[0]!.id)).toMatchObject(refused('replaced by a newer one'));
  });

  test('is not of a bead that an agent still has, that is closed, or that cannot be read (DM-15)', () => {
    const one = handedIn(bad('push_refused'), false);
    expect(retried(one)).toMatchObject(refused('of a bead that its agent still has'));
    endTurn(one);
    one.town.must({ kind: 'bead.set_status', beadId: one.id, status: 'closed' });
    expect(retried(one)).toMatchObject(refused('over: its bead is closed'));
    one.town.sql.run(`UPDATE beads SET status = 'lost' WHERE id = ?`, one.id);
    expect(retried(one)).toMatchObject(refused('over: its bead is gone'));
  });

  test('brings a bead that failed meanwhile back to review, and it lands', () => {
    const one = story({ 'merge.test': () => bad('push_refused') });
    const id = one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'bead.set_status', beadId: id, status: 'failed', reason: 'we shall see' });
    one.runner.script['merge.test'] = () => passed;
    const { id: mergeId } = one.mergeOf(id);
    one.town.must({ kind: 'merge.retry', mergeId });
    expect(one.bead(id)).toMatchObject({ status: 'in_review', wait: { code: 'testing' } });
    const events = one.town.rows().events.filter(({ beadId, after }) => beadId === id && after === 'in_review');
    expect(events.at(-1)).toMatchObject({ actor: 'Ada', before: 'failed', data: { mergeId } });
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
  });
});
