import { limitRef, type LimitRow, type SpendLevel } from '@gastown/protocol';

export { reachOf, reachSays } from '@gastown/protocol/needs';

/** The limit that holds for one thing: its own, else the one for each of its level. */
export const limitFor = (
  limits: ReadonlyMap<string | number, LimitRow>,
  level: SpendLevel,
  id: string,
): { own: LimitRow | undefined; each: LimitRow | undefined } => ({
  own: limits.get(limitRef(level, id)),
  each: limits.get(limitRef(level, '*')),
});

/** Dollars as typed → micros; null clears; undefined is no amount. */
export function microsOf(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, '').replace(',', '.');
  if (trimmed === '') return null;
  const dollars = Number(trimmed);
  return Number.isFinite(dollars) && dollars >= 0 && dollars <= 1_000_000_000 ? Math.round(dollars * 1_000_000) : undefined;
}
export const dollarsOf = (micros: number | null): string => (micros === null ? '' : String(micros / 1_000_000));
