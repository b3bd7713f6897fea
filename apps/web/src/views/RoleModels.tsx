import { costIsKnown, PROVIDERS, type ModelConfig, type ModelRole, type RoleModel, type TownRow } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { Button } from '../ui/Button.tsx';
import { Input, RefusalNote } from '../ui/Field.tsx';
import { EffortSelect } from './effort.tsx';
import { PriceFields } from './PriceFields.tsx';
import { rolesChanged, typedRoles, type TypedRole } from './role-model.ts';

const NAMES: Readonly<Record<ModelRole, string>> = { mayor: 'Mayor', polecat: 'Polecats' };

/** Model and effort of one role, where they are not the town's (CF-1). */
export function RoleModels({ town, model }: { town: Pick<TownRow, 'roleModels'>; model: ModelConfig }) {
  const [was, setWas] = useState(() => typedRoles(town.roleModels, model));
  const [typed, setTyped] = useState(was);
  const configure = useCommand({ quiet: true });
  const save = async () => {
    const { ok } = await configure.run({ kind: 'town.configure', roleModels: rolesChanged(was, typed, model) }, 'Saved');
    if (ok) setWas(typed);
  };
  const fieldsOf = (role: ModelRole) => (
    <RoleFields
      of={role}
      value={typed[role]}
      onChange={(value) => setTyped({ ...typed, [role]: value })}
      stored={town.roleModels[role]}
      town={model}
    />
  );
  return (
    <form
      aria-label="By role"
      className="flex max-w-md flex-col gap-4 border-t border-line pt-5"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h3 className="text-sm font-semibold">By role</h3>
      <p className="text-sm text-muted">
        A role may have a model of the same provider and an effort of its own. Both count from an agent’s next session on: the Mayor’s
        begins with your next message and goes on with the conversation.
      </p>
      {fieldsOf('mayor')}
      {fieldsOf('polecat')}
      <RefusalNote refusal={configure.refusal} />
      <Button kind="primary" type="submit" pending={configure.pending} className="self-start">
        Save roles
      </Button>
    </form>
  );
}

interface RoleFieldsProps {
  of: ModelRole;
  value: TypedRole;
  onChange: (value: TypedRole) => void;
  stored: RoleModel | undefined;
  town: ModelConfig;
}
function RoleFields({ of: role, value, onChange, stored, town }: RoleFieldsProps) {
  const unused = stored?.model && stored.model.provider !== town.provider ? stored.model : null;
  const wantsPrice = value.model.trim() !== '' && !costIsKnown({ provider: town.provider, price: null });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="label mb-2">{NAMES[role]}</legend>
      <div className="grid items-end gap-3 sm:grid-cols-[3fr_2fr]">
        <Input
          label="Model"
          aria-label={`Model of ${NAMES[role]}`}
          maxLength={200}
          value={value.model}
          placeholder={`As the town: ${town.model}`}
          onChange={(event) => onChange({ ...value, model: event.target.value })}
        />
        <EffortSelect value={value.effort} town={town.effort ?? 'default'} onChange={(effort) => onChange({ ...value, effort })} />
      </div>
      {wantsPrice && (
        <>
          <PriceFields of={NAMES[role]} value={value.price} onChange={(price) => onChange({ ...value, price })} />
          <p className="text-xs text-faint">Price of a million tokens, in dollars. Without it no limit holds.</p>
        </>
      )}
      {unused && (
        <p role="note" className="text-xs text-accent">
          {unused.model} is a model of {PROVIDERS[unused.provider].label} and not used while the town has {PROVIDERS[town.provider].label}.
          What is saved here replaces it.
        </p>
      )}
    </fieldset>
  );
}
