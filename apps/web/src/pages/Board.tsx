import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { entryOf, keyWords } from '../commands/catalogue.ts';
import { isWork } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { Button } from '../ui/Button.tsx';
import { Input, Select } from '../ui/Field.tsx';
import { Notice } from '../ui/States.tsx';
import { Columns } from '../views/Columns.tsx';

export function Board() {
  const search = useSearch({ from: '/t/$town/board' });
  const navigate = useNavigate({ from: '/t/$town/board' });
  const open = useUi((state) => state.open);
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const any = useSelect(['beads'], (replica) => [...replica.rows('beads').values()].some(isWork));
  const put = (change: { q?: string; rig?: string; group?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const create = entryOf('bead.create');
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-wrap items-center gap-2 px-4 py-2.5 sm:px-6">
        <h1 className="text-base font-semibold">Board</h1>
        <span className="flex-1" />
        <div className="flex flex-wrap items-center gap-2">
          <Input
            label="Filter beads"
            hideLabel
            placeholder="Filter"
            type="search"
            className="!w-36 sm:!w-48"
            value={search.q ?? ''}
            onChange={(event) => put({ q: event.target.value })}
          />
          {rigs.length > 1 && (
            <Select label="Rig" hideLabel className="!w-36" value={search.rig ?? ''} onChange={(event) => put({ rig: event.target.value })}>
              <option value="">All rigs</option>
              {rigs.map((rig) => (
                <option key={rig.id} value={rig.id}>
                  {rig.name}
                </option>
              ))}
            </Select>
          )}
          {rigs.length > 1 && (
            <Button
              aria-pressed={search.group === 'rig'}
              className="aria-pressed:bg-active"
              onClick={() => put({ group: search.group === 'rig' ? '' : 'rig' })}
            >
              Group by rig
            </Button>
          )}
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
      ) : search.group === 'rig' ? (
        rigs
          .filter((rig) => !search.rig || rig.id === search.rig)
          .map((rig) => (
            <section key={rig.id} aria-label={`Rig ${rig.name}`} className="mb-2">
              <h2 className="mx-4 flex h-9 items-center border-t border-line text-sm font-medium sm:mx-6">{rig.name}</h2>
              <Columns rig={rig.id} q={search.q} within={rig.name} />
            </section>
          ))
      ) : (
        <Columns rig={search.rig} q={search.q} />
      )}
    </div>
  );
}
