import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { chosenIn, type BoardSearch } from '../board-search.ts';
import { byConvoy } from '../convoys.ts';
import { wordsOf } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Input, Select } from '../ui/Field.tsx';
import { cx } from '../ui/cx.ts';

/** Narrow the board; each choice is in the address. A choice that would not narrow anything is not offered. */
export function BoardFilters({
  search,
  put,
  rigs,
}: {
  search: BoardSearch;
  put: (change: BoardSearch) => void;
  rigs: readonly { id: string; name: string }[];
}) {
  const { kinds, labels } = useSelect(['beads'], (replica) => wordsOf(replica.rows('beads').values()));
  const convoys = useSelect(['convoys'], (replica) =>
    [...replica.rows('convoys').values()].filter((convoy) => convoy.archivedAt === null).toSorted(byConvoy),
  );
  const archived = useSelect(
    ['beads'],
    (replica) =>
      replica.leftOut.archived || [...replica.rows('beads').values()].some((bead) => bead.type === 'issue' && bead.archivedAt !== null),
  );
  const chosen = chosenIn(search);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Input
        label="Filter beads"
        hideLabel
        placeholder="Filter"
        type="search"
        className="!w-36"
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
        <Toggle
          on={search.ready === 'only'}
          title="Open, unblocked, and nothing held against it"
          onClick={() => put({ ready: search.ready ? '' : 'only' })}
        >
          Ready
        </Toggle>
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
    <Select label={label} hideLabel className="!w-[7.5rem]" value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

function Toggle({ on, title, onClick, children }: { on: boolean; title?: string; onClick: () => void; children: string }) {
  return (
    <Button aria-pressed={on} title={title} className="aria-pressed:bg-active" onClick={onClick}>
      {children}
    </Button>
  );
}
