import type { BeadId, RigId, RunnerId, RunnerRow } from '@gastown/protocol';
import { scriptedRunner, type Script, type ScriptedRunner } from './runner.ts';
import type { Story } from './ready.ts';

/** People's own machines as runners of the town of a story, and words for where things are. */
export function addMachine(
  { town }: Story,
  name: string,
  changes: { rigs?: RigId[] | null; places?: number | null; script?: Partial<Script>; away?: true } = {},
): ScriptedRunner {
  const { script, away, ...settings } = changes;
  const { runnerId } = town.must<{ runnerId: RunnerId }>({ kind: 'runner.add', name, ...settings });
  const machine = scriptedRunner(town, script, runnerId);
  if (!away) machine.hello();
  return machine;
}
export function runnerRow({ town }: Story, id: RunnerId): RunnerRow {
  const row = town.rows().runners.find((one) => one.id === id);
  if (!row) throw new Error(`no runner ${id}`);
  return row;
}
/** Where each run of the bead is or was, oldest first. */
export const whereRan = (one: Story, beadId: BeadId): RunnerId[] => one.runsOf(beadId).map((run) => run.runnerId);

/** What was handed out to this runner so far, by kind. */
export const handedTo = ({ town }: Story, id: RunnerId): string[] =>
  town.handed.flatMap((due) => (due.target === 'runner' && due.runnerId === id ? [due.effect.kind] : []));
export const startsContainer = ({ town }: Story): boolean => town.handed.some((due) => due.effect.kind === 'container.start');
