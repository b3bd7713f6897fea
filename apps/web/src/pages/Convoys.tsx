import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { stillPlanned } from '../commands/starts.ts';
import { byConvoy, convoySign, convoyWhy, isOver } from '../convoys.ts';
import { useConnection, useRow, useSelect, useTown } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { At } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Page } from '../ui/Page.tsx';
import { Progress } from '../ui/Progress.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Notice } from '../ui/States.tsx';
import { cx } from '../ui/cx.ts';
import { Maker } from '../views/parts.tsx';

const OVER = 20;

/** Batches of beads, what moves first. */
export function Convoys() {
  const open = useUi((state) => state.open);
  const [all, setAll] = useState(false);
  const [archived, setArchived] = useState(false);
  const every = useSelect(['convoys'], (replica) => [...replica.rows('convoys').values()].toSorted(byConvoy));
  const convoys = every.filter((convoy) => archived || convoy.archivedAt === null);
  const over = convoys.filter(isOver);
  const shown = all ? convoys : [...convoys.filter((convoy) => !isOver(convoy)), ...over.slice(0, OVER)];
  const create = (
    <Button kind="primary" icon={<Plus size={15} />} onClick={() => open('create-convoy')}>
      Create convoy
    </Button>
  );
  return (
    <Page title="Convoys" aside={convoys.length > 0 && create}>
      {convoys.length === 0 ? (
        <Notice title="No convoys yet" action={create}>
          A convoy is a batch of beads that belong together: planned first if you like, started as one, done when all of them have landed.
        </Notice>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {shown.map(({ id }) => (
            <li key={id}>
              <ConvoyLine id={id} />
            </li>
          ))}
        </ul>
      )}
      <div className="mt-2 flex gap-4">
        {shown.length < convoys.length && <Quiet onClick={() => setAll(true)}>Show all {convoys.length}</Quiet>}
        {every.some((convoy) => convoy.archivedAt !== null) && (
          <Quiet onClick={() => setArchived(!archived)}>{archived ? 'Hide archived' : 'Show archived'}</Quiet>
        )}
      </div>
    </Page>
  );
}

const Quiet = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" onClick={onClick} className="h-8 text-xs text-muted hover:text-fg">
    {children}
  </button>
);

function ConvoyLine({ id }: { id: string }) {
  const { replica } = useConnection();
  const convoy = useRow('convoys', id);
  const town = useTown();
  useRow('beads', convoy?.wait?.ref);
  const isOpen = convoy?.status === 'open';
  const planned = useSelect(
    ['beads'],
    () => (isOpen ? stillPlanned([...replica.rows('beads').values()].filter((bead) => bead.convoyId === id)) : 0),
    [id, isOpen],
  );
  if (!convoy) return null;
  const why = convoyWhy(convoy, (bead) => replica.row('beads', bead), planned);
  return (
    <ObjectLink
      row
      at={{ kind: 'convoy', id }}
      className={cx(
        'grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-2 py-3 text-sm hover:bg-hover sm:grid-cols-[minmax(0,1fr)_180px_110px]',
        (convoy.status === 'staged' || convoy.archivedAt !== null) && 'text-muted',
      )}
    >
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{convoy.title}</span>
        <span className="truncate text-xs text-muted">{why ?? <Maker by={convoy.createdBy} link={false} />}</span>
      </span>
      <span className="flex flex-col gap-1 max-sm:col-span-2 max-sm:row-start-2">
        <Progress done={convoy.closed} failed={convoy.failed} total={convoy.total} label={`Progress of ${convoy.title}`} />
        <span className="tnum text-xs text-faint">
          {convoy.closed} of {convoy.total}
          {convoy.failed > 0 && <span className="text-failed">, {convoy.failed} failed</span>}
        </span>
      </span>
      <span className="flex flex-col items-end gap-0.5">
        <SignWord sign={convoySign(convoy, town, planned)} />
        <At at={convoy.landedAt ?? convoy.createdAt} className="text-xs" />
      </span>
    </ObjectLink>
  );
}
