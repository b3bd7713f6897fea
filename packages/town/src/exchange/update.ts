import { failure, type BeadId, type ImportId } from '@gastown/protocol';
import { holdOfKind } from '../beads/commands.ts';
import { removeDependency } from '../beads/dependencies.ts';
import { setDeferral } from '../beads/holding.ts';
import { mustMove, setHold } from '../beads/status.ts';
import { findBead, updateBead, updateIssue, type Bead } from '../beads/store.ts';
import { textMark } from '../hash.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import type { LineBead } from './line.ts';
import type { Update } from './plan.ts';
import { saidStatus } from './say.ts';

/**
 * Three states meet: what the bead's last line said, what the new line says, and what the bead is now. Only what the file changed since is taken over, so
 * what was done here meanwhile stays done: an import never opens again what was closed here.
 */
export function applyUpdate(tx: Tx, update: Update, importId: ImportId, start: boolean): void {
  const id = update.bead.id;
  for (const { beadId, dependsOn, type } of update.leaving) removeDependency(tx, { beadId, dependsOn, type });
  const set = columnsOf(update);
  moveState(tx, { ...update, importId, start }, set.kind ?? update.bead.kind);
  deferAnew(tx, update);
  const at = (update.of.bead.updated ?? { ms: tx.now }).ms;
  updateBead(tx, id, { ...patchOf(set), updated_at: at });
  const { body, ...rest } = set;
  const told = { ...rest, ...(body !== undefined && { body: textMark(body) }) };
  if (Object.keys(set).length > 0) record(tx, { type: 'edited', beadId: id, data: { importId, fields: Object.keys(set), set: told } });
}

interface Columns {
  readonly title?: string;
  readonly body?: string;
  readonly rank?: number;
  readonly kind?: string;
  readonly labels?: readonly string[];
  readonly ephemeral?: boolean;
  readonly createdBy?: string;
  readonly createdAt?: number;
  readonly createdFine?: number;
  readonly closedAt?: number;
}
/** What the new line says otherwise than the last one, and otherwise than it is. */
function columnsOf({ of: { bead: said }, was, bead }: Update): Columns {
  const news = <T>(says: T, said: T | undefined, is: T): { value: T } | null =>
    JSON.stringify(says) === JSON.stringify(is) || (said !== undefined && JSON.stringify(says) === JSON.stringify(said))
      ? null
      : { value: says };
  const [title, body, rank] = [
    news(said.title, was?.title, bead.title),
    news(said.body, was?.body, bead.body),
    news(said.rank, was?.rank, bead.rank),
  ];
  const [kind, labels] = [news(said.kind, was?.kind, bead.kind), news(said.labels, was?.labels, bead.labels)];
  const ephemeral = news(said.ephemeral, was?.ephemeral, bead.ephemeral);
  const createdBy = said.createdBy === null ? null : news(said.createdBy, was?.createdBy ?? undefined, bead.createdBy);
  const created = said.created && news(said.created, was?.created ?? undefined, { ms: bead.createdAt, fine: bead.createdFine });
  const closed = said.closed && bead.closedAt !== null && was?.closed ? news(said.closed.ms, was.closed.ms, bead.closedAt) : null;
  return {
    ...(title && { title: title.value }),
    ...(body && { body: body.value }),
    ...(rank && { rank: rank.value }),
    ...(kind && { kind: kind.value }),
    ...(labels && { labels: labels.value }),
    ...(ephemeral && { ephemeral: ephemeral.value }),
    ...(createdBy && { createdBy: createdBy.value }),
    ...(created && { createdAt: created.value.ms, createdFine: created.value.fine }),
    ...(closed && { closedAt: closed.value }),
  };
}
/** A line that names no priority makes its bead critical, also when it did not before. */
export const ranksUnsaid = (update: Update): boolean => !update.of.bead.ranked && columnsOf(update).rank !== undefined;
const patchOf = ({ labels, ephemeral, createdBy, createdAt, createdFine, closedAt, ...same }: Columns) => ({
  ...same,
  ...(labels && { labels: JSON.stringify(labels) }),
  ...(ephemeral !== undefined && { ephemeral: ephemeral ? 1 : 0 }),
  ...(createdBy !== undefined && { created_by: createdBy }),
  ...(createdAt !== undefined && { created_at: createdAt, created_fine: createdFine ?? 0 }),
  ...(closedAt !== undefined && { closed_at: closedAt }),
});

/** What is not closed any more, or is let go by the file, or is no record any more, starts no sooner than a person says. */
function moveState(tx: Tx, { of, was, bead, importId, start }: Update & { importId: ImportId; start: boolean }, kind: string): void {
  const said = of.bead;
  const same = was ? stateOf(was) === stateOf(said) : saidStatus(bead) === said.said;
  if (same && kind === bead.kind) return;
  if (!same && said.status !== bead.status) moveTo(tx, bead.id, said, importId);
  const now = findBead(tx.sql, bead.id);
  if (!now) return;
  const stays = same && now.hold !== 'not_work';
  setHold(tx, now, stays ? (now.hold ?? holdOfKind(kind)) : holdFor({ now, kind, before: bead.status, said, start }));
}
const stateOf = ({ said, failure: why, pinned, hold }: LineBead): string => JSON.stringify([said, why, pinned, hold]);
function moveTo(tx: Tx, id: BeadId, said: LineBead, importId: ImportId): void {
  const why = said.failure ?? failure('failed_by_person');
  mustMove(tx, id, said.status, {
    data: { imported: true, importId },
    ...(said.closed && { closedAt: said.closed.ms }),
    ...(said.status === 'failed' && { failure: { ...why, source: why.source ?? 'user' } }),
  });
  if (said.status === 'failed') updateIssue(tx, id, { failure: JSON.stringify(why) });
  if (said.status === 'open') updateIssue(tx, id, { attempts: 0, starts: 0, failure: null });
}
interface Said {
  readonly now: Bead;
  readonly kind: string;
  readonly before: Bead['status'];
  readonly said: LineBead;
  readonly start: boolean;
}
function holdFor({ now, kind, before, said, start }: Said): Bead['hold'] {
  /** Whether it is a record says the kind that it has here, not the one in the file. */
  const hold = said.hold === null || said.hold === 'not_work' ? holdOfKind(kind) : said.hold;
  if (hold !== null || said.status !== 'open') return hold;
  return start || (before === 'open' && now.hold === null) ? null : 'staged';
}

function deferAnew(tx: Tx, { of, was, bead }: Update): void {
  const until = of.bead.deferUntil;
  if (was && was.deferUntil === until) return;
  const now = findBead(tx.sql, bead.id);
  if (now) setDeferral(tx, now, until !== null && until > tx.now ? until : null);
}
