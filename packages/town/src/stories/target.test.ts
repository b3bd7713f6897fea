import { failure, LIMITS, targetMissing, type FailureCode } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, replica, sha, silentPolecat, sortedTables, story, type Script, type Story } from '../testing.ts';

const seen = (defaultBranch: string, empty = false) => good({ kind: 'rig', defaultBranch, empty, head: empty ? null : sha('base') });
const refused = (target: string) => ({ state: 'failed', failure: targetMissing(target, 'trunk'), retry: false }) as const;

/** A repository where `main` is not the name of the branch to land on any more. `look`: what its runner finds there when asked. */
function renamed(script: Partial<Script> = {}) {
  const one = story();
  const start = one.runner.script['run.start'];
  Object.assign(one.runner.script, {
    'run.start': (effect: Parameters<typeof start>[0]) => (effect.context.targetBranch === 'trunk' ? start(effect) : refused('main')),
    ...script,
  });
  const rig = () => one.town.rows().rigs.find(({ id }) => id === one.rigId)!;
  const looks = () => one.town.handed.filter(({ effect }) => effect.kind === 'rig.connect').length;
  const before = looks();
  const reconnect = (found: ReturnType<typeof seen>) => {
    one.runner.script['rig.connect'] = () => found;
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
  };
  const browser = replica();
  const agrees = () => {
    browser.pull(one.town);
    expect(browser.rows()).toEqual(sortedTables(one.town.rows()));
  };
  return { ...one, rig, looks: () => looks() - before, reconnect, agrees };
}

describe('a start where the branch to land on is gone', () => {
  test('costs its bead nothing; the rig says what is missing and holds what it has, until a person reconnects it (RC-34, I10)', () => {
    const one = renamed();
    const ids = [one.wish('Add X'), one.wish('Add Y')];
    one.runner.work();
    one.agrees();
    expect(one.rig()).toMatchObject({ state: 'unreachable', failure: targetMissing('main', 'trunk'), defaultBranch: 'main' });
    for (const id of ids) {
      expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, failure: null, wait: { code: 'rig_unreachable' } });
      expect(one.town.sql.all('SELECT starts FROM issues WHERE bead_id = ?', id)).toEqual([{ starts: 0 }]);
    }
    const runs = one.town.rows().runs.length;
    one.town.sleep(86_400_000, () => one.runner.work());
    expect([one.town.rows().runs.length, one.looks()]).toEqual([runs, 0]);
    one.reconnect(seen('trunk'));
    expect(one.rig()).toMatchObject({ state: 'ready', failure: null, defaultBranch: 'trunk' });
    expect(ids.map((id) => one.bead(id).status)).toEqual(['closed', 'closed']);
    one.agrees();
  });

  test('is no word about the branch of another name that the rig has meanwhile: it begins again there', () => {
    let answer = false;
    const one = renamed({ 'run.start': () => (answer ? refused('main') : null) });
    const id = one.wish('Add X');
    one.runner.work();
    one.reconnect(seen('trunk'));
    const { effectId } = one.town.handed.find(({ effect }) => effect.kind === 'run.start')!;
    answer = true;
    one.runner.report({ kind: 'outcome', effectId, outcome: refused('main') });
    expect(one.rig().state).toBe('ready');
    expect(one.bead(id)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(one.runsOf(id)).toHaveLength(2);
  });
});

describe('a repository that had commits and has no branch any more', () => {
  function emptied() {
    const one = renamed({ 'run.start': () => ({ state: 'failed', failure: failure('repository_unreachable'), retry: false }) });
    one.runner.script['rig.connect'] = () => seen('main', true);
    const id = one.wish('Add X');
    one.runner.work();
    return { ...one, id };
  }

  test('does not begin anew because the town looked at it: that is said, and its work waits (I1, I4, AG-19)', () => {
    const one = emptied();
    expect(one.looks()).toBe(1);
    expect(one.rig()).toMatchObject({ state: 'unreachable', empty: false, failure: targetMissing('main', null) });
    expect(one.bead(one.id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
    one.agrees();
  });

  test('begins anew when a person reconnects it (AG-19)', () => {
    const one = emptied();
    one.runner.script['run.start'] = () => null;
    one.reconnect(seen('main', true));
    expect(one.rig()).toMatchObject({ state: 'ready', empty: true });
    expect(one.bead(one.id).wait?.code).toBe('agent_starting');
  });

  test('is told to who tests a merge: whether it may be the first commit (AG-19)', () => {
    const told = (empty: boolean) => {
      const one = story({ 'rig.connect': () => seen('main', empty), 'merge.test': () => null });
      one.wish('Add X');
      one.runner.work();
      return one.town.handed.flatMap(({ effect }) => (effect.kind === 'merge.test' ? [effect.isNew] : []));
    };
    expect([told(true), told(false)]).toEqual([[true], [false]]);
  });
});

describe('a hand-in where the branch to land on is gone', () => {
  function atWork() {
    const one = story({ polecat: silentPolecat });
    const id = one.wish('Add X');
    one.runner.work();
    const { runId, generation } = one.runner.starts[0]!;
    const rig = () => one.town.rows().rigs.find((row) => row.id === one.rigId)!;
    const idle = () => {
      one.runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
      one.runner.work();
    };
    const refused = (cause: FailureCode = 'target_missing') => {
      const why = failure('not_pushed', 'The branch could not be handed in.', { cause, target: 'main' });
      one.runner.report({ kind: 'hand_in.refused', runId, generation, failure: why });
    };
    return { ...one, id, rig, idle, refused };
  }

  test('is said by the rig at once, so that no other agent is sent there, and costs no attempt (I10, RC-31)', () => {
    const one = atWork();
    one.refused();
    expect(one.rig()).toMatchObject({ state: 'unreachable', failure: { code: 'target_missing' } });
    one.idle();
    expect(one.runsOf(one.id)).toMatchObject([{ state: 'ended', failure: { code: 'target_missing' } }]);
    expect(one.bead(one.id)).toMatchObject({ status: 'open', attempts: 0, wait: { code: 'rig_unreachable' } });
  });

  test('costs no attempt either where the rig has another name for it since the run began: the next one lands there (RC-31)', () => {
    const one = atWork();
    one.runner.script['rig.connect'] = () => seen('trunk');
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
    one.refused();
    expect(one.rig().state).toBe('ready');
    one.idle();
    expect(one.runsOf(one.id)[0]).toMatchObject({ state: 'ended', failure: { code: 'target_missing' } });
    expect(one.bead(one.id)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(one.runner.starts.at(-1)?.context.targetBranch).toBe('trunk');
  });

  test('stays so though the repository is looked at for another reason; where the branch is back it goes on (I4)', () => {
    const one = atWork();
    const looked = (branch: string) => {
      one.runner.script['rig.connect'] = () => seen(branch);
      one.refused();
      one.refused('repository_locked');
      one.runner.work();
      return one.rig();
    };
    expect(looked('trunk')).toMatchObject({ state: 'unreachable', failure: { code: 'target_missing' }, defaultBranch: 'main' });
    expect(looked('main')).toMatchObject({ state: 'ready', defaultBranch: 'main' });
  });

  test('is not settled by a look of the town that finds the repository with another default: it goes on as connected, until a person reconnects it (I4)', () => {
    const one = atWork();
    one.runner.script['rig.connect'] = () => seen('trunk');
    one.refused('repository_locked');
    one.runner.work();
    expect(one.rig()).toMatchObject({ state: 'ready', failure: null, defaultBranch: 'main' });
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
    expect(one.rig()).toMatchObject({ state: 'ready', defaultBranch: 'trunk' });
  });

  test('stays so though the repository could not be reached for a while since: that settles no other branch (I4)', () => {
    const one = atWork();
    one.refused();
    one.runner.script['rig.connect'] = () => bad('repository_unreachable', true);
    one.refused('repository_locked');
    one.runner.work();
    expect(one.rig()).toMatchObject({ state: 'unreachable', failure: { code: 'target_missing' }, looksAgainAt: expect.any(Number) });
    one.runner.script['rig.connect'] = () => seen('trunk');
    one.town.sleep(LIMITS.lookAgainCapMs.value, () => one.runner.work());
    expect(one.rig()).toMatchObject({ state: 'unreachable', failure: { code: 'target_missing' }, defaultBranch: 'main' });
    one.town.must({ kind: 'rig.reconnect', rigId: one.rigId });
    one.runner.work();
    expect(one.rig()).toMatchObject({ state: 'ready', defaultBranch: 'trunk' });
  });
});

describe('a merge whose branch to land on is gone', () => {
  const tested = (effect: Parameters<Script['merge.test']>[0]) =>
    effect.targetBranch === 'main'
      ? refused('main')
      : good({
          kind: 'tested',
          passed: true,
          baseCommit: sha('base'),
          mergeCommit: sha(`merge ${effect.mergeId}`),
          gates: [],
          failure: null,
        });
  const landedOn = ({ town }: Story) =>
    town.handed.flatMap(({ effect }) => (effect.kind === 'merge.land' ? [`${effect.mergeId} ${effect.targetBranch}`] : []));

  test('waits with all of its line, and fails nobody; they land in their order on the branch that the rig has when a person reconnected it (I4, I10, RC-34)', () => {
    let holds = true;
    const one = renamed({
      'run.start': story().runner.script['run.start'],
      'merge.test': (effect) => (effect.targetBranch === 'trunk' && holds ? null : tested(effect)),
    });
    const ids = [one.wish('Add X'), one.wish('Add Y')];
    one.runner.work();
    one.agrees();
    expect(one.rig()).toMatchObject({ state: 'unreachable', failure: targetMissing('main', 'trunk') });
    for (const id of ids) expect(one.bead(id)).toMatchObject({ status: 'in_review', attempts: 0, wait: { code: 'rig_unreachable' } });
    expect(one.town.rows().escalations).toEqual([]);
    one.town.sleep(60_000, () => one.runner.work());
    one.reconnect(seen('trunk'));
    one.agrees();
    expect(ids.map((id) => [one.mergeOf(id).phase, one.mergeOf(id).targetBranch])).toEqual([
      ['testing', 'trunk'],
      ['queued', 'trunk'],
    ]);
    const moved = one.town.now;
    expect(ids.map((id) => one.mergeOf(id).updatedAt)).toEqual([moved, moved]);
    /** One finds it out for all. */
    expect(one.town.handed.filter(({ effect }) => effect.kind === 'merge.test' && effect.targetBranch === 'main')).toHaveLength(1);
    holds = false;
    one.town.sleep(86_400_000, () => one.runner.work());
    expect(ids.map((id) => one.bead(id).status)).toEqual(['closed', 'closed']);
    expect(landedOn(one)).toEqual(ids.map((id) => `${one.mergeOf(id).id} trunk`));
    expect(one.mergeOf(ids[0]!)).toMatchObject({ phase: 'landed', targetBranch: 'trunk', failure: null });
  });

  test('goes behind what waits for that branch already, which may have it by another name only (I4)', () => {
    let holds = true;
    const one = renamed({
      'run.start': story().runner.script['run.start'],
      'merge.test': (effect) => (holds ? null : tested(effect)),
    });
    const before = one.wish('Add X');
    one.runner.work();
    one.reconnect(seen('trunk'));
    const after = one.wish('Add Y');
    one.runner.work();
    expect([before, after].map((id) => one.mergeOf(id).targetBranch)).toEqual(['main', 'trunk']);
    holds = false;
    one.town.sleep(86_400_000, () => one.runner.work());
    expect(landedOn(one).toSorted()).toEqual([before, after].map((id) => `${one.mergeOf(id).id} trunk`).toSorted());
    expect(one.rig().state).toBe('ready');
  });

  test('lands where it was to where the branch was put back; and one that landed is left as it is', () => {
    let gone = true;
    const one = renamed({
      'run.start': story().runner.script['run.start'],
      'merge.test': (effect) => (gone ? refused('main') : tested({ ...effect, targetBranch: 'put back' })),
    });
    const id = one.wish('Add X');
    one.runner.work();
    gone = false;
    one.reconnect(seen('main'));
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', targetBranch: 'main' });
    one.reconnect(seen('trunk'));
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', targetBranch: 'main' });
  });

  test('that failed so before can be retried: it lands on the branch of now', () => {
    const one = renamed({ 'run.start': story().runner.script['run.start'], 'merge.test': () => bad('git_failed') });
    const id = one.wish('Add X');
    one.runner.work();
    one.reconnect(seen('trunk'));
    one.runner.script['merge.test'] = tested;
    one.town.must({ kind: 'merge.retry', mergeId: one.mergeOf(id).id });
    one.runner.work();
    expect(one.mergeOf(id)).toMatchObject({ phase: 'landed', targetBranch: 'trunk' });
  });
});
