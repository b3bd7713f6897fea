import { int, text, type Row } from '../../sql.ts';
import { finding, type Check, type Finding } from './check.ts';
import { NO_WORK } from './records.ts';

/**
 * I12: what is kept of the graph of dependencies is what the edges say (design/core.md §1), nothing blocked is begun, and there is no circle.
 * The rules are written here a second time, from the plan and not from the code that keeps them.
 */
const active = (bead: string): string => `${bead}.status <> 'closed' AND ${bead}.hold IS NOT 'pinned'`;
const PARTS = `SELECT 1 FROM dependencies c JOIN beads part ON part.id = c.bead_id WHERE c.type = 'parent-child' AND c.depends_on = d.depends_on`;
const BLOCKERS = `SELECT d.bead_id AS id, count(*) AS n FROM dependencies d LEFT JOIN beads o ON o.id = d.depends_on
  WHERE d.type IN ('blocks', 'conditional-blocks')
    AND (d.depends_on LIKE 'external:%' OR (${active('o')} AND NOT (d.type = 'conditional-blocks' AND o.status = 'failed')))
  GROUP BY d.bead_id`;
const WAITS = `SELECT d.bead_id AS id, count(*) AS n FROM dependencies d
  WHERE d.type = 'waits-for' AND EXISTS (${PARTS} AND ${active('part')}) AND NOT (d.gate IS 'any' AND EXISTS (${PARTS} AND part.status = 'closed'))
  GROUP BY d.bead_id`;
const DEFERRED = `SELECT d.bead_id AS id, count(*) AS n FROM dependencies d JOIN beads o ON o.id = d.depends_on
  WHERE d.type = 'parent-child' AND o.defer_until IS NOT NULL GROUP BY d.bead_id`;
const BLOCKED = `WITH RECURSIVE blocked (id) AS (
    SELECT b.id FROM beads b WHERE b.blockers + b.waits > 0 AND ${active('b')}
    UNION SELECT d.bead_id FROM blocked JOIN dependencies d ON d.depends_on = blocked.id AND d.type = 'parent-child'
      JOIN beads b ON b.id = d.bead_id AND ${active('b')}
  ) SELECT id, 1 AS n FROM blocked`;

const KEPT = [
  ['blockers', BLOCKERS],
  ['waits', WAITS],
  ['deferred_parents', DEFERRED],
  ['blocked', BLOCKED],
] as const;

export const keptCheck: Check = {
  tables: ['beads', 'dependencies'],
  open: () => (sql) => {
    const beads = sql.all('SELECT id, blockers, waits, deferred_parents, blocked FROM beads');
    return KEPT.flatMap(([column, query]) => {
      const recount = new Map(sql.all(query).map((row) => [text(row, 'id'), int(row, 'n')]));
      return beads.flatMap((bead) => differs(bead, column, recount.get(text(bead, 'id')) ?? 0));
    });
  },
};
const differs = (bead: Row, column: string, counted: number): Finding[] =>
  int(bead, column) === counted
    ? []
    : [finding('I12', `${text(bead, 'id')} keeps ${column} ${int(bead, column)}, the edges say ${counted}`)];

/** A run is first seen in the step that began it: at that moment nothing blocks its bead, nothing holds it, and it is work for an agent. */
export const begunCheck: Check = {
  tables: ['runs'],
  open() {
    let known: Set<string> | null = null;
    return (sql) => {
      const runs = sql.all(
        `SELECT r.id, r.bead_id, b.blocked, b.hold, b.defer_until, b.kind, ${NO_WORK} AS no_work FROM runs r JOIN beads b ON b.id = r.bead_id WHERE r.state = 'starting'`,
      );
      const fresh = runs.filter((run) => known !== null && !known.has(text(run, 'id')));
      known = new Set(runs.map((run) => text(run, 'id')));
      return fresh.flatMap((run) => {
        const id = text(run, 'bead_id');
        const held = run.blocked !== 0 || run.hold !== null || run.defer_until !== null;
        return [
          ...(held ? [finding('I12', `${id} was begun while it was blocked or held`)] : []),
          ...(run.no_work === 0 ? [] : [finding('I12', `${id} was begun, of the kind ${text(run, 'kind')}: no agent is sent to that`)]),
        ];
      });
    };
  },
};

const KIN = [['blocks', 'conditional-blocks'], ['parent-child']] as const;
export const circlesCheck: Check = {
  tables: ['dependencies'],
  open: () => (sql) => {
    const edges = sql.all(
      `SELECT bead_id, depends_on, type FROM dependencies WHERE type IN ('blocks', 'conditional-blocks', 'parent-child')`,
    );
    return KIN.flatMap((types) => circle(edges.filter((edge) => (types as readonly string[]).includes(text(edge, 'type')))));
  },
};

/** Takes away what waits for nothing, again and again; what is left waits for itself. */
function circle(edges: readonly Row[]): Finding[] {
  const waits = new Map<string, number>();
  const behind = new Map<string, string[]>();
  for (const edge of edges) {
    const [from, to] = [text(edge, 'bead_id'), text(edge, 'depends_on')];
    waits.set(from, (waits.get(from) ?? 0) + 1);
    const others = behind.get(to);
    if (others) others.push(from);
    else behind.set(to, [from]);
  }
  const free = [...behind.keys()].filter((id) => !waits.has(id));
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    for (const follower of behind.get(id) ?? []) {
      const left = (waits.get(follower) ?? 0) - 1;
      waits.set(follower, left);
      if (left === 0) free.push(follower);
    }
  }
  const stuck = [...waits].filter(([, left]) => left > 0).map(([id]) => id);
  return stuck.length === 0 ? [] : [finding('I12', `the dependencies have a circle among ${stuck.slice(0, 10).join(', ')}`)];
}
