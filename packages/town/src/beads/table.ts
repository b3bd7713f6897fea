/**
 * `rank`: 0 critical … 3 low (imported: 4, later than low). `blockers`: dependencies of type `blocks` that are not closed, kept on write, so that ready work is an index
 * that costs what it returns (RC-12, RC-13). `retry_at`: not before this time; cleared when it comes.
 */
export const BEADS_TABLES = [
  `CREATE TABLE beads (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, rig_id TEXT, parent_id TEXT,
    assignee_id TEXT, rank INTEGER NOT NULL, labels TEXT NOT NULL, metadata TEXT NOT NULL, created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, closed_at INTEGER, archived_at INTEGER,
    blockers INTEGER NOT NULL DEFAULT 0, retry_at INTEGER
  ) STRICT`,
  `CREATE INDEX beads_ready ON beads (rig_id, rank, created_at)
    WHERE type = 'issue' AND status = 'open' AND blockers = 0 AND retry_at IS NULL AND archived_at IS NULL`,
  `CREATE INDEX beads_unfinished ON beads (rig_id, title) WHERE type = 'issue' AND closed_at IS NULL`,
  `CREATE INDEX beads_retry ON beads (retry_at) WHERE retry_at IS NOT NULL`,
  `CREATE TABLE issues (
    bead_id TEXT PRIMARY KEY, branch TEXT, attempts INTEGER NOT NULL DEFAULT 0, starts INTEGER NOT NULL DEFAULT 0, failure TEXT
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE dependencies (
    bead_id TEXT NOT NULL, depends_on TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (bead_id, depends_on, type)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX dependencies_back ON dependencies (depends_on, type, bead_id)`,
];

/** As published with `BEADS_READY`; what came later is added below. */
const FREE = `type = 'issue' AND status = 'open' AND hold IS NULL AND blocked = 0 AND defer_until IS NULL AND deferred_parents = 0
  AND retry_at IS NULL AND archived_at IS NULL`;
const LASTING = 'ephemeral = 0';
const FOR_AGENTS = `kind NOT IN ('epic', 'decision', 'milestone')`;
const AFFORDED = 'overspent = 0';
const CAN_START = `${FREE} AND convoy_hold IS NULL`;
/** Open work that nothing holds back, and of it what an agent may be sent to. The predicates of the indexes, and of the queries that use them. */
export const READY = `${CAN_START} AND ${LASTING}`;
export const DISPATCHABLE = `${CAN_START} AND kind NOT IN ('epic', 'decision', 'milestone', 'convoy', 'event', 'slot') AND ${AFFORDED}`;
/** Open, and held until a person starts it, or all that is planned in its rig. */
export const PLANNED = `type = 'issue' AND hold = 'staged' AND status = 'open'`;

/**
 * Ready work as beads has it (design/core.md §1): all of it kept on write. `blockers` counts edges `blocks` and `conditional-blocks` that hold,
 * `waits` unsatisfied `waits-for`; `blocked` is the least fixpoint of both over the tree of parents.
 */
export const BEADS_READY = [
  `ALTER TABLE beads ADD COLUMN kind TEXT NOT NULL DEFAULT 'task'`,
  `ALTER TABLE beads ADD COLUMN hold TEXT`,
  `ALTER TABLE beads ADD COLUMN defer_until INTEGER`,
  `ALTER TABLE beads ADD COLUMN deferred_parents INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE beads ADD COLUMN waits INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE beads ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE beads ADD COLUMN ephemeral INTEGER NOT NULL DEFAULT 0`,
  `UPDATE beads SET blocked = 1 WHERE blockers > 0 AND status <> 'closed'`,
  `DROP INDEX beads_ready`,
  `CREATE INDEX beads_dispatch ON beads (rig_id, rank, created_at) WHERE ${FREE} AND ${FOR_AGENTS}`,
  `CREATE INDEX beads_newest ON beads (rank, created_at DESC, id) WHERE ${FREE} AND ${LASTING}`,
  `CREATE INDEX beads_oldest ON beads (created_at, id) WHERE ${FREE} AND ${LASTING}`,
  `CREATE INDEX beads_deferred ON beads (defer_until) WHERE defer_until IS NOT NULL`,
  `ALTER TABLE dependencies ADD COLUMN gate TEXT`,
  `ALTER TABLE issues ADD COLUMN timeout_ms INTEGER`,
];

/**
 * `overspent`: a limit of its own (the bead's, its last run's, its convoy's) is reached: 1 a soft one, 2 a hard one of the bead or its run, 3 a hard one
 * of its convoy alone, about which the convoy asks. Kept on write by the spend rule.
 */
export const BEADS_OVERSPENT = [
  `ALTER TABLE beads ADD COLUMN overspent INTEGER NOT NULL DEFAULT 0`,
  `DROP INDEX beads_dispatch`,
  `CREATE INDEX beads_dispatch ON beads (rig_id, rank, created_at) WHERE ${FREE} AND ${FOR_AGENTS} AND ${AFFORDED}`,
];

/**
 * A bead is in at most one convoy. `convoy_hold` is what the convoy's own state does to it (`staged`, `paused`), kept on write and apart from `hold`: it is in the
 * ready indexes, so that dispatch never walks past held beads, a start or a pause of thousands is one statement, and it lets go exactly what the convoy held.
 */
export const BEADS_CONVOYS = [
  `ALTER TABLE beads ADD COLUMN convoy_id TEXT`,
  `ALTER TABLE beads ADD COLUMN convoy_place INTEGER`,
  `ALTER TABLE beads ADD COLUMN convoy_hold TEXT`,
  `CREATE INDEX beads_convoy ON beads (convoy_id, convoy_place) WHERE convoy_id IS NOT NULL`,
  `DROP INDEX beads_dispatch`,
  `CREATE INDEX beads_dispatch ON beads (rig_id, rank, created_at, convoy_place) WHERE ${CAN_START} AND ${FOR_AGENTS} AND ${AFFORDED}`,
  `DROP INDEX beads_newest`,
  `CREATE INDEX beads_newest ON beads (rank, created_at DESC, id) WHERE ${READY}`,
  `DROP INDEX beads_oldest`,
  `CREATE INDEX beads_oldest ON beads (created_at, id) WHERE ${READY}`,
];

/** Other tools write times to the nanosecond, and beads made within one millisecond have an order: what `created_at` leaves out. */
export const BEADS_FINE_TIME = ['ALTER TABLE beads ADD COLUMN created_fine INTEGER NOT NULL DEFAULT 0'];
/** `wanted_agent`: who should take it next. `issues_starts`: whose failed starts may be forgotten (RC-33). */
export const BEADS_WANTED = [
  `ALTER TABLE issues ADD COLUMN wanted_agent TEXT`,
  `CREATE INDEX issues_starts ON issues (bead_id) WHERE starts > 0`,
];
/** What is ready in other tools and is no work for an agent: convoys, events, slots. */
export const BEADS_UNDISPATCHED = [
  `DROP INDEX beads_dispatch`,
  `CREATE INDEX beads_dispatch ON beads (rig_id, rank, created_at, convoy_place) WHERE ${DISPATCHABLE}`,
];
/** The lists of ready work are read in the order of their indexes, and nothing is sorted (P1). */
export const BEADS_ORDERED = [
  `DROP INDEX beads_newest`,
  `CREATE INDEX beads_newest ON beads (rank, created_at DESC, created_fine DESC, id) WHERE ${READY}`,
  `DROP INDEX beads_oldest`,
  `CREATE INDEX beads_oldest ON beads (created_at, created_fine, id) WHERE ${READY}`,
];
/** Version 1 took down what is a part of what, and held no part for its whole. */
export const BEADS_TREE = [
  `UPDATE beads SET blocked = 1 WHERE blocked = 0 AND id IN (
    WITH RECURSIVE held (id) AS (
      SELECT id FROM beads WHERE blocked = 1
      UNION SELECT d.bead_id FROM held JOIN dependencies d ON d.depends_on = held.id AND d.type = 'parent-child'
        JOIN beads part ON part.id = d.bead_id AND part.status <> 'closed' AND part.hold IS NOT 'pinned'
    ) SELECT id FROM held)`,
];
/** For lists of one type by status, in the order in which they came. What no other question asks for stands first, so that no other uses these. */
export const BEADS_LISTED = [
  `CREATE INDEX beads_listed ON beads ((archived_at IS NOT NULL), type, status)`,
  `CREATE INDEX beads_listed_rig ON beads ((archived_at IS NOT NULL), rig_id, type, status)`,
];
