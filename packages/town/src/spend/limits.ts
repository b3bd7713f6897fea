import { limitRef, type LimitRow, type SpendLevel } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { intOrNull, list, text, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/** The limits that a person set: few (`LIMITS.spendLimits`), so they are read together. */
export type Limit = LimitRow;
export type Limits = ReadonlyMap<string, Limit>;
export const EACH = '*';

const toLimit = (row: Row): Limit => {
  const level = text(row, 'level') as SpendLevel;
  const of = text(row, 'id');
  return { id: limitRef(level, of), level, of, softMicros: intOrNull(row, 'soft_micros'), hardMicros: intOrNull(row, 'hard_micros') };
};
export const allLimits = (sql: Sql): Limit[] => list(sql, toLimit, 'SELECT * FROM spend_limits');
export const readLimits = (sql: Sql): Limits => new Map(allLimits(sql).map((limit) => [limit.id, limit]));

/** The limit of its own goes before the one for each. */
export const limitOf = (limits: Limits, level: SpendLevel, id: string): Limit | undefined =>
  limits.get(limitRef(level, id)) ?? limits.get(limitRef(level, EACH));

/** Both null: there is no limit any more. */
export function writeLimit(tx: Tx, { id, level, of, softMicros, hardMicros }: Limit): void {
  if (softMicros === null && hardMicros === null) tx.sql.run('DELETE FROM spend_limits WHERE level = ? AND id = ?', level, of);
  else
    tx.sql.run(
      `INSERT INTO spend_limits (level, id, soft_micros, hard_micros) VALUES (?,?,?,?)
       ON CONFLICT (level, id) DO UPDATE SET soft_micros = excluded.soft_micros, hard_micros = excluded.hard_micros`,
      level,
      of,
      softMicros,
      hardMicros,
    );
  touch(tx, 'limits', id);
}
