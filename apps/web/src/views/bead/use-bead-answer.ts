import { BeadAnswer, type BeadRow, type Origin } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { api, orThrow } from '../../api.ts';
import { useTownId } from '../../shell/town-id.ts';

/** What the town says of a bead that somebody looks at and no frame carries: asked for once by all that show it, and anew when the bead has changed. */
export function useBeadAnswer({ id, updatedAt }: BeadRow, enabled = true) {
  const town = useTownId();
  return useQuery({
    queryKey: ['bead', town, id, updatedAt],
    queryFn: () => orThrow(api.bead(town, id, BeadAnswer)),
    enabled,
    gcTime: 60_000,
  });
}

/** What the file says that the bead came in; null: it came in none, or it is not known yet. */
export const useOrigin = (bead: BeadRow): Origin | null => useBeadAnswer(bead).data?.origin ?? null;
