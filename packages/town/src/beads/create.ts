import { record } from '../ledger/store.ts';
import { textMark } from '../hash.ts';
import type { Tx } from '../tx.ts';
import { insertBead, rankOf, type NewBead } from './store.ts';

/** How the ledger tells that a bead begins. */
export interface Birth {
  readonly type: string;
  readonly agentId?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The one way a bead begins, of whatever type: its row and its first event, which says all that the row says (I6). */
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
