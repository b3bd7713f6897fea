import { LIMITS, NO_USAGE, SPEND_WINDOWS, sumOf, type SpendQuery, type SpendSeries, type Usage } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { int, text } from '../sql.ts';
import type { Tx } from '../tx.ts';
import { toUsage } from './store.ts';

/** Spend by minute, for charts and gauges (MT-3, MT-6, MT-7). */
const MINUTE_MS = 60_000;
const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);
export interface Spender {
  readonly rig: string;
  readonly agent: string;
  readonly model: string;
}

const ADDS = `ON CONFLICT (minute, rig, agent, model) DO UPDATE SET input_tokens = input_tokens + excluded.input_tokens,
  output_tokens = output_tokens + excluded.output_tokens, cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
  cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens, cost_micros = cost_micros + excluded.cost_micros`;

export function addMinute(tx: Tx, { rig, agent, model }: Spender, usage: Usage): void {
  tx.sql.run(
    `INSERT INTO spend_minutes (minute, rig, agent, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros)
     VALUES (?,?,?,?,?,?,?,?,?) ${ADDS}`,
    minuteOf(tx.now),
    rig,
    agent,
    model,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.costMicros,
  );
  foldOld(tx);
}

/** Each write lets go of two minutes that are too old; what they held stays in the sum of minute 0. */
const FOLDED_AT_ONCE = 2;
function foldOld(tx: Tx): void {
  const old = tx.sql.all(
    'SELECT minute, rig, agent, model FROM spend_minutes WHERE minute > 0 AND minute < ? ORDER BY minute LIMIT ?',
    minuteOf(tx.now - LIMITS.spendMinutesMs.value),
    FOLDED_AT_ONCE,
  );
  for (const row of old) {
    const key = [int(row, 'minute'), text(row, 'rig'), text(row, 'agent'), text(row, 'model')];
    tx.sql.run(
      `INSERT INTO spend_minutes SELECT 0, rig, agent, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micros
       FROM spend_minutes WHERE minute = ? AND rig = ? AND agent = ? AND model = ? ${ADDS}`,
      ...key,
    );
    tx.sql.run('DELETE FROM spend_minutes WHERE minute = ? AND rig = ? AND agent = ? AND model = ?', ...key);
  }
}

/** The twenty that spent most have a line of their own. */
const LINES = 20;
const REST = '*';
const KEYS: Readonly<Record<SpendQuery['by'], string>> = { town: `''`, rig: 'rig', agent: 'agent', model: 'model' };

interface Bucket {
  readonly key: string;
  readonly at: number;
  readonly usage: Usage;
}

export function spendSeries(sql: Sql, { window, by }: SpendQuery, now: number): SpendSeries {
  const { minutes, bucketMinutes } = SPEND_WINDOWS[window];
  const count = minutes / bucketMinutes;
  const last = Math.floor(minuteOf(now) / bucketMinutes);
  const first = last - count + 1;
  const buckets = bucketsOf(sql, KEYS[by], bucketMinutes, first, last);
  const from = first * bucketMinutes * MINUTE_MS;
  const bucketMs = bucketMinutes * MINUTE_MS;
  const unborn = Math.max(0, Math.floor((theTown(sql).createdAt - from) / bucketMs));
  const points = (own: readonly Bucket[]): (Usage | null)[] => {
    const line: (Usage | null)[] = Array.from({ length: count }, (_, at) => (at < unborn ? null : NO_USAGE));
    for (const { at, usage } of own) line[at - first] = sumOf(line[at - first] ?? NO_USAGE, usage);
    return line;
  };
  return {
    window,
    by,
    from,
    bucketMs,
    lines: grouped(buckets, by).map(({ key, own }) => ({ key, total: totalOf(own), points: points(own) })),
    total: totalOf(buckets),
    now: rateNow(sql, now),
  };
}

const totalOf = (buckets: readonly Bucket[]): Usage => buckets.reduce((sum, { usage }) => sumOf(sum, usage), NO_USAGE);

function bucketsOf(sql: Sql, key: string, bucketMinutes: number, first: number, last: number): Bucket[] {
  return sql
    .all(
      `SELECT ${key} AS key, CAST(minute / ? AS INTEGER) AS bucket, ${SUMS} FROM spend_minutes WHERE minute >= ? AND minute < ? GROUP BY 1, 2 ORDER BY 2, 1`,
      bucketMinutes,
      Math.max(1, first * bucketMinutes),
      (last + 1) * bucketMinutes,
    )
    .map((row) => ({ key: text(row, 'key'), at: int(row, 'bucket'), usage: toUsage(row) }));
}
const SUMS = `coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
  coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens, coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens,
  coalesce(sum(cost_micros), 0) AS cost_micros`;

function grouped(buckets: readonly Bucket[], by: SpendQuery['by']): { key: string; own: Bucket[] }[] {
  const lines = new Map<string, Bucket[]>(by === 'town' ? [['', []]] : []);
  for (const bucket of buckets) {
    const own = lines.get(bucket.key);
    if (own) own.push(bucket);
    else lines.set(bucket.key, [bucket]);
  }
  const ranked = [...lines].map(([key, own]) => ({ key, own, spent: totalOf(own) })).toSorted((a, b) => weight(b.spent) - weight(a.spent));
  const rest = ranked.slice(LINES).flatMap(({ own }) => own);
  return [...ranked.slice(0, LINES), ...(rest.length > 0 ? [{ key: REST, own: rest }] : [])];
}
const tokensOf = (usage: Usage): number => usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
/** By money; where nothing has a price, by tokens. */
const weight = (usage: Usage): number => usage.costMicros * 1_000_000 + tokensOf(usage);

/** Over this minute and the one before: what is not spent any more reads zero (MT-6). */
function rateNow(sql: Sql, now: number): SpendSeries['now'] {
  const from = minuteOf(now) - 1;
  const [row] = sql.all(`SELECT ${SUMS} FROM spend_minutes WHERE minute >= ? AND minute <= ?`, from, from + 1);
  const usage = row ? toUsage(row) : NO_USAGE;
  const seconds = (now - from * MINUTE_MS) / 1_000;
  return { tokensPerSecond: tokensOf(usage) / seconds, microsPerSecond: usage.costMicros / seconds };
}
