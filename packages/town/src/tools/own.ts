import { ok, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
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
