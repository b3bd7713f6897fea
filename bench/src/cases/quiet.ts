import type { RigId } from '@gastown/protocol';
import type { Sql } from '@gastown/town';
import { scriptedRunner, silentPolecat, story, type TestTown } from '@gastown/town/testing';
import { BEGAN, filled } from './filled.ts';
import type { Case } from './trial.ts';

const MANY = 100_000;
const AGENTS = 30;

/**
 * P6: a tick that finds nothing to do among a hundred thousand open beads, of which seven of ten are ready: paused, and with every slot taken by an agent at work.
 * The naive one looks at every bead that is not closed, as a loop that polls does.
 */
export const quietLarge: Case = (store) => {
  const { town, rigId } = filled(store, MANY, (place) => (place % 10 < 3 ? { after: [place + 3] } : {}));
  return [
    { name: '100,000 open beads, paused', ...quiet(store, town) },
    { name: '100,000 open beads behind 30 agents at work', before: () => allAtWork(store, town, rigId), ...quiet(store, town) },
  ];
};

/** The same with nothing ready: all wait for one that is put off, and slots are free. */
export const quietWaiting: Case = (store) => {
  const { town } = filled(store, MANY, (place) => (place === 0 ? { deferUntil: BEGAN * 2 } : { after: [0] }));
  const runner = scriptedRunner(town);
  runner.hello();
  town.must({ kind: 'town.resume' });
  runner.work();
  return [{ name: '100,000 open beads, none of them ready', ...quiet(store, town) }];
};

/** Thirty agents at work, a thousand beads behind them: each live run is read once, and as much as in a quiet town. */
export const quietBusy: Case = (store) => {
  const { town, rigId, wish } = story({}, { store, check: false });
  town.must({ kind: 'town.pause' });
  for (let place = 0; place < 1_030; place += 1) wish(`bead ${place}`);
  allAtWork(store, town, rigId);
  return [
    { name: '1,000 open beads behind 30 agents at work', ...quiet(store, town) },
    {
      name: 'the same with slots in the town, and none in the rig',
      before: () => void town.must({ kind: 'town.configure', maxPolecats: 2 * AGENTS }),
      ...quiet(store, town),
      /** The line of each rig with ready work is looked up, and each machine: some rows over the goal. */
      rowsRead: () => 53,
    },
    {
      name: '30 agents at work, slots, and nothing ready',
      before() {
        for (const { id } of town.town.ready('newest', 1_000).beads) town.must({ kind: 'bead.defer', beadId: id, until: BEGAN * 2 });
        town.must({ kind: 'rig.update', rigId, maxPolecats: 2 * AGENTS });
      },
      ...quiet(store, town),
    },
  ];
};

function allAtWork(store: Sql, town: TestTown, rigId: RigId): void {
  town.must({ kind: 'rig.update', rigId, maxPolecats: AGENTS });
  town.must({ kind: 'town.configure', maxPolecats: AGENTS });
  const runner = scriptedRunner(town, { polecat: silentPolecat });
  runner.hello();
  town.must({ kind: 'town.resume' });
  runner.work();
  const working = store.all(`SELECT id FROM runs WHERE state = 'working'`).length;
  if (working !== AGENTS) throw new Error(`${working} agents work, not ${AGENTS}`);
}

const quiet = (store: Sql, town: TestTown) => ({
  ours: () => tick(town),
  naive: () => store.all(`SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL`).length,
  rowsRead: () => 50,
  rowsWritten: 0,
  statements: 40,
  goalMs: 5,
});

function tick(town: TestTown): number {
  town.send({ kind: 'wake' });
  town.take();
  town.town.nextWake();
  return 0;
}
