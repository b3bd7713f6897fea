import { useState } from 'react';
import { COLUMNS, columnOf } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { BeadCard } from './BeadCard.tsx';

const SHOWN = 60;

/** The five columns of a board. */
export function Columns({ rig, q, within }: { rig?: string | undefined; q?: string | undefined; within?: string }) {
  return (
    <div className="flex min-h-0 flex-1 gap-3 overflow-x-auto px-4 pb-6 max-sm:snap-x max-sm:snap-mandatory sm:px-6">
      {COLUMNS.map((column) => (
        <Column key={column.status} {...column} rig={rig} q={q} within={within} />
      ))}
    </div>
  );
}

function Column({
  status,
  name,
  rig,
  q,
  within,
}: (typeof COLUMNS)[number] & { rig: string | undefined; q: string | undefined; within: string | undefined }) {
  const [all, setAll] = useState(false);
  const ids = useSelect(['beads'], (replica) => columnOf(replica.rows('beads').values(), status, { rig, q }).map((bead) => bead.id), [
    status,
    rig,
    q,
  ]);
  const shown = all ? ids : ids.slice(0, SHOWN);
  return (
    <section
      aria-label={within ? `${name} in ${within}` : name}
      className="flex w-[82vw] max-w-[340px] min-w-[218px] shrink-0 flex-col sm:w-auto sm:flex-1 max-sm:snap-start max-sm:scroll-mx-4"
    >
      <header className="flex h-8 shrink-0 items-center gap-2">
        <h2 className="text-xs font-medium text-muted">{name}</h2>
        <span className="text-xs text-faint" data-testid="count">
          {ids.length}
        </span>
      </header>
      <ul className="flex flex-col gap-2">
        {shown.map((id) => (
          <li key={id} className="lazy-row" style={{ containIntrinsicSize: 'auto 84px' }}>
            <BeadCard id={id} rig={!rig} />
          </li>
        ))}
      </ul>
      {ids.length === 0 && <p className="rounded-lg border border-dashed border-line px-3 py-4 text-center text-xs text-faint">None</p>}
      {ids.length > shown.length && (
        <button type="button" onClick={() => setAll(true)} className="mt-2 h-8 text-xs text-muted hover:text-fg">
          Show all {ids.length}
        </button>
      )}
    </section>
  );
}
