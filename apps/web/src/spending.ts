import { limitRef, type LimitFigures, type LimitRow, type SpendLevel } from '@gastown/protocol';
import { figuresOf, reachOf, reachSays, type Reach, type Rows } from '@gastown/protocol/needs';

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

/** Which limit a link to raise one means: the one that is reached; where none is any more, the hard one. */
export const kindToRaise = (figures: LimitFigures | undefined): 'soft' | 'hard' => (figures && reachOf(figures)) ?? 'hard';

/** The limit that holds a rig: its own or that of its town, a hard one before a soft one. */
interface LimitReached {
  readonly level: 'rig' | 'town';
  readonly ref: string;
  readonly reach: Exclude<Reach, null>;
  readonly says: string;
}
export function limitAtRig(replica: Rows, rigId: string): LimitReached | null {
  const [town] = replica.rows('town').keys();
  const reached = [limitRef('rig', rigId), limitRef('town', String(town))].flatMap((ref): LimitReached[] => {
    const figures = figuresOf(replica, ref);
    const reach = figures && reachOf(figures);
    return figures && reach ? [{ level: ref.startsWith('rig:') ? 'rig' : 'town', ref, reach, says: reachSays(reach, figures) }] : [];
  });
  return reached.find(({ reach }) => reach === 'hard') ?? reached[0] ?? null;
}

/** Dollars as typed → micros; null clears; undefined is no amount. */
export function microsOf(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, '').replace(',', '.');
  if (trimmed === '') return null;
  const dollars = Number(trimmed);
  return Number.isFinite(dollars) && dollars >= 0 && dollars <= 1_000_000_000 ? Math.round(dollars * 1_000_000) : undefined;
}
export const dollarsOf = (micros: number | null): string => (micros === null ? '' : String(micros / 1_000_000));
