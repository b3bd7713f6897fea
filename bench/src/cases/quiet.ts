import { silentPolecat, story } from '@gastown/town/testing';
import { filled } from './filled.ts';
import type { Case } from './trial.ts';

const PER_TICK = { rowsRead: () => 50, rowsWritten: 0, statements: 40 };

/** P6: a tick that finds nothing to do. The naive one looks at every bead that is not closed, as a loop that polls does. */
export const quietLarge: Case = (store) => {
  const { town } = filled(store, 100_000, (place) => (place % 10 < 3 ? { after: [place + 3] } : {}));
  const naive = () => store.all(`SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL`).length;
  return [{ name: '100,000 open beads, paused', ours: () => tick(town), naive, ...PER_TICK, goalMs: 5 }];
};

/** Thirty agents at work, a thousand beads behind them: each live run is read once, and as much as in a quiet town. */
export const quietBusy: Case = (store) => {
  const { town, runner, rigId, wish } = story({ polecat: silentPolecat }, { store, check: false });
  town.must({ kind: 'rig.update', rigId, maxPolecats: 30 });
  town.must({ kind: 'town.configure', maxPolecats: 30 });
  for (let place = 0; place < 1_030; place += 1) wish(`bead ${place}`);
  runner.work();
  const working = town.rows().runs.filter((run) => run.state === 'working').length;
  if (working !== 30) throw new Error(`${working} agents work, not 30`);
  const naive = () => store.all(`SELECT * FROM beads WHERE type = 'issue' AND closed_at IS NULL`).length;
  return [
    { name: '1,000 open beads behind 30 agents at work', ours: () => tick(town), naive, ...PER_TICK, rowsRead: () => 30 + 30, goalMs: 5 },
  ];
};

function tick(town: Pick<ReturnType<typeof story>['town'], 'send' | 'take' | 'town'>): number {
  town.send({ kind: 'wake' });
  town.take();
  town.town.nextWake();
  return 0;
}
