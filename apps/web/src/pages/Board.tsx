import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { entryOf, keyWords } from '../commands/catalogue.ts';
import { filterOf, type BoardSearch } from '../board-search.ts';
import { notReady } from '../not-ready.ts';
import { useSelect } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Notice } from '../ui/States.tsx';
import { cx } from '../ui/cx.ts';
import { BoardFilters } from '../views/BoardFilters.tsx';
import { Columns } from '../views/Columns.tsx';
import { NothingReady } from '../views/NothingReady.tsx';

export function Board() {
  const search = useSearch({ from: '/t/$town/board' });
  const navigate = useNavigate({ from: '/t/$town/board' });
  const open = useUi((state) => state.open);
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  // Archived work is work too: where there is some, the board has a way to it.
  const any = useSelect(
    ['beads'],
    (replica) =>
      replica.leftOut.closed || replica.leftOut.archived || [...replica.rows('beads').values()].some(({ type }) => type === 'issue'),
  );
  const { town } = useParams({ from: '/t/$town/board' });
  const put = (change: BoardSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const create = entryOf('bead.create');
  const filter = filterOf(search);
  const none = useSelect(['beads', 'convoys'], (replica) => notReady(replica.rows('beads').values(), filter, replica.rows('convoys')), [
    JSON.stringify(filter),
  ]);
  return (
    <div className={cx('flex flex-col', search.group === 'rig' ? 'toast-room min-h-full' : 'h-full min-h-0')}>
      <header className="flex flex-wrap items-center gap-2 px-4 py-2.5 sm:px-6">
        <h1 className="text-base font-semibold">Board</h1>
        <Link to="/t/$town/convoys" params={{ town }} className={buttonClass('quiet', true, 'sm:hidden')}>
          Convoys
        </Link>
        <span className="flex-1" />
        <div className="flex min-w-0 flex-wrap items-center gap-2">
          <BoardFilters search={search} put={put} rigs={rigs} />
          <Button
            kind="primary"
            icon={<Plus size={15} />}
            title={`${create.label} (${keyWords(create.keys!, false)})`}
            onClick={() => open('create-bead')}
          >
            {create.label}
          </Button>
        </div>
      </header>
      {!any ? (
        <Notice
          title="No beads yet"
          action={
            <Button kind="primary" onClick={() => open('create-bead')}>
              {create.label}
            </Button>
          }
        >
          Tell the Mayor what you want, or create the first bead yourself.
        </Notice>
      ) : none ? (
        <NothingReady told={none} onShowAll={() => put({ ready: '' })} />
      ) : search.group === 'rig' ? (
        rigs
          .filter((rig) => !search.rig || rig.id === search.rig)
          .map((rig) => (
            <section key={rig.id} aria-label={`Rig ${rig.name}`} className="mb-2">
              <h2 className="mx-4 flex h-9 items-center border-t border-line text-sm font-medium sm:mx-6">{rig.name}</h2>
              <Columns filter={{ ...filter, rig: rig.id }} within={rig.name} />
            </section>
          ))
      ) : (
        <Columns filter={filter} fills />
      )}
    </div>
  );
}
