import { ok, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { resolveTriage } from '../triage/resolve.ts';
import { findTriage } from '../triage/store.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

/** What the Mayor does in a person's stead: such acts may move a bead anywhere (ST-14), and the ledger says so. */
const inStead = (tx: Tx): Tx => ({ ...tx, random: (bytes) => tx.random(bytes), byHand: true });

export function triageResolve(tx: Tx, _caller: Caller, args: ToolArgs<'triage_resolve'>): Result<ToolAnswer> {
  const done = resolveTriage(inStead(tx), { triageId: args.triage_id, action: args.action, notes: args.notes });
  if (!done.ok) return done;
  const beadId = findTriage(tx.sql, args.triage_id)?.beadId ?? null;
  return ok({
    summary: `${args.triage_id} is answered: ${args.action}.`,
    data: { triage_id: args.triage_id, action: args.action, bead_id: beadId },
    links: beadId ? [{ kind: 'bead', id: beadId }] : [],
  });
}
