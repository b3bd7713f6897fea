import { limitRef, money, type LimitFigures, type LimitRow, type SpendLevel } from '@gastown/protocol';

/** Limits of spend as the page words them. */
export type Reach = 'hard' | 'soft' | null;
export function reachOf({ spentMicros, softMicros, hardMicros }: LimitFigures): Reach {
  if (hardMicros !== null && spentMicros >= hardMicros) return 'hard';
  return softMicros !== null && spentMicros >= softMicros ? 'soft' : null;
}

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

/** What a reached limit means, in one sentence. */
export function reachSays(reach: Exclude<Reach, null>, figures: LimitFigures): string {
  const most = reach === 'hard' ? figures.hardMicros : figures.softMicros;
  const told = `${money(figures.spentMicros)} of ${money(most ?? 0)}`;
  return reach === 'hard'
    ? `${told}: its agents are stopped and no model call goes through.`
    : `${told}: what runs goes on, nothing new starts.`;
}
