import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, GateResult, Result, SetupCommand } from '@gastown/protocol';
import { prepare } from '../runs/setup.ts';
import { cellVariables, makeFoldersInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import type { Cells } from '../system/cells.ts';
import { cacheVariables } from './caches.ts';
import { ranNothing, runGate } from './run-gate.ts';
import type { GateTree } from './tree.ts';

export interface JudgeSurroundings {
  readonly cells: Cells;
  readonly path: string;
  readonly lang: string;
  readonly redact: (text: string) => string;
  readonly gateTimeoutMs: number;
}
export interface GatePlace {
  readonly tree: GateTree;
  readonly cell: Cell;
  readonly folder: string;
  readonly caches: string;
  /** What the commit names and the tree does not have, in words. */
  readonly missing: string | null;
}
export interface Verdict {
  readonly gates: GateResult[];
  readonly failure: Failure | null;
}

/** Prepares the tree, then runs the gates in order, to the first that fails. */
export async function judge(
  around: JudgeSurroundings,
  { setup, gates: commands }: { readonly setup: readonly SetupCommand[]; readonly gates: readonly string[] },
  place: GatePlace,
): Promise<Result<Verdict>> {
  const environment = await environmentOf(around, place);
  const prepared = await makeReady(around, setup, place, environment);
  if (!prepared.ok || prepared.value.failure !== null) return prepared;
  const gates: GateResult[] = [];
  for (const command of commands) {
    const { gateTimeoutMs: timeoutMs, redact } = around;
    const result = await runGate({ command, cwd: place.tree.path, cell: place.cell, environment, timeoutMs, redact });
    const changed = await settle(around, place);
    if (!changed.ok) return changed;
    const notes = [
      ...(gates.length === 0 ? prepared.value.notes : []),
      ...(changed.value.length === 0 ? [] : [toldOf('gate', changed.value)]),
      ...(place.missing === null || result.exitCode === 0 ? [] : [`[${place.missing}]`]),
    ];
    const gate = notes.length === 0 ? result : { ...result, output: `${result.output}\n${notes.join('\n')}\n` };
    gates.push(gate);
    const broken = gateFailure(gate);
    if (broken !== null) return ok({ gates, failure: broken });
  }
  return ok({ gates, failure: null });
}

async function environmentOf({ path, lang }: JudgeSurroundings, { tree, cell, caches }: GatePlace): Promise<Record<string, string>> {
  const temporary = join(tree.home, 'tmp');
  await makeFoldersInCell(cell, [temporary]);
  return { PATH: path, ...cellVariables(tree.home), TMPDIR: temporary, LANG: lang, CI: 'true', ...cacheVariables(caches) };
}

const NEXT =
  'Read its output; correct the command in Settings › Repositories or Settings › Agents, or its code; then retry the merge on its page.';

/** A required command that fails is shown as a gate is; what else went wrong is told with the first gate. What the commands changed in tracked files is not judged (I5). */
async function makeReady(
  around: JudgeSurroundings,
  setup: readonly SetupCommand[],
  place: GatePlace,
  environment: Readonly<Record<string, string>>,
): Promise<Result<Verdict & { readonly notes: string[] }>> {
  if (setup.length === 0) return ok({ gates: [], failure: null, notes: [] });
  const { tree, cell } = place;
  const notes: string[] = [];
  const gates: GateResult[] = [];
  const told = (notice: string, { succeeded, ...done }: GateResult & { readonly succeeded: boolean }): void => {
    gates.push(done);
    if (!succeeded) notes.push(`[${notice}]`);
  };
  const ready = await prepare({ cwd: tree.path, cell, environment, redact: around.redact, told, next: NEXT }, setup);
  if (!ready.ok) return ok({ gates: gates.slice(-1), failure: ready.failure, notes });
  const changed = await settle(around, place);
  if (!changed.ok) return changed;
  return ok({ gates: [], failure: null, notes: [...notes, ...(changed.value.length === 0 ? [] : [toldOf('setup', changed.value)])] });
}

const toldOf = (by: 'gate' | 'setup', changed: readonly string[]): string =>
  `[the ${by} changed tracked files, which were put back: ${changed.slice(0, 10).join(', ')}]`;

/** Nothing may change the files while they are judged. */
export async function quieten(cells: Cells, folder: string, cell: Cell): Promise<Result<null>> {
  const { quiet } = await cells.end(folder, cell);
  return quiet
    ? ok(null)
    : refuse(failure('gate_failed', 'Something that a gate left running cannot be ended: nothing can be judged beside it.'));
}

/** Every gate judges the committed tree: what a command changed in tracked files is put back before the next one. New files (builds, packages) stay. */
async function settle({ cells }: JudgeSurroundings, { tree, folder, cell }: GatePlace): Promise<Result<string[]>> {
  const quiet = await quieten(cells, folder, cell);
  if (!quiet.ok) return quiet;
  const changed = await tree.changed();
  if (!changed.ok || changed.value.length === 0) return changed;
  await tree.putBack();
  const still = await tree.changed();
  if (!still.ok || still.value.every((name) => name === 'HEAD')) return changed;
  return refuse(failure('git_failed', `Files that a gate changed could not be put back: ${still.value.slice(0, 10).join(', ')}.`));
}

function gateFailure(gate: GateResult): Failure | null {
  const details = { command: gate.command, exitCode: gate.exitCode };
  if (gate.timedOut) return failure('gate_timeout', `The gate "${gate.command}" ran longer than allowed.`, details);
  if (ranNothing(gate)) return failure('gate_ran_nothing', `The gate "${gate.command}" could not run.`, details);
  return gate.exitCode === 0
    ? null
    : failure('gate_failed', `The gate "${gate.command}" failed with exit code ${gate.exitCode ?? 'none'}.`, details);
}
