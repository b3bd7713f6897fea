import { HOME_RUNNER, LIMITS, type PermissionCategory, type PermissionDecision, type PermissionRow } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';

const HOUR = 3_600_000;

/** A polecat in a turn that asks when the test says so. */
function atWork(more: { timeoutMs?: number } = {}) {
  const one = story({ polecat: silentPolecat });
  const beadId = one.wish('Add X', more);
  one.runner.work();
  const start = one.runner.starts[0]!;
  const { runId, generation } = start;
  const ask = (requestId: string, more: { category?: PermissionCategory; title?: string; detail?: string; whole?: boolean } = {}) => {
    one.town.now += 1;
    const { category = 'web', title = 'Read example.org', detail = 'GET https://example.org/', whole = true } = more;
    one.runner.report({ kind: 'permission.asked', runId, generation, requestId, category, title, detail, whole, at: one.town.now });
    return asked().at(-1)!;
  };
  const asked = (): PermissionRow[] => one.town.rows().permissions.toSorted((a, b) => a.askedAt - b.askedAt);
  const answer = (question: PermissionRow, decision: PermissionDecision) =>
    one.town.person({ kind: 'permission.answer', permissionId: question.id, decision });
  const told = () => one.town.handed.flatMap(({ effect }) => (effect.kind === 'permission.answer' ? [effect] : []));
  const lease = () => one.town.sql.all('SELECT lease_until FROM runs WHERE id = ?', runId)[0]!['lease_until'];
  const run = () => one.town.rows().runs.find((row) => row.id === runId)!;
  const agent = () => one.town.rows().agents.find((row) => row.id === start.agentId)!;
  return { ...one, beadId, start, ask, asked, answer, told, lease, run, agent };
}

describe('a question for permission', () => {
  test('shows on its bead and its agent, in the timeline, and on the page; the answer reaches the run once (I10, I19)', () => {
    const { ask, answer, asked, told, bead, beadId, agent, start, runner, town } = atWork();
    const question = ask('rq-1');
    expect(question).toMatchObject({
      runId: start.runId,
      beadId,
      category: 'web',
      title: 'Read example.org',
      decision: null,
      answeredAt: null,
    });
    expect(bead(beadId).wait).toEqual({ code: 'permission_asked', ref: question.id, until: null });
    expect(agent()).toMatchObject({ status: 'waiting', asks: question.id });
    expect(answer(question, 'once')).toMatchObject({ ok: true });
    expect(answer(question, 'once')).toMatchObject({ ok: true });
    expect(answer(question, 'deny')).toMatchObject({ ok: false, failure: { code: 'permission_over' } });
    runner.work();
    expect(told()).toEqual([
      { kind: 'permission.answer', runId: start.runId, generation: start.generation, requestId: 'rq-1', decision: 'once', reason: null },
    ]);
    expect(asked()[0]).toMatchObject({ decision: 'once', answeredBy: 'Ada' });
    expect(bead(beadId).wait?.code).toBe('agent_working');
    expect(agent()).toMatchObject({ status: 'working', asks: null });
    const events = town.rows().events.filter((event) => event.beadId === beadId && event.type.startsWith('permission'));
    expect(events.map((event) => [event.type, event.data['decision'] ?? null])).toEqual([
      ['permission_asked', null],
      ['permission_answered', 'once'],
    ]);
  });

  test('told twice is one question, and one that was decided is told its answer again (I18, I19)', () => {
    const { ask, answer, asked, told, runner } = atWork();
    const question = ask('rq-1');
    ask('rq-1', { title: 'something else' });
    expect(asked()).toHaveLength(1);
    answer(question, 'deny');
    runner.work();
    ask('rq-1');
    runner.work();
    expect(asked()).toEqual([expect.objectContaining({ title: 'Read example.org', decision: 'deny' })]);
    expect(told().map(({ decision }) => decision)).toEqual(['deny', 'deny']);
  });

  test('takes no time of its run: no lease while its runner is there, no watchdog, no alarm but its own (PT-3, I3)', () => {
    const { ask, answer, run, lease, start, town, runner } = atWork();
    const question = ask('rq-1');
    expect(lease()).toBeNull();
    expect(town.town.nextWake()).toBe(question.until);
    town.sleep(20 * HOUR, () => runner.work());
    expect(run().state).toBe('working');
    expect(town.rows().events.filter((event) => event.type === 'agent_silent')).toEqual([]);
    expect(town.rows().triage).toEqual([]);
    answer(question, 'run');
    expect(lease()).toBe(town.now + LIMITS.leaseMs.value);
    runner.work();
    const { runId, generation } = start;
    for (let n = 1; n < 30; n += 1) {
      town.sleep(LIMITS.leaseRenewMs.value, () => runner.work());
      runner.report({ kind: 'renew', runs: [{ runId, generation, lastActivityAt: 0 }] });
    }
    expect(town.rows().events.filter((event) => event.type === 'agent_silent')).toEqual([]);
  });

  test('takes no time of its bead either: what a person thinks over is no work (ST-12)', () => {
    const { ask, answer, run, town, runner } = atWork({ timeoutMs: 60_000 });
    town.sleep(20_000, () => runner.work());
    const [first, second] = [ask('rq-1'), ask('rq-2')];
    town.sleep(5 * HOUR, () => runner.work());
    answer(first, 'once');
    town.sleep(5 * HOUR, () => runner.work());
    answer(second, 'deny');
    town.sleep(39_000, () => runner.work());
    expect(run().state).toBe('working');
    town.sleep(2_000, () => runner.work());
    expect(run().failure?.code).toBe('bead_timeout');
  });

  test('has a lease again when its runner goes away, and none when the same one is back', () => {
    const { ask, lease, run, town, runner } = atWork();
    ask('rq-1');
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    expect(lease()).toBe(town.now + LIMITS.leaseMs.value);
    const held = [{ runId: run().id, generation: run().generation, turnInFlight: true }];
    const hello = { t: 'hello', protocol: 1, instance: runner.instance, agentKinds: ['kilo'], runs: held } as const;
    town.send({ kind: 'runner.hello', runnerId: HOME_RUNNER, hello: { ...hello, agentKinds: ['kilo'], runs: held } });
    expect(lease()).toBeNull();
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    town.sleep(LIMITS.leaseMs.value + 1, () => undefined);
    expect(run()).toMatchObject({ state: 'ended', failure: { code: 'runner_lost' } });
  });

  test('that nobody answers within a day is denied with the reason, and the agent goes on', () => {
    const { ask, asked, told, run, town, runner } = atWork();
    ask('rq-1');
    town.sleep(LIMITS.permissionWaitMs.value, () => runner.work());
    expect(asked()[0]).toMatchObject({ decision: 'deny', answeredBy: 'town', reason: 'Nobody answered within 24 hours.' });
    expect(told()).toEqual([expect.objectContaining({ decision: 'deny', reason: 'Nobody answered within 24 hours.' })]);
    expect(run().state).toBe('working');
  });

  test('is withdrawn by its agent, at the end of its turn, and at the end of its run; nobody can answer it then', () => {
    const { ask, answer, asked, told, bead, beadId, start, runner, town } = atWork();
    const { runId, generation } = start;
    const first = ask('rq-1');
    runner.report({ kind: 'permission.withdrawn', runId, generation, requestId: 'rq-1' });
    expect(asked()[0]).toMatchObject({ decision: null, reason: 'The agent does not ask any more.' });
    expect(bead(beadId).wait?.code).toBe('agent_working');
    expect(answer(first, 'once')).toMatchObject({ ok: false, failure: { code: 'permission_over' } });
    ask('rq-2');
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'cancelled', failure: null });
    expect(asked().at(-1)).toMatchObject({ decision: null, reason: 'The turn is over.' });
    runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });
    ask('rq-3');
    town.must({ kind: 'agent.reset', agentId: start.agentId });
    expect(asked().at(-1)).toMatchObject({ decision: null, reason: 'The run is over.' });
    ask('rq-4');
    runner.work();
    expect(asked()).toHaveLength(3);
    expect(told()).toEqual([]);
  });

  test('outside of a turn, and beyond what a run may have open, is denied at once; what was allowed for the run is allowed', () => {
    const { ask, answer, asked, told, start, runner } = atWork();
    answer(ask('rq-1'), 'run');
    expect(ask('rq-2')).toMatchObject({ decision: 'run', answeredBy: 'town' });
    expect(ask('rq-3', { detail: 'GET https://example.org/other' })).toMatchObject({ decision: null, answeredAt: null });
    for (let n = 0; n < LIMITS.openPermissions.value; n += 1) ask(`more-${n}`, { detail: `${n}` });
    expect(asked().at(-1)).toMatchObject({ decision: 'deny', reason: 'The run has 20 questions open already.' });
    const { runId, generation } = start;
    runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
    expect(ask('late', { detail: 'late' })).toMatchObject({ decision: 'deny', reason: 'It was asked outside of a turn.' });
    runner.work();
    expect(told().map(({ requestId }) => requestId)).toEqual(['rq-1', 'rq-2', 'more-19', 'late']);
  });

  test('is asked a bounded number of times in one run, which ends then as a failed attempt (I8)', () => {
    const { ask, asked, run, bead, beadId } = atWork();
    for (let n = 1; n <= LIMITS.permissionsPerRun.value; n += 1) ask(`rq-${n}`);
    expect(run().state).toBe('working');
    ask('one too many');
    expect(run()).toMatchObject({ state: 'ended', failure: { code: 'agent_stalled' } });
    expect(bead(beadId)).toMatchObject({ attempts: 1, failure: { code: 'agent_stalled' } });
    expect(asked()).toHaveLength(LIMITS.permissionsPerRun.value);
    expect(asked().every((one) => one.answeredAt !== null)).toBe(true);
  });

  test('of which a person would not see the end is denied, also where its beginning was allowed for the run', () => {
    const { ask, answer, asked } = atWork();
    answer(ask('rq-1', { category: 'commands', detail: 'make' }), 'run');
    expect(ask('rq-2', { category: 'commands', detail: 'make', whole: false })).toMatchObject({
      decision: 'deny',
      answeredBy: 'town',
      reason: expect.stringContaining('nobody allows what they do not see'),
    });
    expect(asked().map((one) => one.decision)).toEqual(['run', 'deny']);
  });

  test('shows nothing that hides or turns round a part of it', () => {
    const { ask } = atWork();
    const question = ask('rq-1', { title: 'run \u202etset mpn', detail: 'rm -rf \u001b[8m/\u001b[0m\nline two\u0007' });
    expect(question.title).toBe('run  tset mpn');
    expect(question.detail).toBe('rm -rf  [8m/ [0m\nline two');
  });

  test('keeps the lines of its details apart as they are set in, and nothing is set in so far that it is not seen (UI-18)', () => {
    const { ask } = atWork();
    expect(ask('rq-1', { detail: '{\n  "command": "ls",  \n  "in": [\n    "/etc"\n  ]\n}' }).detail).toBe(
      '{\n  "command": "ls",\n  "in": [\n    "/etc"\n  ]\n}',
    );
    expect(ask('rq-2', { detail: `ls\n${' '.repeat(900)}rm -rf /` }).detail).toBe(`ls\n${' '.repeat(16)}rm -rf /`);
  });

  test('of the Mayor is shown too, and a stop of the town withdraws it', () => {
    const one = story({ prompt: silentPrompt });
    one.town.must({ kind: 'mayor.tell', text: 'look it up' });
    one.runner.work();
    const run = one.town.rows().runs.find((row) => row.beadId === null)!;
    const { id: runId, generation } = run;
    one.runner.report({
      kind: 'permission.asked',
      runId,
      generation,
      requestId: 'a',
      category: 'web',
      title: 't',
      detail: '',
      whole: true,
      at: 1,
    });
    expect(one.town.rows().agents.find((row) => row.role === 'mayor')?.asks).toMatch(/^pm-/);
    one.town.must({ kind: 'town.stop' });
    expect(one.town.rows().permissions[0]).toMatchObject({ decision: null, reason: 'The run is over.' });
  });
});
const silentPrompt: NonNullable<Parameters<typeof story>[0]>['prompt'] = (runner, { runId, generation, nudgeId }) =>
  void runner.report({ kind: 'turn.started', runId, generation, nudgeId });

describe('what agents may do', () => {
  test('is the town’s setting, over it the rig’s, and travels with each start', () => {
    const { town, runner, wish, rigId } = story({ polecat: silentPolecat });
    wish('one');
    runner.work();
    expect(runner.starts.at(-1)?.permissions).toEqual({ web: 'deny', outside: 'deny', commands: 'allow' });
    town.must({ kind: 'town.configure', permissions: { web: 'ask' } });
    town.must({ kind: 'town.configure', permissions: { commands: 'ask' } });
    town.must({ kind: 'rig.update', rigId, permissions: { commands: 'deny' } });
    wish('two');
    runner.work();
    expect(runner.starts.at(-1)?.permissions).toEqual({ web: 'ask', outside: 'deny', commands: 'deny' });
    expect(town.rows().town[0]?.permissions).toEqual({ web: 'ask', outside: 'deny', commands: 'ask' });
    town.must({ kind: 'rig.update', rigId, permissions: {} });
    expect(town.rows().rigs[0]?.permissions).toEqual({});
  });
});
