import { RECORD_KINDS, UNDISPATCHED_KINDS, type BeadRow, type Wait } from '@gastown/protocol';
import type { Sql } from '../api.ts';

type Cause = (bead: BeadRow, ref: string) => boolean;

/**
 * Of beads that did not end in a town where all is well: those for which nobody can say who must do what, in a sentence each. What a bead says that it waits for is looked
 * up in the rows, by other words than the rules of the core; and who waits for another bead waits, over however many, for a person in the end.
 */
export function endless(sql: Sql, beads: readonly BeadRow[]): string[] {
  const left = new Map<string, BeadRow>(
    beads.filter(({ status }) => status !== 'closed' && status !== 'failed').map((bead) => [bead.id, bead]),
  );
  const causes = causesIn(sql);
  return [...left.values()].flatMap((bead) => {
    const says = `${bead.id} (${bead.status}) says ${bead.wait ? `${bead.wait.code} ${bead.wait.ref ?? ''}` : 'nothing'}`;
    const cause = bead.wait ? causes[bead.wait.code] : undefined;
    if (!cause) return [`${says}: nothing a person knows of`];
    if (!cause(bead, bead.wait!.ref ?? '')) return [`${says}: that is not so`];
    return endsAtPerson(sql, left, bead) ? [] : [`${says}: what it waits for waits for nobody`];
  });
}

/** What a person ends, or the end of another bead. */
function causesIn(sql: Sql): Partial<Record<Wait['code'], Cause>> {
  const some = (query: string, ...parameters: string[]): boolean => sql.all(query, ...parameters).length > 0;
  const is = (where: string) => (id: string, ref?: string) =>
    some(`SELECT 1 FROM beads b WHERE id = ? AND (${where})`, ...(ref === undefined ? [id] : [id, ref]));
  const listed = (kinds: readonly string[]): string => kinds.map((kind) => `'${kind}'`).join();
  const dependsOn = (types: string, other: string) =>
    is(
      `EXISTS (SELECT 1 FROM dependencies JOIN beads other ON other.id = depends_on WHERE bead_id = b.id AND depends_on = ? AND dependencies.type IN (${types}) AND ${other})`,
    );
  const inTown = is(`EXISTS (SELECT 1 FROM rigs WHERE id = b.rig_id AND state <> 'removed')`);
  const running = is(`EXISTS (SELECT 1 FROM runs WHERE bead_id = b.id AND state <> 'ended')`);
  const inLine = is(`EXISTS (SELECT 1 FROM merges WHERE bead_id = b.id AND place IS NOT NULL)`);
  const asked = is(
    `'failed' = (SELECT phase FROM merges WHERE bead_id = b.id ORDER BY rowid DESC LIMIT 1) AND EXISTS (SELECT 1 FROM escalations WHERE bead_id = b.id)`,
  );
  const putThere = is(`'person' = (SELECT actor_kind FROM bead_events WHERE bead_id = b.id AND after = b.status ORDER BY id DESC LIMIT 1)`);
  const held = (bead: BeadRow): boolean =>
    is(`status = 'open' AND (hold IN ('pinned', 'foreign') OR hold = 'not_work' AND kind IN (${listed(RECORD_KINDS)}))`)(bead.id);
  return {
    needs_person: ({ id, status }) => {
      if (status === 'open') return !inTown(id);
      return !(status === 'in_review' ? inLine : running)(id) && (putThere(id) || (status === 'in_review' && asked(id)));
    },
    staged: ({ id }, convoy) =>
      convoy === ''
        ? is(`status = 'open' AND hold = 'staged'`)(id)
        : is(`status = 'open' AND EXISTS (SELECT 1 FROM convoys WHERE id = b.convoy_id AND id = ? AND status = 'staged')`)(id, convoy),
    held,
    not_dispatched: ({ id }) => is(`status = 'open' AND hold IS NULL AND blocked = 0 AND kind IN (${listed(UNDISPATCHED_KINDS)})`)(id),
    blocked_by_failed: ({ id }, other) => dependsOn(`'blocks'`, `other.status = 'failed'`)(id, other),
    blocked_by_open: ({ id }, other) =>
      dependsOn(`'blocks', 'conditional-blocks'`, `other.status NOT IN ('closed', 'failed') AND other.hold IS NOT 'pinned'`)(id, other),
    waits_for_children: ({ id }, other) => dependsOn(`'waits-for'`, 'true')(id, other) && partsOf(sql, other).length > 0,
    parent_blocked: ({ id }, other) => dependsOn(`'parent-child'`, `other.status <> 'closed' AND other.blocked = 1`)(id, other),
  };
}
const partsOf = (sql: Sql, id: string): string[] =>
  sql
    .all(
      `SELECT bead_id FROM dependencies JOIN beads part ON part.id = bead_id WHERE depends_on = ? AND dependencies.type = 'parent-child' AND part.status <> 'closed' AND part.hold IS NOT 'pinned'`,
      id,
    )
    .map((row) => String(row['bead_id']));

/** From one to the next that it waits for, until one waits for none or failed, which a person sees. False: they go round. */
function endsAtPerson(sql: Sql, left: ReadonlyMap<string, BeadRow>, bead: BeadRow, seen: readonly string[] = []): boolean {
  const { code, ref } = bead.wait ?? {};
  if (seen.includes(bead.id)) return false;
  const next = code === 'waits_for_children' ? partsOf(sql, ref!) : code === 'blocked_by_open' || code === 'parent_blocked' ? [ref!] : [];
  return next.every((id) => {
    const other = left.get(id);
    return !other || endsAtPerson(sql, left, other, [...seen, bead.id]);
  });
}
