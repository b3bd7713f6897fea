import { describe, expect, test } from 'vitest';
import { silentPolecat, story } from '../testing.ts';
import { spent, working } from '../testing/spending.ts';

/** What stays ready as beads has it, and is not begun, says what keeps it (I10, MT-5). */
describe('the list of ready work', () => {
  test('says which reached limit keeps a bead, with its figures; what is only in line is kept by nothing', () => {
    const one = working();
    const { town, runner, rigId, start, id } = one;
    town.must({ kind: 'rig.update', rigId, maxPolecats: 1 });
    const alone = one.wish('alone');
    expect(town.town.ready('oldest', 9).beads).toMatchObject([{ id: alone, kept: null }]);
    town.must({ kind: 'spend.limit', level: 'rig', id: rigId, softMicros: 500_000 });
    spent(one, start.runId, 500_000);
    const kept = 'The soft limit of the rig app is reached: $0.50 of $0.50; what runs goes on, nothing new starts.';
    expect(town.town.ready('oldest', 9).beads).toMatchObject([{ id: alone, kept }]);
    expect(town.town.bead(alone)).toMatchObject({ why: kept });
    town.must({ kind: 'spend.limit', level: 'rig', id: rigId, softMicros: null });
    town.must({ kind: 'spend.limit', level: 'bead', id, hardMicros: 500_000 });
    runner.work();
    expect(one.bead(id).status).toBe('open');
    expect(town.town.ready('oldest', 9).beads.map((bead) => [bead.id, bead.kept])).toEqual([
      [id, 'The hard limit of this bead is reached: $0.50 of $0.50.'],
    ]);
  });

  test('says nothing of what begins by itself in a moment', () => {
    const { town, rigId, wish } = working();
    town.must({ kind: 'rig.update', rigId, maxPolecats: 5 });
    town.must({ kind: 'runner.update', runnerId: 'home' as never, places: 1 });
    const alone = wish('alone');
    expect(town.town.bead(alone)).toMatchObject({ bead: { wait: { code: 'runner_places' } } });
    expect(town.town.ready('oldest', 9).beads).toMatchObject([{ id: alone, kept: null }]);
  });

  test('says a pause, and that no agent is sent to an epic', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.pause' });
    const first = one.wish('first');
    const epic = one.wish('epic');
    one.town.must({ kind: 'bead.update', beadId: epic, workKind: 'epic' });
    const kept = new Map(one.town.town.ready('oldest', 9).beads.map((bead) => [bead.id, bead.kept]));
    expect(kept.get(first)).toBe('The town is paused.');
    expect(kept.get(epic)).toMatch(/^A bead of the kind epic/);
  });

  test('says how many are ready beyond its end', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.pause' });
    for (const title of ['a', 'b', 'c']) one.wish(title);
    const ready = (limit: number) => one.town.town.ready('oldest', limit);
    expect([1, 2, 3, 9].map((limit) => [ready(limit).beads.length, ready(limit).total, ready(limit).nothing])).toEqual([
      [1, 3, null],
      [2, 3, null],
      [3, 3, null],
      [3, 3, null],
    ]);
  });

  test('says what is planned, and how much is open, when nothing is ready', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'town.pause' });
    expect(one.town.town.ready('oldest', 9)).toEqual({ beads: [], total: 0, nothing: { planned: [], open: 0 } });
    one.town.must({ kind: 'bead.create', rigId: one.rigId, title: 'planned', staged: true });
    one.town.must({ kind: 'bead.pin', beadId: one.wish('pinned') });
    expect(one.town.town.ready('oldest', 9).nothing).toEqual({ planned: [{ rig: 'app', beads: 1 }], open: 2 });
  });
});
