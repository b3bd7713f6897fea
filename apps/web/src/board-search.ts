import type { BoardFilter } from './ordering.ts';
import { texts } from './search.ts';

const NAMES = ['q', 'rig', 'group', 'kind', 'label', 'convoy', 'ready', 'archived'] as const;
/** What of the board stands in its address. */
export type BoardSearch = { [N in (typeof NAMES)[number]]?: string };
export const boardSearch = (search: Record<string, unknown>): BoardSearch => texts(search, ...NAMES);

export const filterOf = ({ rig, q, kind, label, convoy, ready, archived }: BoardSearch): BoardFilter => ({
  rig,
  q,
  kind,
  label,
  convoy,
  ready: ready === 'only',
  archived: archived === 'shown',
});

/** How many of the filters that a phone keeps behind a button are chosen. */
export const chosenIn = ({ rig, kind, label, convoy, ready, archived, group }: BoardSearch): number =>
  [rig, kind, label, convoy, ready, archived, group].filter(Boolean).length;
