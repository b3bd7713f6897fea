import { failure, ok, refuse, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { addDependency, removeDependency } from '../beads/dependencies.ts';
import { archive, unarchive } from '../beads/holding.ts';
import { withMembers } from '../convoys/commands.ts';
import { acknowledge } from '../escalations/commands.ts';
import { changeAndTell, resetAgent } from '../people/agents.ts';
import { giveUp, reassign, resetDispatch, setStatus } from '../people/beads.ts';
import { beadRows } from '../sync/beads.ts';
import { whyNotMoving } from '../sync/why.ts';
import { resolveTriage, retryBead } from '../triage/resolve.ts';
import { findTriage } from '../triage/store.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

/** What the Mayor does in a person's stead: such acts may move a bead anywhere (ST-14), and the ledger says so. */
const inStead = (tx: Tx): Tx => ({ ...tx, random: (bytes) => tx.random(bytes), byHand: true });

const answered = (
  done: Result<unknown>,
  summary: string,
  beadIds: readonly string[] = [],
  data: ToolAnswer['data'] = {},
): Result<ToolAnswer> => (done.ok ? ok({ summary, data, links: beadIds.map((id) => ({ kind: 'bead' as const, id })) }) : done);

export function beadUpdate(tx: Tx, _caller: Caller, args: ToolArgs<'bead_update'>): Result<ToolAnswer> {
  const { bead_id: beadId, status, title, body, priority, labels } = args;
  const edits = title !== undefined || body !== undefined || priority !== undefined || labels !== undefined;
  if (!edits && status === undefined)
    return refuse(
      failure('invalid_input', 'gt_bead_update: say what to change: status, title, body, priority or labels.', { field: 'status' }),
    );
  const hand = inStead(tx);
  /** The status first: if it is refused, nothing was written. */
  const moved = status === undefined ? ok({}) : setStatus(hand, { beadId, status });
  if (!moved.ok) return moved;
  const edited = edits ? changeAndTell(hand, { beadId, title, body, priority, labels }) : ok({ changed: true });
  const same = edited.ok && !edited.value.changed && status === undefined;
  return answered(
    edited,
    same ? `${beadId} says that already: nothing was to be done.` : `${beadId} is changed${status ? ` and ${status} now` : ''}.`,
    [beadId],
  );
}

export function beadReassign(tx: Tx, _caller: Caller, args: ToolArgs<'bead_reassign'>): Result<ToolAnswer> {
  const done = reassign(inStead(tx), { beadId: args.bead_id, agentId: args.agent_id });
  return answered(
    done,
    `${args.bead_id} goes to ${args.agent_id ? `${args.agent_id} if it is free, else to another` : 'the next free agent'}.`,
    [args.bead_id],
  );
}
export const beadFail = (tx: Tx, _caller: Caller, args: ToolArgs<'bead_fail'>): Result<ToolAnswer> =>
  answered(giveUp(tx, args.bead_id, args.reason, 'failed_by_mayor', 'mayor'), `${args.bead_id} is given up.`, [args.bead_id]);

export const beadArchive = (tx: Tx, _caller: Caller, args: ToolArgs<'bead_archive'>): Result<ToolAnswer> =>
  answered(archive(tx, { beadIds: withMembers(tx, args.bead_ids) }), 'Archived.', args.bead_ids);
export const beadUnarchive = (tx: Tx, _caller: Caller, args: ToolArgs<'bead_unarchive'>): Result<ToolAnswer> =>
  answered(unarchive(tx, withMembers(tx, args.bead_ids)), 'Brought back.', args.bead_ids);

export function addDependencyTool(tx: Tx, _caller: Caller, args: ToolArgs<'bead_add_dependency'>): Result<ToolAnswer> {
  const done = addDependency(tx, { beadId: args.bead_id, dependsOn: args.depends_on_bead_id, type: args.type ?? 'blocks' });
  return answered(done, `${args.bead_id} depends on ${args.depends_on_bead_id} (${args.type ?? 'blocks'}).`, [args.bead_id]);
}
export function removeDependencyTool(tx: Tx, _caller: Caller, args: ToolArgs<'bead_remove_dependency'>): Result<ToolAnswer> {
  const done = removeDependency(tx, { beadId: args.bead_id, dependsOn: args.depends_on_bead_id, type: args.type ?? 'blocks' });
  return answered(done, `${args.bead_id} does not depend on ${args.depends_on_bead_id} any more.`, [args.bead_id]);
}

export function agentReset(tx: Tx, { agent }: Caller, args: ToolArgs<'agent_reset'>): Result<ToolAnswer> {
  if (args.agent_id === agent.id)
    return refuse(failure('forbidden', 'You cannot reset yourself in the middle of your turn; a person can restart the Mayor.'));
  return answered(resetAgent(tx, args.agent_id), 'It is reset; its bead is back in line.');
}
export const escalationAcknowledge = (tx: Tx, _caller: Caller, args: ToolArgs<'escalation_acknowledge'>): Result<ToolAnswer> =>
  answered(acknowledge(tx, args.escalation_id, args.note ?? null), `${args.escalation_id} is closed.`);

export function dispatchReset(tx: Tx, _caller: Caller, args: ToolArgs<'dispatch_reset'>): Result<ToolAnswer> {
  if (args.bead_id) {
    const retried = retryBead(inStead(tx), args.bead_id);
    const same = retried.ok && !retried.value.changed;
    const summary = same ? nothingFailed(tx, args.bead_id) : `${args.bead_id} is tried anew.`;
    return answered(retried, summary, [args.bead_id]);
  }
  const done = resetDispatch(tx);
  return answered(done, 'Failed starts are forgotten; what waited for its time is tried now.', [], done.ok ? done.value : {});
}

function nothingFailed(tx: Tx, beadId: string): string {
  const [row] = beadRows(tx.sql, [beadId]);
  const why = row ? whyNotMoving(tx.sql, row) : null;
  return `Nothing of ${beadId} failed: nothing was to be done.${why ? ` ${why}` : ''}`;
}

export function triageResolve(tx: Tx, _caller: Caller, args: ToolArgs<'triage_resolve'>): Result<ToolAnswer> {
  const done = resolveTriage(inStead(tx), { triageId: args.triage_id, action: args.action, notes: args.notes });
  const beadId = findTriage(tx.sql, args.triage_id)?.beadId ?? null;
  return answered(done, `${args.triage_id} is answered: ${args.action}.`, beadId ? [beadId] : [], { triage_id: args.triage_id });
}
