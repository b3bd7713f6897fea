import type { BeadId, BeadsQuery } from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { first, int, text } from '../sql.ts';

/** What is not over is later than all that is. */
const OVER = `coalesce(closed_at, ${Number.MAX_SAFE_INTEGER})`;
const AWAY = { without: '(0)', with: '(0, 1)', only: '(1)' } as const;

type Clause = readonly [where: string, ...values: SqlValue[]];
const where = (clauses: readonly Clause[]): string => clauses.map(([part]) => part).join(' AND ');
const values = (clauses: readonly Clause[]): SqlValue[] => clauses.flatMap(([, ...bound]) => bound);

/**
 * Those of the query on one page, and on the first how many there are: who asks on knows it. By type, status and rig alone the count walks what an index has of them;
 * a page reads the rows of what has this type and status and sorts them, and a text, a kind, a label or a convoy reads them for the count as well.
 */
export function searchBeads(sql: Sql, query: BeadsQuery): { ids: BeadId[]; total: number | null; next: string | null } {
  const wanted = clausesOf(query);
  const total = query.after ? null : int(first(sql, `SELECT count(*) AS n FROM beads WHERE ${where(wanted)}`, ...values(wanted))!, 'n');
  if (query.limit === 0) return { ids: [], total, next: null };
  const from: Clause[] = query.after ? [...wanted, [`(${OVER}, rowid) < (?, ?)`, ...query.after]] : wanted;
  const found = sql.all(
    `SELECT id, ${OVER} AS over, rowid AS at FROM beads WHERE ${where(from)} ORDER BY over DESC, at DESC LIMIT ?`,
    ...values(from),
    query.limit + 1,
  );
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const next = last && found.length > page.length ? `${int(last, 'over')}.${int(last, 'at')}` : null;
  return { ids: page.map((row) => text(row, 'id') as BeadId), total, next };
}

function clausesOf({ type, status, rig, kind, label, convoy, archived, text: words }: BeadsQuery): Clause[] {
  return [
    [`(archived_at IS NOT NULL) IN ${AWAY[archived]}`],
    ['type = ?', type],
    ...(status ? [['status = ?', status] as const] : []),
    ...(rig ? [['rig_id = ?', rig] as const] : []),
    ...(kind ? [['kind = ?', kind] as const] : []),
    ...(convoy ? [['convoy_id = ?', convoy] as const] : []),
    ...(label ? [['EXISTS (SELECT 1 FROM json_each(labels) WHERE value = ?)', label] as const] : []),
    ...words.map(wordClause),
  ];
}

/** The labels as a page reads them: what only writes them down as JSON is no part of them. */
const LABELS = `CASE labels WHEN '[]' THEN '' ELSE (SELECT group_concat(value, ' ') FROM json_each(labels)) END`;
/** Not LIKE: there a word would need escapes, and may be no longer than 50 bytes. */
const SAID = `lower(title || ' ' || id || ' ' || ${LABELS})`;
const wordClause = (word: string): Clause => {
  const spelt = spellings(word);
  return [`(${spelt.map(() => `instr(${SAID}, ?) > 0`).join(' OR ')})`, ...spelt];
};
/** The database makes only the letters of ASCII small: of others, a word is looked for small, in capitals, and as it is typed. */
function spellings(word: string): string[] {
  const small = (one: string): string => one.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [...new Set([word, word.toLowerCase(), word.toUpperCase()].map(small))];
}
