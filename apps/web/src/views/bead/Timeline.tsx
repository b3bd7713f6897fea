import { BeadEvents } from '@gastown/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, orThrow } from '../../api.ts';
import { lifeOf, movesConvoy } from '../../feed.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { useTownId } from '../../shell/town-id.ts';
import { Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { EventText } from '../parts.tsx';
import { TextToCome } from './BeadText.tsx';

/** The whole life of a bead: what the replica holds of it, and what came before, which the town is asked for page by page, and anew when it has changed (I6). */
export function Timeline({ of: { id, updatedAt } }: { of: { id: string; updatedAt?: number } }) {
  const town = useTownId();
  const isConvoy = useRow('convoys', id) !== undefined;
  const [wanted, setWanted] = useState(1);
  const held = useSelect(
    ['events', 'merges', 'convoys', 'beads'],
    (replica) => {
      const convoy = replica.row('convoys', id);
      return [...replica.rows('events').values()].filter(
        (event) =>
          event.beadId === id ||
          (event.beadId !== null &&
            (replica.row('merges', event.beadId)?.beadId === id ||
              (convoy && replica.row('beads', event.beadId)?.convoyId === id && movesConvoy(event, convoy)))),
      );
    },
    [id],
  );
  const asked = useQuery({
    queryKey: ['events', town, id, updatedAt, wanted],
    queryFn: () => pagesOf(town, id, wanted),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const pages = asked.data ?? [];
  const events = lifeOf(held, pages);
  return (
    <Section title="Timeline" count={events.length}>
      <ul>
        {events.map((event) => (
          <EventText key={event.id} event={event} about={isConvoy && event.beadId !== id} more={0} />
        ))}
      </ul>
      {(asked.isPending || asked.error) && <TextToCome error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && events.length === 0 && <p className="text-sm text-faint">The ledger says nothing of it.</p>}
      {pages.at(-1)?.earlier && !asked.error && (
        <Button small kind="quiet" pending={asked.isPlaceholderData} onClick={() => setWanted(wanted + 1)}>
          Show earlier
        </Button>
      )}
    </Section>
  );
}

async function pagesOf(town: string, bead: string, wanted: number): Promise<BeadEvents[]> {
  const pages: BeadEvents[] = [];
  while (pages.length < wanted) {
    const page = await orThrow(api.beadEvents(town, bead, pages.at(-1)?.events.at(-1)?.id ?? null, BeadEvents));
    pages.push(page);
    if (!page.earlier) break;
  }
  return pages;
}
