import { NO_USAGE, type SpendLevel, type Usage } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { first, idList, int, text, type Row } from '../sql.ts';
import type { Tx } from '../tx.ts';

export const toUsage = (row: Row): Usage => ({
  inputTokens: int(row, 'input_tokens'),
  outputTokens: int(row, 'output_tokens'),
  cacheReadTokens: int(row, 'cache_read_tokens'),
  cacheWriteTokens: int(row, 'cache_write_tokens'),
  costMicros: int(row, 'cost_micros'),
});

export function addSpend(tx: Tx, kind: SpendLevel, id: string, usage: Usage): void {
  tx.sql.run(
    `INSERT INTO spend (kind, id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros) VALUES (?,?,?,?,?,?,?)
     ON CONFLICT (kind, id) DO UPDATE SET input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
       cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens, cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
       cost_micros = cost_micros + excluded.cost_micros`,
    kind,
    id,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.costMicros,
  );
}

/** What it says is over is forgotten; what it added to agent, rig and town stays. */
export const forgetSpend = (tx: Tx, kind: 'run', id: string): void => {
  tx.sql.run('DELETE FROM spend WHERE kind = ? AND id = ?', kind, id);
};

export function usageOf(sql: Sql, kind: SpendLevel, id: string): Usage {
  const row = first(sql, 'SELECT * FROM spend WHERE kind = ? AND id = ?', kind, id);
  return row ? toUsage(row) : NO_USAGE;
}

export function usages(sql: Sql, kind: SpendLevel, ids: Iterable<string>): (id: string) => Usage {
  const rows = sql.all('SELECT * FROM spend WHERE kind = ? AND id IN (SELECT value FROM json_each(?))', kind, idList(ids));
  const byId = new Map(rows.map((row) => [text(row, 'id'), toUsage(row)]));
  return (id) => byId.get(id) ?? NO_USAGE;
}
