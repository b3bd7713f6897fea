import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { BeadRow, BeadsPage } from '@gastown/protocol';
import { useEffect, useRef, useState } from 'react';
import { askPage, nextOlder, questionOf, refill } from '../older.ts';
import { mayBeBeyond, type BoardFilter } from '../ordering.ts';
import { useConnection, useSelect } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { typed } from '../typed.ts';

/** A column that shows fewer than this loads older beads by itself. */
const FEW = 20;

/** The closed beads of a filter that are not in the replica: how many there are altogether, and those of them that were loaded. */
export interface Older {
  /** What was asked, as one text. */
  readonly name: string;
  readonly rows: readonly BeadRow[];
  /** With those that the replica holds; null while nobody knows. */
  readonly total: number | null;
  readonly isLoading: boolean;
  /** Is there another page after those that were loaded? */
  readonly isMore: boolean;
  readonly error: Error | null;
  load(): void;
}
const NONE: readonly BeadRow[] = [];
const rowsOf = ({ pages }: { pages: readonly BeadsPage[] }): readonly BeadRow[] => pages.flatMap(({ beads }) => beads);

export function useOlder(filter: BoardFilter): Older {
  const town = useTownId();
  const { replica } = useConnection();
  const leftOut = useSelect(['beads'], (held) => held.leftOut);
  const began = useSelect(['beads'], (held) => held.began);
  const question = questionOf(filter);
  const name = JSON.stringify(question);
  const isBeyond = mayBeBeyond(filter, leftOut);
  const [chosen, choose] = useState('');
  const isWanted = isBeyond && (chosen === name || question['text'] !== undefined);
  const pages = useInfiniteQuery({
    queryKey: ['older beads', town, began, name],
    queryFn: async ({ pageParam, signal }) => {
      if (question['text'] !== undefined) await typed(signal);
      const page = await nextOlder(
        (after) => askPage(town, question, after, { signal }),
        pageParam,
        (id) => replica.holds('beads', id),
      );
      for (const bead of page.beads) replica.lend(bead);
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: rowsOf,
    enabled: isWanted,
    gcTime: 60_000,
  });
  const total = useTotal(isBeyond, question, name);
  return {
    name,
    rows: pages.data ?? NONE,
    total: total.data ?? null,
    isLoading: isWanted && pages.isFetching,
    isMore: isBeyond && (!isWanted || pages.hasNextPage || pages.isPending),
    error: isBeyond ? (pages.error ?? total.error) : null,
    load: () => {
      if (total.error) void total.refetch();
      if (!isWanted) choose(name);
      else if (pages.error || !pages.hasNextPage) void pages.refetch();
      else void pages.fetchNextPage();
    },
  };
}

/** Asked for anew when a closed bead comes into the replica, or is archived there. */
function useTotal(isBeyond: boolean, question: ReturnType<typeof questionOf>, name: string) {
  const town = useTownId();
  const held = useSelect(['beads'], (replica) => {
    const closed = [...replica.rows('beads').values()].filter(({ status }) => status === 'closed');
    return `${replica.began} ${closed.length} ${closed.filter(({ archivedAt }) => archivedAt !== null).length}`;
  });
  return useQuery({
    queryKey: ['closed beads', town, name, held],
    queryFn: async ({ signal }) => {
      if (question['text'] !== undefined) await typed(signal);
      return (await askPage(town, question, null, { limit: 0, signal })).total;
    },
    placeholderData: (before: number | null | undefined, query) => (query?.queryKey[2] === name ? before : undefined),
    enabled: isBeyond,
    gcTime: 60_000,
  });
}

/** What was archived or filtered away makes room for older ones; the town may find some that the filter of the page does not. */
export function useRefill({ name, total, isLoading, isMore, error, load }: Older, shown: number): void {
  const isDue = total !== null && total > shown && shown < FEW && isMore && !isLoading && error === null;
  const now = `${shown} ${name}`;
  const last = useRef<string | null>(null);
  useEffect(() => {
    const next = refill(last.current, now, isDue);
    last.current = next.last;
    if (next.loads) load();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `load` is of this rendering: what makes it due is named
  }, [now, isDue]);
}
