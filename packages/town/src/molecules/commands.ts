import { failure, ok, refuse, type BeadId, type MoleculeId, type NewStep, type Result, type StepRow } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { findIssue } from '../beads/commands.ts';
import { createBead } from '../beads/create.ts';
import { mustMove } from '../beads/status.ts';
import { findBead } from '../beads/store.ts';
import { asBead, newMoleculeId } from '../ids.ts';
import { addNudge } from '../messages/store.ts';
import { record } from '../ledger/store.ts';
import { liveRunOfBead } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { planSteps } from './plan.ts';
import { closeMolecule, finishStep, insertMolecule, moleculeOf, openMoleculesOf, stepsOf, type Molecule } from './store.ts';

export interface Attach {
  readonly beadId: BeadId;
  readonly title: string;
  readonly steps: readonly NewStep[];
}

/** One written way of working at a time for a bead that is not over; whoever works on it hears of it. */
export function attachMolecule(tx: Tx, { beadId, title, steps }: Attach): Result<{ moleculeId: MoleculeId }> {
  const found = findIssue(tx, beadId);
  if (!found.ok) return found;
  const bead = found.value;
  if (bead.status === 'closed' || bead.status === 'in_review')
    return refuse(failure('illegal_transition', `${beadId} is ${bead.status}; its work is done.`, { beadId, from: bead.status }));
  const there = moleculeOf(tx.sql, beadId);
  if (there) return refuse(failure('molecule_exists', `${beadId} has the molecule "${there.title}".`, { beadId, moleculeId: there.id }));
  const planned = planSteps(steps);
  if (!planned.ok) return planned;
  const id = newMoleculeId(tx);
  createBead(
    tx,
    {
      id: asBead(id),
      type: 'molecule',
      title,
      body: '',
      rigId: bead.rigId,
      parentId: beadId,
      assigneeId: null,
      priority: bead.priority,
      labels: [],
      createdBy: actorLabel(tx),
    },
    { type: 'molecule_attached', data: { source: beadId, steps: planned.value.map((step) => step.id) } },
  );
  insertMolecule(tx, { id, beadId, title }, planned.value);
  tell(tx, beadId, `Your bead has a written way of working now: "${title}", ${planned.value.length} steps. Call gt_mol_current.`);
  return ok({ moleculeId: id });
}
function tell(tx: Tx, beadId: string, text: string): void {
  const run = liveRunOfBead(tx.sql, beadId);
  if (run && run.doneAt === null) addNudge(tx, { agentId: run.agentId, text, mode: 'wait-idle', source: actorLabel(tx) }, false);
}

export function detachMolecule(tx: Tx, { beadId }: { beadId: string }): Result<{ moleculeId: MoleculeId }> {
  const there = moleculeOf(tx.sql, beadId);
  if (!there) return refuse(failure('unknown_molecule', `${beadId} has no open molecule.`, { beadId }));
  close(tx, there, 'detached');
  tell(tx, beadId, `The written way of working on your bead ("${there.title}") was taken away; work as the bead says.`);
  return ok({ moleculeId: there.id });
}
function close(tx: Tx, molecule: Molecule, reason: string): void {
  closeMolecule(tx, molecule.id);
  mustMove(tx, asBead(molecule.id), 'closed', { data: { reason } });
}

export const currentSteps = (tx: Pick<Tx, 'sql'>, molecule: Molecule): StepRow[] => stepsOf(tx.sql, [molecule.id]).get(molecule.id) ?? [];
const theStep = (steps: readonly StepRow[], wanted: string | undefined): StepRow | undefined =>
  steps.find((step) => (wanted === undefined ? step.state === 'ready' : step.id === wanted));

export interface Advanced {
  readonly step: string;
  readonly left: readonly StepRow[];
}
/** One step done, in any order that the needs allow. The same step again is the same, and keeps its first summary. */
export function advance(tx: Tx, beadId: BeadId, wanted: string | undefined, summary: string): Result<Advanced> {
  const molecule = moleculeOf(tx.sql, beadId);
  if (!molecule) return refuse(failure('unknown_molecule', `${beadId} has no open molecule.`, { beadId }));
  const steps = currentSteps(tx, molecule);
  const step = theStep(steps, wanted);
  if (!step) return refuse(failure('unknown_step', `There is no such step; the steps are ${steps.map((one) => one.id).join(', ')}.`));
  if (step.state === 'done') return ok({ step: step.id, left: steps.filter((one) => one.state !== 'done') });
  if (step.state === 'waiting') {
    const open = step.needs.filter((need) => steps.some((one) => one.id === need && one.state !== 'done'));
    return refuse(failure('steps_open', `${step.id} needs ${open.join(', ')} first.`, { step: step.id, open }));
  }
  finishStep(tx, molecule.id, step.id, summary);
  record(tx, { type: 'step_done', beadId, data: { moleculeId: molecule.id, step: step.id, summary } });
  const left = currentSteps(tx, molecule).filter((one) => one.state !== 'done');
  if (left.length === 0) close(tx, molecule, 'every step is done');
  else if (findBead(tx.sql, molecule.id)?.status === 'open') mustMove(tx, asBead(molecule.id), 'in_progress');
  return ok({ step: step.id, left });
}

/** Rule: a bead that is closed has no work left; its molecule closes with what was done. */
export function settleMolecules(tx: Tx): void {
  if (tx.touched.beads.size === 0) return;
  for (const molecule of openMoleculesOf(tx.sql, tx.touched.beads))
    if (findBead(tx.sql, molecule.beadId)?.status === 'closed') close(tx, molecule, 'its bead is closed');
}
