import type { BeadId, RunId } from '@gastown/protocol';
import { HOME_RUNNER, explainConvoy, NO_USAGE } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { openTown } from '../town.ts';
import { bad, memorySql, PERSON, replica, silentPolecat, sortedTables, story, TOWN_CREATE, type Story } from '../testing.ts';
import { blocks, bring, line } from '../testing/bring.ts';

const inStep = ({ town }: Story, browser: ReturnType<typeof replica>): void => {
  browser.pull(town);
  expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(town.rows()), events: [] });
};

/** What was found by reading the core with bad intent. */
describe('found by reading', () => {
  for (const [how, again] of [
    ['retried', { kind: 'bead.retry' }],
    ['opened by hand', { kind: 'bead.set_status', status: 'open' }],
  ] as const)
    test(`a bead that was put out of sight and is ${how} is in sight again and is worked on (AR-1, I10)`, () => {
      const one = story();
      const beadId = one.wish('forgotten');
      one.town.must({ kind: 'bead.set_status', beadId, status: 'failed' });
      one.town.must({ kind: 'bead.archive', beadIds: [beadId] });
      one.town.must({ ...again, beadId });
      expect(one.bead(beadId)).toMatchObject({ archivedAt: null });
      one.runner.work();
      expect(one.bead(beadId).status).toBe('closed');
    });

  test('a parent that is put off until another time shows that time on its parts (I10, I17)', () => {
    const one = story();
    const { town, rigId } = one;
    const browser = replica();
    town.must({ kind: 'town.pause' });
    const parent = one.wish('parent');
    const { beadId: part } = town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title: 'part', parentId: parent });
    town.must({ kind: 'bead.defer', beadId: parent, until: town.now + 1_000 });
    inStep(one, browser);
    town.must({ kind: 'bead.defer', beadId: parent, until: town.now + 9_000 });
    expect(one.bead(part).wait).toMatchObject({ code: 'parent_deferred', until: town.now + 9_000 });
    inStep(one, browser);
  });

  test('the end of a run has its consequences once, also when its last call is booked in the same millisecond (RC-18, I18)', () => {
    const one = story({ 'run.start': () => bad('dispatch_failed', true) });
    const { town, runner } = one;
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const failures = () => town.sql.all(`SELECT failures FROM agents WHERE role = 'mayor'`)[0]?.failures;
    expect(failures()).toBe(1);
    const [run] = town.rows().runs;
    town.send({ kind: 'spend', runId: run!.id as RunId, usage: { ...NO_USAGE, inputTokens: 5 }, model: 'm' });
    expect(failures()).toBe(1);
  });

  test('an id that is taken is not given again, whatever the dice say (ID, I1)', () => {
    const sql = memorySql();
    const town = openTown(sql);
    let next = 0;
    const dice = (bytes: number): string => (Math.floor(next++ / 3) + 1).toString(16).padStart(bytes * 2, '0');
    const send = (command: Parameters<typeof town.handle>[0]['command']) =>
      town.handle({ key: null, actor: PERSON, command }, { now: 1_700_000_000_000, random: dice });
    expect(send(TOWN_CREATE).ok).toBe(true);
    const rig = send({ kind: 'person', command: { kind: 'rig.add', name: 'app', gitUrl: 'https://example.test/a.git' }, secret: null });
    const rigId = (rig.ok && (rig.value as { rigId: never }).rigId) as never;
    for (let n = 0; n < 12; n += 1)
      expect(send({ kind: 'person', command: { kind: 'bead.create', rigId, title: `bead ${n}` }, secret: null })).toMatchObject({
        ok: true,
      });
  });

  test('figures that no call can have do not break the town: they count as very many (I9, MT-5)', () => {
    const one = story({ polecat: silentPolecat });
    const { town, runner } = one;
    town.must({ kind: 'town.configure', budgetMicros: 1_000_000 });
    const beadId = one.wish('Add X');
    runner.work();
    const { runId } = runner.starts[0]!;
    const usage = { inputTokens: 1e300, outputTokens: Infinity, cacheReadTokens: -7, cacheWriteTokens: Number.NaN, costMicros: 1e300 };
    for (let n = 0; n < 20; n += 1) expect(town.send({ kind: 'spend', runId, usage, model: 'm' })).toMatchObject({ ok: true });
    expect(one.bead(beadId).wait?.code).toBe('budget_spent');
    expect(one.bead(beadId).usage.cacheReadTokens).toBe(0);
  });

  test('a dependency of a line on an endless name is told shortly and not taken (DM-17)', () => {
    const one = story();
    const far = `external:${'x'.repeat(900_000)}`;
    const answer = bring(one, [line({ id: 'a-1', title: 'a', dependencies: [blocks('a-1', far), blocks('a-1', 'y'.repeat(90_000))] })]);
    expect(answer.counts).toMatchObject({ created: 1, edges: 0, untakenEdges: 2 });
    expect(JSON.stringify(answer).length).toBeLessThan(5_000);
  });

  test('the answer to a file with very many dependencies that are not taken fits into a row, so that its key can keep it (DM-17)', () => {
    const one = story({}, { check: false });
    const far = (n: number) => `${'x'.repeat(200)}-${n}`;
    const lines = Array.from({ length: 1_000 }, (_, n) =>
      line({ id: `a-${n}`, title: 'a', dependencies: Array.from({ length: 20 }, (__, to) => blocks(`a-${n}`, far(to))) }),
    );
    const answer = bring(one, lines);
    expect(answer.counts).toMatchObject({ created: 1_000, untakenEdges: 20_000 });
    expect(answer.lines[0]?.untaken).toHaveLength(20);
    expect(JSON.stringify(answer).length).toBeLessThan(2_000_000);
  });

  test('a convoy that is put out of sight as a bead, and brought back, shows so in every browser (AR-3, I17)', () => {
    const one = story();
    const browser = replica();
    const tasks = [{ rigId: one.rigId, title: 'a' }];
    const { convoyId } = one.town.must<{ convoyId: string }>({ kind: 'convoy.create', title: 'all', tasks });
    one.runner.work();
    browser.pull(one.town);
    const beadIds = [convoyId as BeadId];
    const shown = () => one.town.rows().convoys[0]?.archivedAt;
    one.town.must({ kind: 'bead.archive', beadIds });
    expect(shown()).toBe(one.town.now);
    inStep(one, browser);
    one.town.must({ kind: 'bead.unarchive', beadIds });
    expect(shown()).toBeNull();
    inStep(one, browser);
  });

  test('a start that its runner has is stopped there, also when the run ends while the link is down (RC-35, I2)', () => {
    const one = story({ 'run.start': () => null });
    const { town, runner } = one;
    const beadId = one.wish('Add X');
    runner.work();
    const start = town.handed.find((due) => due.effect.kind === 'run.start')!.effect as { runId: RunId };
    town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    runner.hello();
    expect(town.take().map(({ effect }) => effect)).toMatchObject([{ kind: 'run.stop', runId: start.runId }]);
  });

  test('beads that cannot be read hold no slot: the next in line goes, also where there is one slot (DM-15, I10)', () => {
    const one = story({}, { check: false });
    const rigId = one.addRig('narrow', { maxPolecats: 1 });
    one.town.must({ kind: 'town.pause' });
    const damaged = [one.wish('damaged', { rigId }), one.wish('as well', { rigId })];
    const sound = [one.wish('sound', { rigId }), one.wish('sound too', { rigId })];
    for (const id of damaged) one.town.sql.run(`UPDATE beads SET labels = 'no JSON' WHERE id = ?`, id);
    one.town.must({ kind: 'town.resume' });
    expect(one.town.rows().runs.filter((run) => run.rigId === rigId)).toHaveLength(1);
    one.runner.work();
    expect(sound.map((id) => one.bead(id).status)).toEqual(['closed', 'closed']);
  });

  test('no alarm is set for a time that the platform cannot set one for; nearer ones are (P7)', () => {
    const one = story();
    one.town.sleep(3_600_000, () => one.runner.work());
    bring(one, [line({ id: 'a-1', title: 'never', defer_until: '9999-12-31T23:59:59Z' })], { start: true });
    expect(one.town.town.nextWake()).toBeNull();
    const soon = one.town.now + 60_000;
    bring(one, [line({ id: 'a-2', title: 'soon', defer_until: new Date(soon).toISOString() })], { start: true });
    expect(one.town.town.nextWake()).toBe(soon);
  });

  test('nobody waits for the parts of another and is waited for by one of them, whichever edge comes last (I12, DM-10)', () => {
    const one = story();
    one.town.must({ kind: 'town.pause' });
    const [whole, part, waiter, other] = [one.wish('whole'), one.wish('part'), one.wish('waiter'), one.wish('other')];
    const depends = (beadId: BeadId, dependsOn: BeadId, type: string) =>
      one.town.person({ kind: 'bead.add_dependency', beadId, dependsOn, type });
    const edges: readonly (readonly [BeadId, BeadId, string])[] = [
      [part, whole, 'parent-child'],
      [part, other, 'blocks'],
      [other, waiter, 'conditional-blocks'],
      [waiter, whole, 'waits-for'],
    ];
    for (const last of edges) {
      const before = edges.filter((edge) => edge !== last);
      for (const edge of before) expect(depends(...edge)).toMatchObject({ ok: true });
      expect(depends(...last)).toMatchObject({
        ok: false,
        failure: { code: 'dependency_cycle', message: expect.stringContaining('Neither could start') },
      });
      for (const [beadId, dependsOn, type] of before) one.town.must({ kind: 'bead.remove_dependency', beadId, dependsOn, type });
    }
    expect(depends(waiter, whole, 'waits-for').ok).toBe(true);
    expect(
      one.town.person({ kind: 'bead.create', rigId: one.rigId, title: 'born so', parentId: whole, dependsOn: [waiter] }),
    ).toMatchObject({
      ok: false,
      failure: { code: 'dependency_cycle' },
    });
    expect(depends(whole, waiter, 'waits-for').ok).toBe(true);
  });

  test('a whole cannot wait for its own part, nor a part come under what waits for it: neither could ever start (I12, DM-10)', () => {
    const one = story();
    one.town.must({ kind: 'town.pause' });
    const [whole, part, deep, other] = [one.wish('whole'), one.wish('part'), one.wish('deep'), one.wish('other')];
    const depends = (beadId: BeadId, dependsOn: BeadId, type: string) =>
      one.town.person({ kind: 'bead.add_dependency', beadId, dependsOn, type });
    expect(depends(part, whole, 'parent-child').ok).toBe(true);
    expect(depends(deep, part, 'parent-child').ok).toBe(true);
    const never = { ok: false, failure: { code: 'dependency_cycle', message: expect.stringContaining('Neither could start') } };
    expect(depends(whole, part, 'blocks')).toMatchObject(never);
    expect(depends(whole, deep, 'conditional-blocks')).toMatchObject(never);
    expect(depends(whole, other, 'blocks').ok).toBe(true);
    expect(depends(other, deep, 'blocks')).toMatchObject(never);
    expect(depends(other, deep, 'parent-child')).toMatchObject(never);
    expect(depends(part, other, 'blocks').ok).toBe(true);
    expect(depends(deep, whole, 'blocks').ok).toBe(true);
  });

  test('a bead of a rig that was removed says what to do when its file comes again', () => {
    const one = story();
    const file = [line({ id: 'a-1', title: 'a' })];
    bring(one, file);
    one.town.must({ kind: 'rig.remove', rigId: one.rigId, force: true });
    const again = bring(one, file, { rigId: one.addRig('anew') });
    expect(again.lines[0]).toMatchObject({ verdict: 'bad', field: 'id', why: expect.stringContaining('under another id') });
  });

  test('a kind of work is a word, also when it is a word of this language', () => {
    const one = story();
    expect(bring(one, [line({ id: 'a-1', title: 'a', issue_type: 'constructor' })]).counts).toMatchObject({ created: 1, bad: 0 });
  });

  test('a word to the Mayor ends no alert of the town, and nobody has acknowledged it thereby (PT-13, ES-4)', () => {
    const one = story({ 'merge.test': () => null });
    one.town.must({ kind: 'town.configure', patrols: { alertMergeQueue: 2 } });
    ['a', 'b'].map((title) => one.wish(title));
    one.runner.work();
    one.town.must({ kind: 'mayor.tell', text: 'hello' });
    expect(one.town.rows().escalations).toMatchObject([{ category: 'lifecycle', acknowledgedAt: null }]);
  });

  for (const action of ['RESTART', 'REASSIGN_BEAD'] as const)
    test(`${action} ends the run that was asked about, not the one that has taken over since (ES-12, I8)`, () => {
      const one = story({ polecat: silentPolecat });
      const { town, runner } = one;
      const beadId = one.wish('Add X');
      runner.work();
      const alive = () =>
        town
          .rows()
          .runs.flatMap(({ id, generation, state }) => (state === 'ended' ? [] : [{ runId: id, generation, lastActivityAt: null }]));
      const beat = () => {
        runner.work();
        for (const run of alive()) runner.report({ kind: 'renew', runs: [{ ...run, lastActivityAt: 1 }] });
      };
      for (let n = 0; one.runsOf(beadId).length < 2; n += 1) {
        if (n > 600) throw new Error('it is never given to another');
        town.sleep(30_000, beat);
        beat();
      }
      const [request] = town.rows().triage;
      if (action === 'REASSIGN_BEAD') town.must({ kind: 'bead.reassign', beadId });
      const next = one.runsOf(beadId).at(-1)!;
      town.must({ kind: 'triage.resolve', triageId: request!.id, action });
      expect(one.runsOf(beadId).at(-1)).toMatchObject({ id: next.id, endedAt: null });
    });

  test.each([
    ['hardMicros', 'The hard limit of this convoy is reached: $5.00 of $4.00.'],
    ['softMicros', 'The soft limit of this convoy is reached: $5.00 of $4.00; what runs goes on, nothing new starts.'],
  ])('a convoy that its money holds (%s) says so in a sentence (CV-24, I10)', (kind, sentence) => {
    const one = story({ polecat: silentPolecat });
    const tasks = [{ rigId: one.rigId, title: 'a' }];
    const { convoyId } = one.town.must<{ convoyId: string }>({ kind: 'convoy.create', title: 'all', tasks });
    one.runner.work();
    const usage = { ...NO_USAGE, costMicros: 5_000_000 };
    one.town.send({ kind: 'spend', runId: one.runner.starts[0]!.runId, usage, model: 'm' });
    one.town.must({ kind: 'spend.limit', level: 'convoy', id: convoyId, [kind]: 4_000_000 });
    const [row] = one.town.rows().convoys;
    const [limit] = one.town.rows().limits;
    expect(explainConvoy(row!, () => undefined, limit)).toBe(sentence);
    expect(explainConvoy(row!, () => undefined)).toMatch(/^The (hard|soft) limit of this convoy is/);
  });

  test('a letter to the Mayor wakes it whatever its writer is called (MS-2)', () => {
    const one = story();
    const { id: agentId } = one.town.rows().agents.find((agent) => agent.role === 'mayor')!;
    const command = { kind: 'mail.send', agentId, subject: 'HELP', body: 'Look at this.' } as const;
    one.town.send({ kind: 'person', command, secret: null }, null, { kind: 'person', id: 'u2', name: 'town' });
    one.runner.work();
    expect(one.town.rows().mail[0]?.deliveredAt).toBe(one.town.now);
  });
});
