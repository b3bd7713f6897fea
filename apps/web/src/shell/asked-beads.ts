import { BeadAnswer, BeadsPage } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { api, orThrow } from '../api.ts';
import { idIn } from '../by-id.ts';
import { drawerOfId, type DrawerRef } from '../drawers.ts';
import { textOf } from '../older.ts';
import { useConnection } from '../replica/hooks.ts';
import { beadSign, type Sign } from '../signal.ts';
import { typed } from '../typed.ts';
import { useTownId } from './town-id.ts';

/** What the palette lists. */
export interface Found {
  ref: DrawerRef;
  title: string;
  sign: Sign;
  hint: string;
}
/** So many at most of what the replica holds, and of what the town is asked for. */
export const SHOWN = 12;

/** A bead whose id is typed and which the replica does not hold: the town is asked, once no more is typed. */
export function useAskedBead(query: string): Found | null {
  const town = useTownId();
  const { replica } = useConnection();
  const id = idIn(query);
  const { data } = useQuery({
    queryKey: ['bead by id', town, id],
    queryFn: async ({ signal }) => {
      await typed(signal);
      return orThrow(api.bead(town, id!, BeadAnswer));
    },
    enabled: id !== null && !replica.holds('beads', id),
    staleTime: 0,
    gcTime: 60_000,
  });
  if (id === null || data === undefined) return null;
  const { bead } = data;
  return { ref: drawerOfId(id) ?? { kind: 'bead', id }, title: bead.title, sign: beadSign(bead), hint: id };
}

/** Words that say little of what the replica holds: the town is asked for every bead with them, archived ones too (UI-22). */
export function useBeyond(query: string, held: readonly Found[]): { found: Found[]; isLooking: boolean; says: string | null } {
  const town = useTownId();
  const { replica } = useConnection();
  const text = textOf(query);
  const isBeyond = replica.leftOut.closed || replica.leftOut.archived;
  const { data, error, isFetching } = useQuery({
    queryKey: ['beads with', town, text],
    queryFn: async ({ signal }) => {
      await typed(signal);
      return orThrow(api.beads(town, { text, archived: 'with', limit: String(SHOWN) }, BeadsPage, signal));
    },
    enabled: isBeyond && text.length > 1 && held.length < SHOWN,
    staleTime: 0,
    gcTime: 60_000,
  });
  const known = new Set<string>(held.map(({ ref }) => ref.id));
  const found = (data?.beads ?? [])
    .filter(({ id }) => !known.has(id))
    .map((bead): Found => {
      const hint = bead.archivedAt === null ? bead.id : `${bead.id} · archived`;
      return { ref: { kind: 'bead', id: bead.id }, title: bead.title, sign: beadSign(bead), hint };
    });
  return { found, isLooking: isFetching, says: isBeyond ? (saysOf(isFetching, error) ?? moreThan(data)) : null };
}
function saysOf(isFetching: boolean, error: Error | null): string | null {
  if (isFetching) return 'Looking in the whole town …';
  return error === null ? null : `Only open and recent beads were searched. ${error.message}`;
}
const moreThan = (page: BeadsPage | undefined): string | null =>
  page?.total && page.total > page.beads.length
    ? `${page.total.toLocaleString('en')} beads of the town say so; the board’s filter lists them all.`
    : null;
