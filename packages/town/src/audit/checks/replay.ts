import type { ReplayReport } from '@gastown/protocol';
import type { Sql } from '../../api.ts';
import { textMark } from '../../hash.ts';
import { int, intOrNull, text, textOrNull, type Row } from '../../sql.ts';
import { compareBead, compareEdges, differs, missingBeads, type Comparison, type TableBead } from '../compare.ts';
import { openReplay, type LedgerEvent, type Replay } from '../replay.ts';
import { finding, type Check } from './check.ts';

/** I6, DM-8: the ledger replays to the tables: beads and their columns, dependencies, and what hangs on a bead's end. */
const PAGE = 1_000;
const EVENTS = `SELECT id, at, type, bead_id, actor, cause, before, after, data FROM bead_events
  WHERE id > ? AND bead_id IS NOT NULL ORDER BY id LIMIT ${PAGE}`;
const BEADS = `SELECT id, status, title, body, rank, rig_id, parent_id, assignee_id, labels, kind, hold, defer_until, archived_at, closed_at, convoy_id, convoy_place
  FROM beads WHERE id > ? ORDER BY id LIMIT ${PAGE}`;

export const replayLedger = (sql: Sql): Replay => openFold()(sql);

/** Each time it is asked it folds what the ledger has grown by since. */
function openFold(): (sql: Sql) => Replay {
  const replay = openReplay();
  const read = eventReader();
  let last = 0;
  return (sql) => {
    for (const row of pages(sql, EVENTS, last, (row) => int(row, 'id'))) {
      replay.take(read(row));
      last = int(row, 'id');
    }
    return replay;
  };
}

export function compareWithTables(sql: Sql, replay: Replay): Comparison {
  const into: Comparison = { compared: 0, unknown: 0, differences: [] };
  const there = new Set<string>();
  for (const row of pages(sql, BEADS, '', (bead) => text(bead, 'id'))) {
    there.add(text(row, 'id'));
    compareBead(into, replay, toBead(row));
  }
  missingBeads(into, replay, there);
  const edges = sql.all('SELECT bead_id, depends_on, type, gate FROM dependencies');
  compareEdges(into, replay, edges.map(toEdge));
  compareEnds(sql, into, replay);
  return into;
}

/** Rows page by page: a town's whole history does not fit into memory at once. */
function* pages<K extends string | number>(sql: Sql, statement: string, from: K, keyOf: (row: Row) => K): Generator<Row> {
  for (let after = from; ;) {
    const rows = sql.all(statement, after);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = keyOf(last);
  }
}

/** The few words that every event has are kept once, however many events there are. */
function eventReader(): (row: Row) => LedgerEvent {
  const words = new Map<string, string>();
  const once = (word: string): string => {
    const known = words.get(word);
    if (known !== undefined) return known;
    words.set(word, word);
    return word;
  };
  return (row) => ({
    id: int(row, 'id'),
    at: int(row, 'at'),
    type: once(text(row, 'type')),
    beadId: text(row, 'bead_id'),
    actor: once(text(row, 'actor')),
    cause: once(text(row, 'cause')),
    before: textOrNull(row, 'before'),
    after: row['after'] === null ? null : once(text(row, 'after')),
    data: parsed(text(row, 'data')) as LedgerEvent['data'],
  });
}
const toEdge = (row: Row) => ({
  beadId: text(row, 'bead_id'),
  dependsOn: text(row, 'depends_on'),
  type: text(row, 'type'),
  gate: textOrNull(row, 'gate'),
});
function toBead(row: Row): TableBead {
  const labels = parsed(text(row, 'labels'));
  if (labels === null) return { id: text(row, 'id'), status: text(row, 'status'), columns: null };
  const columns = {
    title: row['title'],
    body: textMark(text(row, 'body')),
    rank: row['rank'],
    rigId: row['rig_id'],
    parentId: row['parent_id'],
    assigneeId: row['assignee_id'],
    labels,
    kind: row['kind'],
    hold: row['hold'],
    deferUntil: row['defer_until'],
    archivedAt: row['archived_at'],
    closedAt: row['closed_at'],
    convoyId: row['convoy_id'],
    convoyPlace: row['convoy_place'],
  };
  return { id: text(row, 'id'), status: text(row, 'status'), columns };
}
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** What hangs on a bead's end: a question is closed when its bead is, a merge has landed when its bead is closed. */
function compareEnds(sql: Sql, into: Comparison, replay: Replay): void {
  for (const row of sql.all('SELECT id, closed_at FROM escalations')) {
    const told = replay.beads.get(text(row, 'id'));
    if (told)
      differs(into, text(row, 'id'), told, 'escalation', endOf(told.status === 'closed'), endOf(intOrNull(row, 'closed_at') !== null));
  }
  for (const row of sql.all('SELECT id, phase FROM merges')) {
    const told = replay.beads.get(text(row, 'id'));
    const phase = text(row, 'phase');
    if (told)
      differs(
        into,
        text(row, 'id'),
        told,
        'merge',
        MERGE_ENDS[told.status] ?? 'not over',
        phase === 'landed' || phase === 'failed' ? phase : 'not over',
      );
  }
}
const endOf = (closed: boolean): string => (closed ? 'closed' : 'open');
const MERGE_ENDS: Readonly<Record<string, string>> = { closed: 'landed', failed: 'failed' };

/** Enough to see what went wrong; a damaged table of many thousand rows is one thing to be told, not thousands. */
const LISTED = 200;
export function replayReport(sql: Sql, replay: Replay): ReplayReport {
  const { compared, unknown, differences } = compareWithTables(sql, replay);
  return {
    events: replay.events,
    beads: replay.beads.size,
    edges: replay.edges.size,
    compared,
    unknown,
    differences: differences.slice(0, LISTED),
    left: Math.max(0, differences.length - LISTED),
  };
}

export const replayCheck: Check = {
  tables: ['bead_events', 'beads', 'dependencies', 'escalations', 'merges'],
  whole: true,
  open: () => {
    const fold = openFold();
    return (sql) =>
      compareWithTables(sql, fold(sql)).differences.map(({ id, column, ledger, table }) =>
        finding('I6', `${id}: ${column} is ${table}, the ledger says ${ledger}`),
      );
  },
};
