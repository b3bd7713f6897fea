import { HOME_RUNNER } from '@gastown/protocol';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SqlValue } from './api.ts';
import { checkInvariants } from './invariants.ts';
import { migrate, SCHEMA_VERSION } from './migrations.ts';
import { dump, everything, memorySql, scriptedRunner, testTown } from './testing.ts';
import { openTown } from './town.ts';

/** Stores that earlier versions of the program wrote (`node scripts/fixture.ts`), opened by this one. */
const FOLDER = join(import.meta.dirname, '../fixtures');
const VERSIONS = readdirSync(FOLDER)
  .map((file) => Number(/^v(\d+)\.sql$/.exec(file)?.[1]))
  .toSorted((a, b) => a - b);
const DAY = 86_400_000;
/** When the fixtures' town stopped. */
const STOPPED = 1_700_021_600_000;

type Store = ReturnType<typeof memorySql>;
type Row = Record<string, SqlValue>;

function stored(version: number): Store {
  const store = memorySql();
  store.db.exec(readFileSync(join(FOLDER, `v${version}.sql`), 'utf8'));
  return store;
}
const tablesOf = (store: Store): string[] =>
  store
    .all(`SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY name`)
    .map((row) => String(row['name']));
const rowsOf = (store: Store, table: string): Row[] => store.all(`SELECT * FROM ${table}`);

/** Columns whose fact has another home now; a test of its own says that it arrived. */
const MOVED: Readonly<Record<string, readonly string[]>> = { town: ['budget_micros'], links: ['id'], rigs: ['gates'] };

/** What the old store says and the new one does not, in the columns that the old one has. */
function missing(old: Store, now: Store): string[] {
  return tablesOf(old).flatMap((table) => {
    const before = rowsOf(old, table);
    const columns = Object.keys(before[0] ?? {}).filter((column) => !MOVED[table]?.includes(column));
    const said = (row: Row): string => JSON.stringify(columns.map((column) => row[column]));
    const there = new Set(rowsOf(now, table).map(said));
    return before.filter((row) => !there.has(said(row))).map((row) => `${table}: ${said(row)}`);
  });
}

test('every version of the schema has a store that it wrote: make the present one with `node scripts/fixture.ts` (DM-18)', () => {
  expect(VERSIONS).toEqual(Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1));
});

describe.each(VERSIONS)('a store that version %i wrote', (version) => {
  test('has a row in every table that this version had (DM-18)', () => {
    const store = stored(version);
    expect(tablesOf(store).filter((table) => rowsOf(store, table).length === 0)).toEqual([]);
  });

  test('is brought to the newest version, and everything in it is still there as it was (DM-18, I1)', () => {
    const [old, now] = [stored(version), stored(version)];
    expect(migrate(now)).toEqual({ ok: true, value: SCHEMA_VERSION });
    expect(missing(old, now)).toEqual([]);
    expect(checkInvariants(now, STOPPED)).toEqual([]);
  });

  test('has rigs with the gates that they had; where they had none, they have the town’s as soon as it has any (QG-1)', () => {
    const [old, now] = [stored(version), stored(version)];
    migrate(now);
    const gates = (store: Store) => Object.fromEntries(store.all('SELECT name, gates FROM rigs').map((row) => [row['name'], row['gates']]));
    expect(Object.values(gates(now))).toContain('null');
    expect(gates(now)).toEqual(JSON.parse(JSON.stringify(gates(old)).replaceAll('"[]"', '"null"')));
  });

  test('keeps its budget, as the hard limit of the town, and what was spent, by minute as in sum (MT-5, MT-7)', () => {
    const now = stored(version);
    const { put } = openTown(now).snapshot();
    expect(put.town?.[0]?.budgetMicros).toBe(50_000_000);
    expect(put.limits).toContainEqual(expect.objectContaining({ level: 'town', hardMicros: 50_000_000 }));
    expect(now.all('SELECT sum(cost_micros) AS it FROM spend_minutes')).toEqual([{ it: put.town?.[0]?.usage.costMicros }]);
  });

  test('means the same to who looks at the town: beads by status, runs, merges, questions, spend, the ledger', () => {
    const [old, now] = [stored(version), stored(version)];
    const { put } = openTown(now).snapshot();
    const pairs = (table: string, column: string, where = '1') =>
      Object.fromEntries(old.all(`SELECT id, ${column} AS it FROM ${table} WHERE ${where}`).map((row) => [row['id'], row['it']]));
    const there = new Set(tablesOf(old));
    const rowsBy = (table: string, columns: string) =>
      Object.fromEntries(
        (there.has(table) ? old.all(`SELECT ${columns} FROM ${table}`) : []).map(({ id, ...row }) => [id, Object.values(row)]),
      );
    const seen = <R extends { id: string | number }>(rows: readonly R[] | undefined, it: (row: R) => unknown) =>
      Object.fromEntries((rows ?? []).map((row) => [row.id, it(row)]));
    expect(seen(put.beads, (row) => row.status)).toEqual(pairs('beads', 'status', `type = 'issue'`));
    expect(new Set(put.beads?.map((row) => row.status))).toEqual(new Set(['open', 'in_progress', 'in_review', 'closed', 'failed']));
    expect(seen(put.runs, (row) => [row.state, row.endReason].join())).toEqual(pairs('runs', `state || ',' || coalesce(end_reason, '')`));
    expect(seen(put.merges, (row) => row.phase)).toEqual(pairs('merges', 'phase'));
    expect(seen(put.nudges, (row) => row.state)).toEqual(pairs('nudges', 'state'));
    expect(seen(put.escalations, (row) => row.message)).toEqual(pairs('escalations', 'message'));
    expect(seen(put.mail, (row) => [row.subject, row.deliveredAt])).toEqual(rowsBy('mail', 'id, subject, delivered_at'));
    const steps = put.molecules?.flatMap((row) => row.steps.map((step) => ({ id: `${row.id} ${step.id}`, summary: step.summary })));
    expect(seen(steps, (step) => [step.summary])).toEqual(rowsBy('steps', `molecule_id || ' ' || id AS id, summary`));
    expect(seen(put.permissions, (row) => [row.title, row.decision])).toEqual(rowsBy('permissions', 'id, title, decision'));
    expect(seen(put.parked, (row) => row.kind)).toEqual(pairs('outbox', 'kind', `state = 'parked'`));
    expect(put.town?.[0]?.usage.costMicros).toBe(old.all(`SELECT cost_micros FROM spend WHERE kind = 'town'`)[0]?.['cost_micros']);
    expect(put.events?.length).toBe(old.all('SELECT id FROM bead_events').length);
  });

  test('goes on working: what was under way is finished, and a new bead lands', () => {
    const town = testTown({ store: stored(version), create: null, seed: 2 });
    town.now = STOPPED;
    const runner = scriptedRunner(town);
    town.send({
      kind: 'runner.gone',
      runnerId: HOME_RUNNER,
      instance: String(town.sql.all('SELECT instance FROM links')[0]?.['instance']),
    });
    town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    town.must({ kind: 'town.resume' });
    const rigId = town.rows().rigs.find((rig) => rig.name === 'app')!.id;
    const { beadId } = town.must<{ beadId: string }>({ kind: 'bead.create', rigId, title: 'made by this version' });
    runner.work();
    town.sleep(DAY, () => runner.work());
    const status = Object.fromEntries(town.rows().beads.map((row) => [row.title, row.status]));
    expect(town.rows().beads.find((row) => row.id === beadId)).toMatchObject({ status: 'closed', landedCommit: expect.any(String) });
    expect(status).toMatchObject({ 'is handed in': 'closed', 'goes on': 'closed', 'starts later': 'closed', 'waits for both': 'closed' });
    expect(status).toMatchObject({ 'crashes: fails in the end': 'failed', 'made with a key': 'closed' });
    expect(town.rows().nudges.filter((nudge) => nudge.state === 'sent' || nudge.state === 'pending')).toEqual([]);
    expect(town.town.nextWake()).toBeNull();
  });

  test('may be opened again and again: the second time changes nothing', () => {
    const store = stored(version);
    openTown(store);
    const once = dump(store.db);
    openTown(store);
    expect(dump(store.db)).toBe(once);
  });
});

test('parts of a blocked bead, which version 1 took down and did not look at, are blocked too (I12)', () => {
  const store = stored(1);
  const [whole, part] = store
    .all(`SELECT id FROM beads WHERE type = 'issue' AND status = 'open' ORDER BY blockers DESC`)
    .map((row) => row['id']!);
  const [last] = store.all(`SELECT id FROM beads WHERE type = 'issue' AND status = 'open' AND blockers = 0`).map((row) => row['id']!);
  for (const [id, on] of [
    [part!, whole!],
    [last!, part!],
  ] as const)
    store.run(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES (?, ?, 'parent-child')`, id, on);
  migrate(store);
  expect(store.all('SELECT blocked FROM beads WHERE id = ?', last!)).toEqual([{ blocked: 1 }]);
  expect(checkInvariants(store, STOPPED).filter((one) => one.invariant === 'I12')).toEqual([]);
});

test('a row that a migration lost or changed would be named', () => {
  const [old, now] = [stored(1), stored(1)];
  migrate(now);
  now.run(`DELETE FROM checkpoints`);
  now.run(`UPDATE merges SET phase = 'queued' WHERE phase = 'testing'`);
  expect(missing(old, now).map((line) => line.split(':')[0])).toEqual(['checkpoints', 'merges']);
});

test('a store of a newer version is refused and left as it is (DM-18)', () => {
  const store = memorySql();
  everything(store);
  store.run('INSERT INTO schema_version (version) VALUES (?)', SCHEMA_VERSION + 1);
  const before = dump(store.db);
  expect(migrate(store)).toMatchObject({
    ok: false,
    failure: { code: 'state_too_new', details: { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION } },
  });
  expect(() => openTown(store)).toThrow(/version/);
  expect(dump(store.db)).toBe(before);
});

test('the present store and one that came from version 1 have the same tables, columns and indexes', () => {
  const fresh = memorySql();
  migrate(fresh);
  const old = stored(1);
  migrate(old);
  const shape = (store: Store) =>
    Object.fromEntries(
      tablesOf(store).map((table) => [table, store.all(`SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)`, table)]),
    );
  expect(shape(old)).toEqual(shape(fresh));
  const indexes = (store: Store) => store.all(`SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name`);
  expect(indexes(old)).toEqual(indexes(fresh));
});
