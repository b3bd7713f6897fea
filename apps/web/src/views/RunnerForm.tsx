import { LIMITS, type RigId, type RunnerRow } from '@gastown/protocol';
import { useState } from 'react';
import type { Refusal } from '../commands/use-command.ts';
import { useSelect } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Check } from '../ui/Check.tsx';
import { Input, RefusalNote } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';

export interface RunnerWish {
  readonly name: string;
  readonly rigs: RigId[] | null;
  readonly places: number | null;
}

/** Name, repositories and places of a runner; the same to add one and to change it. */
export function RunnerForm({
  given,
  submit,
  refusal,
  pending,
  onSubmit,
  onCancel,
}: {
  given?: RunnerRow;
  submit: string;
  refusal: Refusal | null;
  pending: boolean;
  onSubmit: (wish: RunnerWish) => void;
  onCancel?: () => void;
}) {
  const [name, setName] = useState(given?.name ?? '');
  const [rigs, setRigs] = useState<readonly RigId[] | null>(given?.rigs ?? null);
  const [places, setPlaces] = useState(given?.places === null || given === undefined ? '' : String(given.places));
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ name: name.trim(), rigs: rigs && [...rigs], places: places === '' ? null : Number(places) });
      }}
    >
      <Input
        label="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder="Machine in the attic"
        maxLength={LIMITS.nameCharacters.value}
        required
        first={given === undefined}
      />
      <Takes value={rigs} onChange={setRigs} />
      <Input
        label="Places"
        type="number"
        min={1}
        max={50}
        value={places}
        onChange={(event) => setPlaces(event.target.value)}
        className="!w-24"
        placeholder="any"
        hint="How many polecats may work there at once. Empty: as many as the town may have."
      />
      <RefusalNote refusal={refusal} />
      <div className="flex gap-2">
        <Button kind="primary" type="submit" pending={pending}>
          {submit}
        </Button>
        {onCancel && (
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  );
}

/** Which repositories it takes. What a runner lists is pinned to it, which must be understood before it is chosen. */
function Takes({ value, onChange }: { value: readonly RigId[] | null; onChange: (rigs: readonly RigId[] | null) => void }) {
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const put = (id: RigId, on: boolean) => onChange(on ? [...(value ?? []), id] : (value ?? []).filter((listed) => listed !== id));
  return (
    <fieldset className="flex flex-col gap-2.5">
      <legend className="label mb-2">Repositories</legend>
      <Segments
        label="Which repositories"
        value={value === null ? 'rest' : 'these'}
        options={[
          ['rest', 'All that no runner lists'],
          ['these', 'Only these'],
        ]}
        onChange={(which) => onChange(which === 'rest' ? null : [])}
      />
      {value !== null && (
        <div className="flex flex-col gap-1.5">
          {rigs.map((rig) => (
            <Check key={rig.id} label={rig.name} checked={value.includes(rig.id)} onChange={(on) => put(rig.id, on)} />
          ))}
          {rigs.length === 0 && <p className="text-sm text-faint">The town has no repository yet.</p>}
        </div>
      )}
      {value?.length === 0 && <output className="text-sm text-accent">It gets no work until you tick one.</output>}
      <p className="text-xs text-faint">
        {value === null
          ? 'It shares them with the other runners of which this is true.'
          : 'What is ticked is pinned: it is worked on, tested and landed there only, and its code goes to no other runner. It waits while this one is away.'}
      </p>
    </fieldset>
  );
}
