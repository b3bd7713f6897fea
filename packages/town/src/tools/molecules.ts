import { failure, ok, refuse, type Result, type StepRow, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { advance, attachMolecule, currentSteps } from '../molecules/commands.ts';
import { moleculeOf } from '../molecules/store.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

const names = (steps: readonly StepRow[]): string => steps.map((step) => `${step.id} "${step.title}"`).join(', ');
const next = (steps: readonly StepRow[]): StepRow[] => steps.filter((step) => step.state === 'ready');

export function molCurrent(tx: Tx, { run }: Caller, _args: ToolArgs<'mol_current'>): Result<ToolAnswer> {
  if (!run.beadId) return refuse(failure('no_hook'));
  const molecule = moleculeOf(tx.sql, run.beadId);
  if (!molecule) return ok({ summary: 'Nobody wrote down steps for your bead, or all are done.', data: { steps: [] }, links: [] });
  const steps = currentSteps(tx, molecule);
  const done = steps.filter((step) => step.state === 'done').length;
  return ok({
    summary: `"${molecule.title}": ${done} of ${steps.length} steps are done. Next: ${names(next(steps))}.`,
    data: { title: molecule.title, steps },
    links: [],
  });
}

export function molAdvance(tx: Tx, { run }: Caller, args: ToolArgs<'mol_advance'>): Result<ToolAnswer> {
  if (!run.beadId) return refuse(failure('no_hook'));
  const moved = advance(tx, run.beadId, args.step, args.summary);
  if (!moved.ok) return moved;
  const { step, left } = moved.value;
  const then = left.length === 0 ? 'Every step is done: commit what is not committed and call gt_done.' : `Next: ${names(next(left))}.`;
  return ok({ summary: `${step} is done. ${then}`, data: { step, left: left.map((one) => one.id) }, links: [] });
}

export function molAttach(tx: Tx, _caller: Caller, args: ToolArgs<'mol_attach'>): Result<ToolAnswer> {
  const attached = attachMolecule(tx, { beadId: args.bead_id, title: args.title, steps: args.steps });
  if (!attached.ok) return attached;
  return ok({
    summary: `${args.bead_id} has ${args.steps.length} steps now.`,
    data: { molecule_id: attached.value.moleculeId },
    links: [{ kind: 'bead', id: args.bead_id }],
  });
}

/** Handing in with steps open needs a reason (ML-2). */
export function stepsAllow(tx: Tx, beadId: string, force: string | undefined): Result<unknown> {
  const molecule = moleculeOf(tx.sql, beadId);
  const open = molecule ? currentSteps(tx, molecule).filter((step) => step.state !== 'done') : [];
  if (open.length === 0 || force !== undefined) return ok({});
  const says = `Open: ${names(open)}. Do them and call gt_mol_advance for each, or call gt_done with force and the reason.`;
  return refuse(failure('steps_open', says, { open: open.map((step) => step.id) }));
}
