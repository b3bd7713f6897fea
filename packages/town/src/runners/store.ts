import { RunnerKind, type RigId, type RunnerId } from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, flag, int, intOrNull, json, list, oneOf, text, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';
import { STANDINGS, type Standing } from './placing.ts';

export interface Runner {
  readonly id: RunnerId;
  readonly name: string;
  readonly kind: RunnerKind;
  readonly rigs: readonly RigId[] | null;
  readonly places: number | null;
  readonly paused: boolean;
  readonly tokenSerial: number;
  readonly createdAt: number;
  readonly standing: Standing;
}
const toRunner = (row: Row): Runner => ({
  id: text(row, 'id') as RunnerId,
  name: text(row, 'name'),
  kind: oneOf(row, 'kind', RunnerKind.options),
  rigs: row['rigs'] === null ? null : json<RigId[]>(row, 'rigs'),
  places: intOrNull(row, 'places'),
  paused: flag(row, 'paused'),
  tokenSerial: int(row, 'token_serial'),
  createdAt: int(row, 'created_at'),
  standing: oneOf(row, 'standing', STANDINGS),
});

/** The container's first, then the oldest. Bounded by `LIMITS.runners`. */
export const allRunners = (sql: Sql): Runner[] =>
  list(sql, toRunner, 'SELECT * FROM runners').toSorted(
    (a, b) => Number(a.kind === 'machine') - Number(b.kind === 'machine') || a.createdAt - b.createdAt || a.id.localeCompare(b.id),
  );
export const findRunner = (sql: Sql, id: string): Runner | null => allRunners(sql).find((runner) => runner.id === id) ?? null;

export function insertRunner(tx: Tx, runner: Pick<Runner, 'id' | 'name' | 'rigs' | 'places'>): void {
  tx.sql.run(
    `INSERT INTO runners (id, name, kind, rigs, places, token_serial, created_at, standing) VALUES (?,?,'machine',?,?,1,?,'away')`,
    runner.id,
    runner.name,
    runner.rigs && JSON.stringify(runner.rigs),
    runner.places,
    tx.now,
  );
  touch(tx, 'runners', runner.id);
}
type Column = 'name' | 'rigs' | 'places' | 'paused' | 'token_serial' | 'standing';
export function updateRunner(tx: Tx, id: string, patch: Partial<Record<Column, SqlValue>>): void {
  if (Object.keys(patch).length === 0) return;
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE runners SET ${set} WHERE id = ?`, ...values, id);
  touch(tx, 'runners', id);
}
export function deleteRunner(tx: Tx, id: string): void {
  tx.sql.run('DELETE FROM runners WHERE id = ?', id);
  touch(tx, 'runners', id);
}
