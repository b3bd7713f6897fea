import type { BeadStatus, SpendLevel } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { beadsById, updateBead, type Bead } from '../beads/store.ts';
import { closeEscalations, escalate } from '../escalations/commands.ts';
import { record } from '../ledger/store.ts';
import { endRun, liveRuns } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import { readLimits } from './limits.ts';
import { detailsOf, hardFor, reachedAt, reachedByBeads, sentenceOf, spentFailure, type Reached } from './reached.ts';

/**
 * Rule: where a limit is reached, nothing new starts; where a hard one is, what runs is ended in this transaction, and no attempt is charged (I9, RC-32,
 * MT-5). Looks at what this transaction touched; a town without limits is asked one question.
 */
export function keepLimits(tx: Tx): void {
  if (readLimits(tx.sql).size === 0) return;
  holdBeads(tx, [...tx.touched.beads]);
  for (const run of liveRuns(tx.sql)) {
    const spent = hardFor(tx.sql, run);
    if (!spent) continue;
    if (run.doneAt !== null) endRun(tx, run, 'done', null);
    else endRun(tx, run, 'stopped', spentFailure(tx.sql, spent));
  }
}

/** `beads.overspent`: what of its own money holds a bead. Kept on write, so that the front of a line has no bead that may not start. */
const HELD = { soft: 1, hard: 2, hardOfConvoy: 3 } as const;
const heldBy = ({ kind, level }: Reached): number => (kind === 'soft' ? HELD.soft : level === 'convoy' ? HELD.hardOfConvoy : HELD.hard);
const STARTS: readonly BeadStatus[] = ['open', 'in_progress'];
/** Of these, which are held, and by what. */
export const heldByMoney = (sql: Sql, ids: readonly string[]): Map<string, number> =>
  new Map([...reachedByBeads(sql, ids)].map(([id, reached]) => [id, heldBy(reached)]));

export function holdBeads(tx: Tx, ids: readonly string[]): void {
  const beads = beadsById(tx.sql, ids).filter((bead) => bead.type === 'issue');
  const over = reachedByBeads(
    tx.sql,
    beads.filter((bead) => STARTS.includes(bead.status)).map((bead) => bead.id),
  );
  for (const bead of beads) hold(tx, bead, over.get(bead.id) ?? null);
}

function hold(tx: Tx, bead: Bead, reached: Reached | null): void {
  const overspent = reached ? heldBy(reached) : 0;
  if (bead.overspent === overspent) return;
  updateBead(tx, bead.id, { overspent });
  if (!reached || overspent !== HELD.hard) return;
  record(tx, { type: 'paused', beadId: bead.id, data: detailsOf(reached) });
  const message = `${bead.title} is paused. ${sentenceOf(tx.sql, reached)} Raise the limit, or close the bead.`;
  escalate(tx, { beadId: bead.id, rigId: bead.rigId, agentId: bead.assigneeId, severity: 'high', category: 'budget', message });
}

/** A limit was raised or cleared: what was asked because of it is settled. */
export function endLifted(tx: Tx): void {
  closeEscalations(tx, ({ category, beadId, agentId }) => {
    if (category !== 'budget') return false;
    if (beadId === null) return !isSpent(tx, 'agent', agentId ?? '');
    const bead = beadsById(tx.sql, [beadId])[0];
    return bead?.type === 'issue' ? bead.overspent !== HELD.hard : !isSpent(tx, 'convoy', beadId);
  });
}
const isSpent = (tx: Tx, level: SpendLevel, id: string): boolean => reachedAt(tx.sql, level, [id]).get(id)?.kind === 'hard';
