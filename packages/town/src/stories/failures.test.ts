import { failure, FAILURE_CODES, FailureSource, type BeadId, type FailureCode } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, silentPolecat, story, type Script, type Story } from '../testing.ts';

const MINUTE = 60_000;
const crash: Script['polecat'] = (runner, { runId, generation }) =>
  void runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed', 'signal 11') });
const pass = (one: Story, minutes: number): void => {
  for (let n = 0; n < minutes; n += 1) {
    one.town.sleep(MINUTE, () => one.runner.work());
    if (one.runner.connected) one.runner.alive();
  }
};
const byMayor = (one: Story, tool: 'bead_fail', args: unknown): void => {
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.runner.work();
  one.runner.tool(
    one.runner.starts.find((start) => start.context.agent.role === 'mayor')!,
    tool,
    args,
  );
};

/** Every way in which work fails for good: what is scripted, what then happens, and what the bead must say. */
const WORK: readonly [string, Partial<Script>, (one: Story, beadId: BeadId) => void, FailureCode, string][] = [
  ['every attempt crashed', { polecat: crash }, () => undefined, 'attempts_exhausted', 'scheduler'],
  [
    'every attempt ended without handing in',
    { polecat: (runner, start) => runner.turn(start) },
    (one) => pass(one, 10),
    'attempts_exhausted',
    'scheduler',
  ],
  ['its gates failed each time', { 'merge.test': () => bad('gate_failed') }, (one) => pass(one, 5), 'attempts_exhausted', 'scheduler'],
  ['it conflicts each time', { 'merge.test': () => bad('merge_conflict') }, (one) => pass(one, 5), 'attempts_exhausted', 'scheduler'],
  [
    'no start ever worked',
    { 'run.start': () => bad('setup_failed', true, 'no space') },
    (one) => pass(one, 60),
    'dispatch_failed',
    'scheduler',
  ],
  ['a start that cannot work', { 'run.start': () => bad('agent_unknown', false) }, () => undefined, 'dispatch_failed', 'scheduler'],
  ['its agent never said whether it started', { 'run.start': () => null }, (one) => pass(one, 60), 'dispatch_failed', 'scheduler'],
  ['its agents fell silent', { polecat: silentPolecat }, (one) => pass(one, 30), 'attempts_exhausted', 'scheduler'],
  [
    'its time is over',
    { polecat: silentPolecat },
    (one, beadId) => {
      one.town.must({ kind: 'bead.update', beadId, timeoutMs: 60_000 });
      one.town.sleep(61_000, () => one.runner.work());
    },
    'bead_timeout',
    'patrol',
  ],
  [
    'a person gave it up',
    { polecat: silentPolecat },
    (one, beadId) => void one.town.must({ kind: 'bead.set_status', beadId, status: 'failed', reason: 'no' }),
    'failed_by_person',
    'user',
  ],
  [
    'the Mayor gave it up',
    { polecat: silentPolecat },
    (one, beadId) => byMayor(one, 'bead_fail', { bead_id: beadId, reason: 'no' }),
    'failed_by_mayor',
    'mayor',
  ],
  [
    'triage gave it up',
    { polecat: silentPolecat },
    (one) => {
      one.town.must({ kind: 'town.configure', patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 61_000, silenceEscalateMs: 62_000 } });
      one.town.sleep(80_000, () => one.runner.work());
      one.town.must({ kind: 'triage.resolve', triageId: one.town.rows().triage[0]!.id, action: 'CLOSE_BEAD', notes: 'no' });
    },
    'failed_by_triage',
    'triage',
  ],
];
/** Merge requests fail with what the refinery found. */
const MERGES: readonly FailureCode[] = ['gate_failed', 'gate_timeout', 'merge_conflict', 'branch_missing', 'push_refused', 'git_failed'];

const FAILED = `SELECT e.bead_id, e.data FROM bead_events e WHERE e.after = 'failed' ORDER BY e.id`;
const reasons = (one: Story): { code: string; message: string; source: string }[] =>
  one.town.sql
    .all(FAILED)
    .map((row) => (JSON.parse(String(row['data'])) as { failure: { code: string; message: string; source: string } }).failure);
function allTold(one: Story): void {
  for (const why of reasons(one)) {
    expect(FAILURE_CODES).toContain(why.code);
    expect(why.message.length).toBeGreaterThan(1);
    expect(FailureSource.options).toContain(why.source);
  }
}

describe('no failure without a code and a source (FR-1, FR-2, FR-5)', () => {
  test.each(WORK)('%s', (_name, script, then, code, source) => {
    const one = story(script);
    const beadId = one.wish('Add X');
    one.runner.work();
    then(one, beadId);
    expect(one.bead(beadId)).toMatchObject({ status: 'failed', failure: { code, source } });
    expect(reasons(one).length).toBeGreaterThan(0);
    allTold(one);
  });

  test.each(MERGES)('a merge request: %s', (code) => {
    const one = story({ 'merge.test': () => bad(code, false, `it was ${code}`) });
    const beadId = one.wish('Add X');
    one.runner.work();
    expect(one.town.rows().merges.find((merge) => merge.beadId === beadId)).toMatchObject({ phase: 'failed', failure: { code } });
    expect(reasons(one)[0]).toEqual({ code, message: `it was ${code}`, source: 'refinery' });
    allTold(one);
  });

  test('what the agent’s end said is in the reason, attempt by attempt (RC-21, RC-31)', () => {
    const one = story({ polecat: crash });
    const beadId = one.wish('Add X');
    one.runner.work();
    expect(one.bead(beadId).failure?.message).toContain('3 attempts failed, each for the same reason: signal 11');
  });

  test('the reason is readable after later events, and the newest failure is the one that is told (FR-3)', () => {
    const one = story({ polecat: crash });
    const beadId = one.wish('Add X');
    one.runner.work();
    one.town.must({ kind: 'bead.update', beadId, title: 'Add Y', labels: ['later'] });
    one.town.must({ kind: 'bead.archive', beadIds: [beadId] });
    expect(one.bead(beadId).failure).toMatchObject({ code: 'attempts_exhausted', source: 'scheduler' });
    one.town.must({ kind: 'bead.unarchive', beadIds: [beadId] });
    one.town.must({ kind: 'bead.retry', beadId });
    one.town.must({ kind: 'bead.set_status', beadId, status: 'failed', reason: 'enough' });
    one.town.must({ kind: 'bead.update', beadId, title: 'Add Z' });
    expect(one.bead(beadId).failure).toMatchObject({ code: 'failed_by_person', message: 'enough', source: 'user' });
    expect(reasons(one).map((why) => why.code)).toEqual(['attempts_exhausted', 'failed_by_person']);
  });
});
