import type { BeadId } from '@gastown/protocol';
import { scriptedRunner, story, type ScriptedRunner, type TestTown } from '@gastown/town/testing';
import { BEGAN, filled } from './filled.ts';
import { unmarked, type Case, type Step, type Trial } from './trial.ts';

const BEADS = 10_000;
/**
 * A little above what is: rows of indexes count here, so a life that changes 60 rows writes 103. Seven of its fourteen steps ask more than 25 times: each is a
 * transaction that runs every rule (15 questions where nothing is to do), and the dearest, a hand-in, makes a merge request and hands out its test as well.
 */
const BOUNDS = { rowsRead: () => 420, rowsWritten: 105, statements: 345, statementsAStep: 60, goalMs: 10 };

/** P4: a bead's whole life (create → run → done → gates → landed → closed) in a small town, whose polecat is there. */
export const lifeAlone: Case = (store) => {
  const { town, runner, wish } = story({}, { store, check: false });
  return [{ name: 'a life', ...BOUNDS, ...living(town, runner, wish) }];
};

/** The same among ten thousand that are closed or wait. */
export const lifeAmongMany: Case = (store) => {
  const { town, rigId } = filled(store, BEADS, (place) =>
    place === 0 ? { deferUntil: BEGAN * 2 } : place % 2 === 0 ? { status: 'closed' } : { after: [0] },
  );
  town.must({ kind: 'town.resume' });
  const runner = scriptedRunner(town);
  runner.hello();
  const wish = (title: string): string => town.must<{ beadId: string }>({ kind: 'bead.create', rigId, title }).beadId;
  return [{ name: 'a life among ten thousand', ...BOUNDS, ...living(town, runner, wish) }];
};

/** Lives one bead after the other; each transaction is a step: a command, a report, a look at what is due. Two are lived before anything is counted. */
function living(town: TestTown, runner: ScriptedRunner, wish: (title: string) => string): Pick<Trial, 'ours' | 'check'> {
  let mark: Step = unmarked;
  let last = '';
  const { send, take } = town;
  town.send = (command, ...rest) => mark(nameOf(command, town.handed), () => send(command, ...rest));
  town.take = () => mark('what is due', take);
  const live = (title: string): 1 => {
    last = wish(title);
    runner.work();
    return 1;
  };
  for (const title of ['the first, with its polecat', 'the second']) live(title);
  return {
    ours(index, step = unmarked) {
      mark = step;
      live(`bead ${index}`);
      mark = unmarked;
      return 1;
    },
    check() {
      const status = town.town.bead(last as BeadId)?.bead.status;
      if (status !== 'closed') throw new Error(`the bead did not land: ${status}`);
    },
  };
}
function nameOf(command: Parameters<TestTown['send']>[0], handed: TestTown['handed']): string {
  if (command.kind === 'person') return command.command.kind;
  if (command.kind === 'tool') return `tool ${command.tool}`;
  if (command.kind !== 'runner.report') return command.kind;
  const { report } = command;
  if (report.kind !== 'outcome') return report.kind;
  return `outcome of ${handed.find(({ effectId }) => effectId === report.effectId)?.effect.kind ?? 'an effect'}`;
}
