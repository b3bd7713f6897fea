import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ListFilter, Plus } from 'lucide-react';
import { useState } from 'react';
import { entryOf, keyWords } from '../commands/catalogue.ts';
import { byConvoy } from '../convoys.ts';
import { isWork, wordsOf } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Input, Select } from '../ui/Field.tsx';
import { Notice } from '../ui/States.tsx';
import { cx } from '../ui/cx.ts';
import { Columns } from '../views/Columns.tsx';

type Change = Partial<Record<'q' | 'rig' | 'group' | 'kind' | 'label' | 'convoy' | 'archived', string>>;

export function Board() {
  const search = useSearch({ from: '/t/$town/board' });
  const navigate = useNavigate({ from: '/t/$town/board' });
  const open = useUi((state) => state.open);
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const any = useSelect(['beads'], (replica) => [...replica.rows('beads').values()].some(isWork));
  const { town } = useParams({ from: '/t/$town/board' });
  const put = (change: Change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const create = entryOf('bead.create');
  const filter = {
    rig: search.rig,
    q: search.q,
    kind: search.kind,
    label: search.label,
    convoy: search.convoy,
    archived: search.archived === 'shown',
  };
  return (
    <div className={cx('flex flex-col', search.group === 'rig' ? 'min-h-full' : 'h-full min-h-0')}>
      <header className="flex flex-wrap items-center gap-2 px-4 py-2.5 sm:px-6">
        <h1 className="text-base font-semibold">Board</h1>
        <Link to="/t/$town/convoys" params={{ town }} className={buttonClass('quiet', true, 'sm:hidden')}>
          Convoys
        </Link>
        <span className="flex-1" />
        <div className="flex min-w-0 flex-wrap items-center gap-2">
          <Filters search={search} put={put} rigs={rigs} />
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
      {!any && !filter.archived ? (
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
              <Columns filter={{ ...filter, rig: rig.id }} within={rig.name} />
            </section>
          ))
      ) : (
        <Columns filter={filter} fills />
      )}
    </div>
  );
}

/** Narrow the board; each choice is in the address. A choice that would not narrow anything is not offered. */
function Filters({ search, put, rigs }: { search: Change; put: (change: Change) => void; rigs: readonly { id: string; name: string }[] }) {
  const { kinds, labels } = useSelect(['beads'], (replica) => wordsOf(replica.rows('beads').values()));
  const convoys = useSelect(['convoys'], (replica) =>
    [...replica.rows('convoys').values()].filter((convoy) => convoy.archivedAt === null).toSorted(byConvoy),
  );
  const archived = useSelect(['beads'], (replica) =>
    [...replica.rows('beads').values()].some((bead) => bead.type === 'issue' && bead.archivedAt !== null),
  );
  const chosen = [search.rig, search.kind, search.label, search.convoy, search.archived, search.group].filter(Boolean).length;
  const [open, setOpen] = useState(false);
  return (
    <>
      <Input
        label="Filter beads"
        hideLabel
        placeholder="Filter"
        type="search"
        className="!w-36 sm:!w-44"
        value={search.q ?? ''}
        onChange={(event) => put({ q: event.target.value })}
      />
      <Button
        aria-expanded={open}
        icon={<ListFilter size={15} />}
        className="sm:hidden"
        aria-label={chosen > 0 ? `More filters, ${chosen} chosen` : 'More filters'}
        onClick={() => setOpen(!open)}
      >
        {chosen > 0 && chosen}
      </Button>
      {/* On a phone the rest of the filters waits behind the button. */}
      <div className={cx('contents', !open && 'max-sm:hidden')}>
        {rigs.length > 1 && (
          <Choice
            label="Rig"
            all="All rigs"
            value={search.rig}
            options={rigs.map((rig) => [rig.id, rig.name])}
            onChange={(rig) => put({ rig })}
          />
        )}
        {(kinds.length > 1 || search.kind) && (
          <Choice
            label="Kind"
            all="All kinds"
            value={search.kind}
            options={kinds.map((kind) => [kind, kind])}
            onChange={(kind) => put({ kind })}
          />
        )}
        {(labels.length > 0 || search.label) && (
          <Choice
            label="Label"
            all="All labels"
            value={search.label}
            options={labels.map((label) => [label, label])}
            onChange={(label) => put({ label })}
          />
        )}
        {(convoys.length > 0 || search.convoy) && (
          <Choice
            label="Convoy"
            all="All convoys"
            value={search.convoy}
            options={convoys.map((convoy) => [convoy.id, convoy.title])}
            onChange={(convoy) => put({ convoy })}
          />
        )}
        {(archived || search.archived) && (
          <Toggle on={search.archived === 'shown'} onClick={() => put({ archived: search.archived ? '' : 'shown' })}>
            Show archived
          </Toggle>
        )}
        {rigs.length > 1 && (
          <Toggle on={search.group === 'rig'} onClick={() => put({ group: search.group === 'rig' ? '' : 'rig' })}>
            Group by rig
          </Toggle>
        )}
      </div>
    </>
  );
}

function Choice({
  label,
  all,
  value,
  options,
  onChange,
}: {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <Select label={label} hideLabel className="!w-32" value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

function Toggle({ on, onClick, children }: { on: boolean; onClick: () => void; children: string }) {
  return (
    <Button aria-pressed={on} className="aria-pressed:bg-active" onClick={onClick}>
      {children}
    </Button>
  );
}
