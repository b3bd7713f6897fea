import type { BeadRow } from '@gastown/protocol';
import { memo, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { COLUMNS, columnsReader, countOf, firstColumn, plannedBy, type BoardFilter } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { BeadCard } from './BeadCard.tsx';
import { ClosedHead } from './ClosedHead.tsx';
import { useOlder, useRefill, type Older } from './use-older.ts';
import { Button } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { useMedia } from '../ui/use-media.ts';
import { useUi } from '../ui-state.ts';

const SHOWN = 60;
const CLOSED = COLUMNS.findIndex(({ status }) => status === 'closed');

/** The five columns of a board. `fills`: it has the height that is left and scrolls in it, so that the heads stay. */
export function Columns({ filter, within, fills = false }: { filter: BoardFilter; within?: string; fills?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const read = columnsReader(filter);
  const older = useOlder(filter);
  const columns = useSelect(['beads', 'convoys'], (replica) => read(replica.rows('beads'), replica.rows('convoys'), older.rows), [
    JSON.stringify(filter),
    older.rows,
  ]);
  useRefill(older, columns[CLOSED]!.length);
  const leftOut = useSelect(['beads'], (replica) => replica.leftOut);
  const planned = useSelect(
    ['beads', 'convoys'],
    (replica) =>
      columns[0]!.filter((id) => {
        const bead = replica.row('beads', id);
        return bead && plannedBy(bead, replica.rows('convoys')) !== null;
      }).length,
    [columns[0]],
  );
  const counts = COLUMNS.map(({ status }, place) =>
    countOf(columns[place]!.length, status === 'open' ? planned : 0, status, filter, leftOut, older.total),
  );
  const narrow = useMedia('not all and (min-width: 80rem)');
  useBegin(
    box,
    within === undefined && narrow,
    columns.map(({ length }) => length),
  );
  return (
    <>
      {!within && narrow && <Jumps figures={counts.map(({ figure }) => figure)} to={(place) => box.current?.children[place]} />}
      <div
        ref={box}
        className={cx(
          'grid min-h-0 flex-1 auto-cols-[min(82vw,340px)] grid-flow-col content-start gap-3 px-4 max-sm:snap-x max-sm:snap-mandatory sm:auto-cols-[minmax(218px,1fr)] sm:px-6',
          fills ? 'toast-room overflow-auto' : 'overflow-x-auto pb-6',
        )}
      >
        {COLUMNS.map((column, place) => (
          <Column
            key={column.status}
            {...column}
            {...counts[place]!}
            ids={columns[place]!}
            filter={filter}
            within={within}
            beyond={place === CLOSED ? older : null}
          />
        ))}
      </div>
    </>
  );
}

/** Begins where there is something to see. */
function useBegin(box: RefObject<HTMLDivElement | null>, asks: boolean, counts: readonly number[]): void {
  const place = useRef(firstColumn(useUi.getState().column, counts));
  useLayoutEffect(() => {
    const column = box.current?.children[place.current];
    if (asks && place.current > 0 && column) column.scrollIntoView({ block: 'nearest', inline: 'start', behavior: 'instant' });
  }, [box, asks]);
}

/** The heading takes the focus, so that who does not see the page is there as well. */
function jumpTo(column: Element | undefined): void {
  column?.scrollIntoView({ block: 'nearest', inline: 'start' });
  column?.querySelector('h2')?.focus({ preventScroll: true });
}

/** Where not all columns fit beside each other, each is one press away, with its count. */
function Jumps({ figures, to }: { figures: readonly string[]; to: (place: number) => Element | undefined }) {
  const setColumn = useUi((state) => state.setColumn);
  return (
    <ul aria-label="Columns" className="-ml-1 flex shrink-0 flex-wrap px-4 pb-1.5 sm:gap-1.5 sm:px-6">
      {COLUMNS.map(({ status, name }, place) => (
        <li key={status}>
          <button
            type="button"
            onClick={() => {
              setColumn(status);
              jumpTo(to(place));
            }}
            className="inline-flex h-7 items-center gap-1 rounded-md px-1 text-xs whitespace-nowrap text-muted hover:bg-hover hover:text-fg"
          >
            {name} <span className="tnum text-faint">{figures[place]}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

type ColumnProps = (typeof COLUMNS)[number] &
  ReturnType<typeof countOf> & { ids: readonly BeadRow['id'][]; filter: BoardFilter; within: string | undefined; beyond: Older | null };
const Column = memo(function Column({ status, name, figure, words, older, ids, filter, within, beyond }: ColumnProps) {
  const [all, setAll] = useState(false);
  const shown = all ? ids : ids.slice(0, SHOWN);
  return (
    <section aria-label={within ? `${name} in ${within}` : name} className="flex min-w-0 flex-col max-sm:snap-start max-sm:scroll-mx-4">
      <header className="sticky top-0 z-[1] flex h-8 shrink-0 items-center gap-2 bg-bg">
        <h2 tabIndex={-1} className="text-xs font-medium text-muted">
          {name}
        </h2>
        <span className="tnum text-xs text-faint" data-testid="count" title={older ?? undefined}>
          {figure}
        </span>
        {words && <span className="truncate text-xs text-faint">{words}</span>}
        <span className="flex-1" />
        {status === 'closed' && <ClosedHead ids={ids} filter={filter} />}
      </header>
      <ul className="flex flex-col gap-2">
        {shown.map((id) => (
          <li key={id} className="lazy-row" style={{ containIntrinsicSize: 'auto 84px' }}>
            <BeadCard id={id} rig={!filter.rig} />
          </li>
        ))}
      </ul>
      {ids.length === 0 && <p className="rounded-lg border border-dashed border-line px-3 py-4 text-center text-xs text-faint">None</p>}
      {ids.length > shown.length && (
        <button type="button" onClick={() => setAll(true)} className="mt-2 h-8 text-xs text-muted hover:text-fg">
          Show all {ids.length}
        </button>
      )}
      {beyond && (
        <LoadOlder
          {...beyond}
          says={older}
          load={() => {
            setAll(true);
            beyond.load();
          }}
        />
      )}
    </section>
  );
});

/** Says that there are older ones only when the town says so. */
function LoadOlder({ says, error, isLoading, load }: Older & { says: string | null }) {
  if (error === null && says === null) return isLoading ? <Faint>Looking for older ones …</Faint> : null;
  return (
    <div role={error ? 'alert' : undefined} className="mt-2 flex flex-col items-center gap-1">
      <Faint>{error ? `Older closed beads cannot be asked for. ${error.message}` : says}</Faint>
      <Button small pending={isLoading} onClick={load}>
        {error ? 'Try again' : 'Load older'}
      </Button>
    </div>
  );
}
const Faint = ({ children }: { children: ReactNode }) => <p className="px-1 text-center text-xs text-faint">{children}</p>;
