import { record, recordAll } from '../ledger/store.ts';
import { textMark } from '../hash.ts';
import type { Tx } from '../tx.ts';
import { insertBeads, type WholeBead } from './bulk.ts';
import { insertBead, rankOf, type NewBead } from './store.ts';

/** How the ledger tells that a bead begins. */
export interface Birth {
  readonly type: string;
  readonly agentId?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * How a bead begins, of whatever type: its row and its first event, which says all that the row says (I6). There is no other way than this one, for one bead, and
 * `createBeads`, for many that come from elsewhere.
 */
export function createBead(tx: Tx, bead: NewBead, birth: Birth): void {
  insertBead(tx, bead);
  record(tx, { ...birth, beadId: bead.id, after: 'open', data: { ...birth.data, set: saidOf(bead) } });
}

/** What is not said is as in every new bead: no assignee, no labels, a task, held by nothing. */
const saidOf = (bead: NewBead) => ({
  title: bead.title,
  body: textMark(bead.body),
  rank: rankOf(bead.priority),
  rigId: bead.rigId,
  ...(bead.parentId !== null && { parentId: bead.parentId }),
  ...(bead.assigneeId !== null && { assigneeId: bead.assigneeId }),
  ...(bead.labels.length > 0 && { labels: bead.labels }),
  ...((bead.kind ?? 'task') !== 'task' && { kind: bead.kind }),
  ...(bead.hold && { hold: bead.hold }),
  ...(bead.deferUntil && { deferUntil: bead.deferUntil }),
  ...(bead.convoyId && { convoyId: bead.convoyId, convoyPlace: bead.convoyPlace }),
});

/** What the ledger tells of a bead that begins elsewhere, besides its columns: what it depends on, why it failed. */
export interface Arrival {
  readonly bead: WholeBead;
  readonly told: Readonly<Record<string, unknown>>;
}
/** Many beads of another tool, told in this order: they may be closed or failed from the beginning. What they hold up is counted by `linkBeads`. */
export function createBeads(tx: Tx, arrivals: readonly Arrival[]): void {
  insertBeads(tx, inOrderOfAge(arrivals));
  recordAll(
    tx,
    arrivals.map(({ bead, told }) => ({
      type: 'created',
      beadId: bead.id,
      after: bead.status,
      data: { title: bead.title, ...told, set: wholeSaidOf(bead) },
    })),
  );
}
/** Which is the order of the line at the same priority. */
const inOrderOfAge = (arrivals: readonly Arrival[]): WholeBead[] =>
  arrivals.map(({ bead }) => bead).toSorted((a, b) => a.createdAt - b.createdAt || a.createdFine - b.createdFine || (a.id < b.id ? -1 : 1));
const wholeSaidOf = (bead: WholeBead) => ({
  title: bead.title,
  body: textMark(bead.body),
  rank: bead.rank,
  rigId: bead.rigId,
  createdAt: bead.createdAt,
  ...(bead.closedAt !== null && { closedAt: bead.closedAt }),
  ...(bead.labels.length > 0 && { labels: bead.labels }),
  ...(bead.kind !== 'task' && { kind: bead.kind }),
  ...(bead.hold && { hold: bead.hold }),
  ...(bead.deferUntil !== null && { deferUntil: bead.deferUntil }),
  ...(bead.ephemeral && { ephemeral: true }),
});
