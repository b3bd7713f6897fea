import { LIMITS, TABLE_NAMES, type BeadRow, type LeftOut, type RowOf, type ServerFrame, type TableName } from '@gastown/protocol';

/**
 * The browser's copy of one town. Owns: rows by table and id, the revision they stand for, and who listens to what.
 * Called by: the socket (apply) and the hooks (read, subscribe).
 * Invariants: R1 a frame is applied whole, then listeners run once; R2 a row whose content did not change keeps its identity;
 * R3 a frame older than the revision held changes nothing, unless it is a snapshot or the epoch changed.
 */
type AnyRow = RowOf<TableName>;
type Listener = () => void;
export type RowId = string | number;

export class Replica {
  rev: number | null = null;
  epoch: string | null = null;
  /** What of the closed beads is not here. A later delta does not change it: only a snapshot leaves out. */
  leftOut: LeftOut = { closed: false, archived: false };
  /** The revision of the last snapshot: what was asked for beside it before may be older. */
  began: number | null = null;
  private readonly tables = new Map<TableName, Map<RowId, AnyRow>>(TABLE_NAMES.map((name) => [name, new Map()]));
  private readonly versions = new Map<TableName, number>(TABLE_NAMES.map((name) => [name, 0]));
  /** Beads that no frame brought and somebody asked for: found by their id, in no list. What a frame says is newer. */
  private readonly lent = new Map<RowId, BeadRow>();
  private readonly rowListeners = new Map<string, Set<Listener>>();
  private readonly tableListeners = new Map<TableName, Set<Listener>>(TABLE_NAMES.map((name) => [name, new Set()]));
  private readonly revListeners = new Set<Listener>();

  row<T extends TableName>(table: T, id: RowId): RowOf<T> | undefined {
    return this.rows(table).get(id) ?? (table === 'beads' ? (this.lent.get(id) as RowOf<T> | undefined) : undefined);
  }

  /** Did a frame bring it, so that the next ones tell of its changes? */
  holds(table: TableName, id: RowId): boolean {
    return this.tables.get(table)!.has(id);
  }

  lend(bead: BeadRow): void {
    const old = this.row('beads', bead.id);
    if (this.holds('beads', bead.id) || (old && same(old, bead))) return;
    this.lent.set(bead.id, bead);
    for (const listener of this.rowListeners.get(`beads/${bead.id}`) ?? []) listener();
  }

  /** The live map of a table: read it, never write it. */
  rows<T extends TableName>(table: T): ReadonlyMap<RowId, RowOf<T>> {
    return this.tables.get(table) as unknown as ReadonlyMap<RowId, RowOf<T>>;
  }

  version(table: TableName): number {
    return this.versions.get(table)!;
  }

  apply(frame: ServerFrame): void {
    const fresh = frame.t === 'snapshot' || frame.epoch !== this.epoch;
    if (!fresh && this.rev !== null && frame.rev <= this.rev) return;
    const changed = new Map<TableName, Set<RowId>>();
    const note = (table: TableName, id: RowId) => (changed.get(table) ?? changed.set(table, new Set()).get(table)!).add(id);
    for (const table of TABLE_NAMES) {
      const map = this.tables.get(table)!;
      const put: readonly AnyRow[] = frame.put[table] ?? [];
      if (fresh) {
        const kept = new Set<RowId>(put.map((row) => row.id));
        for (const id of map.keys())
          if (!kept.has(id)) {
            map.delete(id);
            note(table, id);
          }
      }
      for (const row of put) {
        if (table === 'beads') this.lent.delete(row.id);
        const old = map.get(row.id);
        if (old && same(old, row)) continue;
        map.set(row.id, row);
        note(table, row.id);
      }
      if (frame.t === 'delta') for (const id of frame.drop[table] ?? []) if (map.delete(id)) note(table, id);
    }
    for (const id of this.oldEvents()) note('events', id);
    if (frame.t === 'snapshot') {
      this.leftOut = frame.leftOut;
      this.began = frame.rev;
      changed.set('beads', changed.get('beads') ?? new Set());
    }
    this.rev = frame.rev;
    this.epoch = frame.epoch;
    this.notify(changed);
  }

  onRow(table: TableName, id: RowId, listener: Listener): () => void {
    const key = `${table}/${id}`;
    const set = this.rowListeners.get(key) ?? new Set();
    this.rowListeners.set(key, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.rowListeners.get(key) === set) this.rowListeners.delete(key);
    };
  }

  onTables(tables: readonly TableName[], listener: Listener): () => void {
    for (const table of tables) this.tableListeners.get(table)!.add(listener);
    return () => {
      for (const table of tables) this.tableListeners.get(table)!.delete(listener);
    };
  }

  onRev(listener: Listener): () => void {
    this.revListeners.add(listener);
    return () => this.revListeners.delete(listener);
  }

  /** The feed keeps its newest events only; returns what it let go. */
  private oldEvents(): RowId[] {
    const events = this.tables.get('events')!;
    const old = [...events.keys()].toSorted((a, b) => Number(b) - Number(a)).slice(LIMITS.feedEvents.value);
    for (const id of old) events.delete(id);
    return old;
  }

  private notify(changed: Map<TableName, Set<RowId>>): void {
    const due = new Set<Listener>(this.revListeners);
    for (const [table, ids] of changed) {
      this.versions.set(table, this.version(table) + 1);
      for (const listener of this.tableListeners.get(table)!) due.add(listener);
      for (const id of ids) for (const listener of this.rowListeners.get(`${table}/${id}`) ?? []) due.add(listener);
    }
    for (const listener of due) listener();
  }
}

/** Rows are plain JSON with a fixed key order from the validator, so their text is their identity. */
const same = (a: AnyRow, b: AnyRow): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A selection over whole tables that keeps its reference while its result is equal. */
export function selection<R>(
  replica: Replica,
  tables: readonly TableName[],
  select: (replica: Replica) => R,
  equal: (a: R, b: R) => boolean,
) {
  let seen = '';
  let value: R | undefined;
  return {
    subscribe: (listener: Listener) => replica.onTables(tables, listener),
    get: (): R => {
      const now = tables.map((table) => replica.version(table)).join();
      if (now === seen) return value as R;
      const next = select(replica);
      value = seen !== '' && equal(value as R, next) ? value : next;
      seen = now;
      return value as R;
    },
  };
}

export function shallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => Object.is(item, b[index]));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) || Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, item]) => right.has(key) && shallowEqual(item, right.get(key)));
}
