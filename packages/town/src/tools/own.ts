import { failure, ok, refuse, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { edgesOf } from '../beads/dependencies.ts';
import { moveBead } from '../beads/status.ts';
import { findBead } from '../beads/store.ts';
import { escalate } from '../escalations/commands.ts';
import { saveCheckpoint } from '../messages/store.ts';
import { checkpointOwner, primeContext } from '../prime.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

export function prime(tx: Tx, { run, agent }: Caller, _args: ToolArgs<'prime'>): Result<ToolAnswer> {
  const context = primeContext(tx.sql, run, agent);
  const hook = context.bead ? `${context.bead.id} "${context.bead.title}" is on your hook` : 'nothing is on your hook';
  return ok({
    summary: `You are ${agent.identity}; ${hook}.`,
    data: context,
    links: context.bead ? [{ kind: 'bead', id: context.bead.id }] : [],
  });
}

export function checkpoint(tx: Tx, { run }: Caller, args: ToolArgs<'checkpoint'>): Result<ToolAnswer> {
  saveCheckpoint(tx, checkpointOwner(run), args.data);
  return ok({ summary: 'Saved; the next prime returns it.', data: {}, links: [] });
}

export function escalateTool(tx: Tx, { run, agent }: Caller, args: ToolArgs<'escalate'>): Result<ToolAnswer> {
  const bead = run.beadId ? findBead(tx.sql, run.beadId) : null;
  const id = escalate(tx, {
    beadId: bead?.id ?? null,
    rigId: run.rigId,
    agentId: agent.id,
    severity: args.severity,
    category: args.category,
    message: args.message,
    metadata: args.metadata,
  });
  return ok({
    summary: `A person is asked (${id}). Go on with what you can do meanwhile.`,
    data: { escalation_id: id },
    links: [{ kind: 'escalation', id }],
  });
}

/** A part of the bead on the hook, which nobody else works on. */
export function beadClose(tx: Tx, { run }: Caller, args: ToolArgs<'bead_close'>): Result<ToolAnswer> {
  const id = args.bead_id;
  const bead = findBead(tx.sql, id);
  if (!bead || bead.type !== 'issue') return refuse(failure('unknown_bead', `There is no bead ${id}.`, { beadId: id }));
  if (id === run.beadId) return refuse(failure('forbidden', `${id} is on your hook: hand it in with gt_done.`, { beadId: id }));
  const isPart = edgesOf(tx.sql, [id]).some((edge) => edge.type === 'parent-child' && edge.dependsOn === run.beadId);
  if (!isPart) return refuse(failure('forbidden', `${id} is no part of your bead ${run.beadId ?? ''}.`, { beadId: id }));
  if (bead.status === 'closed') return ok({ summary: `${id} is closed.`, data: { bead_id: id }, links: [{ kind: 'bead', id }] });
  if (bead.status !== 'open')
    return refuse(failure('illegal_transition', `${id} is ${bead.status}; only a part that is open is yours to close.`, { beadId: id }));
  const closed = moveBead(tx, id, 'closed', { data: { runId: run.id, ...(args.note && { note: args.note }) } });
  return closed.ok ? ok({ summary: `${id} is closed.`, data: { bead_id: id }, links: [{ kind: 'bead', id }] }) : closed;
}
