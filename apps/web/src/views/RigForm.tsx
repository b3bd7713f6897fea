import { LIMITS, NO_SETUP, type RigRow } from '@gastown/protocol';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { nameFrom, nameOfItsOwn, nameToGive } from '../connecting.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmButton } from '../ui/Confirm.tsx';
import { useSelect, useTown } from '../replica/hooks.ts';
import { Input, RefusalNote } from '../ui/Field.tsx';
import { Check } from '../ui/Check.tsx';
import { Allowances } from './Allowances.tsx';
import { GatesField, gatesIn } from './GatesField.tsx';
import { SetupField } from './SetupField.tsx';

export interface Sample {
  name: string;
  gitUrl: string;
  /** Null, or absent: as the town says. */
  gates?: string[] | null;
}
const LANDS = 'without any, whatever merges lands.';

/** Connects a repository; in the demo the sample is one click. */
export function AddRig({
  sample,
  onAdded,
  given,
  submit = 'Connect repository',
}: {
  sample: Sample | null;
  onAdded: (rigId: string) => void;
  /** What was given before and is to be corrected. */
  given?: Sample | null;
  submit?: string;
}) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const town = useTown();
  const [gitUrl, setUrl] = useState(given?.gitUrl ?? '');
  const [name, setName] = useState(given ? nameOfItsOwn(given) : '');
  const [token, setToken] = useState('');
  const [gates, setGates] = useState(given?.gates?.join('\n') ?? '');
  const add = async (rig: Sample & { token?: string }) => {
    const answer = await run({
      kind: 'rig.add',
      name: rig.name,
      gitUrl: rig.gitUrl,
      ...(rig.gates && { gates: rig.gates }),
      ...(rig.token && { token: rig.token }),
    });
    if (answer.ok) onAdded((answer.value as { rigId: string }).rigId);
  };
  return (
    <div className="flex max-w-md flex-col gap-4">
      {sample && (
        <div className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-sunken px-3 py-2.5">
          <p className="min-w-0 flex-1 text-sm">
            <span className="font-medium">{sample.name}</span>{' '}
            <span className="text-muted">a small real package with its tests as the gate</span>
          </p>
          <Button small kind="primary" pending={pending} onClick={() => void add(sample)}>
            Use the sample repository
          </Button>
        </div>
      )}
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add({
            name: nameToGive(name, gitUrl),
            gitUrl: gitUrl.trim(),
            gates: gates.trim() === '' ? null : gatesIn(gates),
            ...(token.trim() && { token: token.trim() }),
          });
        }}
      >
        <Input
          label="Repository URL"
          value={gitUrl}
          onChange={(event) => setUrl(event.target.value)}
          placeholder="https://github.com/acme/shop.git"
          required
          hint="https, ssh, or a path on this machine. An empty repository is fine."
          spellCheck={false}
        />
        <Input
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder={nameFrom(gitUrl) || 'shop'}
          maxLength={LIMITS.nameCharacters.value}
        />
        <Input
          label="Access token"
          type="password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          hint="Needed when the repository asks for one; it must be allowed to push. Agents never see it."
        />
        <GatesField
          value={gates}
          onChange={setGates}
          without={town && town.gates.length > 0 ? 'without any, those of Settings › Repositories.' : LANDS}
          placeholder={'npm ci\nnpm test'}
        />
        <RefusalNote refusal={refusal} />
        <Button kind={sample ? 'plain' : 'primary'} type="submit" pending={pending} className="self-start">
          {submit}
        </Button>
      </form>
    </div>
  );
}

/** One connected repository: its gates, slots and token; what goes wrong is told beside the form that asked. */
export function EditRig({ rig }: { rig: RigRow }) {
  const save = useCommand({ quiet: true });
  const [name, setName] = useState(rig.name);
  const [gates, setGates] = useState(rig.gates?.join('\n') ?? null);
  const [slots, setSlots] = useState(String(rig.maxPolecats));
  const [permissions, setPermissions] = useState(rig.permissions);
  const [setup, setSetup] = useState(rig.setup);
  const town = useTown();
  const [token, setToken] = useState('');
  const submit = async () => {
    const saved = await save.run(
      {
        kind: 'rig.update',
        rigId: rig.id,
        name: name.trim(),
        gates: gates === null ? null : gatesIn(gates),
        maxPolecats: Number(slots),
        permissions,
        setup,
      },
      token ? undefined : 'Saved',
    );
    if (saved.ok && token.trim() && (await save.run({ kind: 'rig.set_token', rigId: rig.id, token: token.trim() }, 'Saved')).ok)
      setToken('');
  };
  return (
    <form
      className="flex max-w-md flex-col gap-4 pt-3 pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Input label="Name" value={name} onChange={(event) => setName(event.target.value)} required maxLength={LIMITS.nameCharacters.value} />
      <Check
        label="Gates of its own"
        hint="Instead of those for every repository."
        checked={gates !== null}
        onChange={(own) => setGates(own ? (town?.gates ?? []).join('\n') : null)}
      />
      {gates !== null && <GatesField value={gates} onChange={setGates} without={LANDS} />}
      <Input
        label="Slots"
        type="number"
        min={0}
        max={50}
        value={slots}
        onChange={(event) => setSlots(event.target.value)}
        hint="How many polecats may work here at once."
        className="!w-24"
        required
      />
      <Allowances value={permissions} onChange={setPermissions} town={town?.permissions} />
      <Check
        label="Setup of its own"
        hint="Instead of the setup commands in Settings › Agents."
        checked={setup !== null}
        onChange={(own) => setSetup(own ? (town?.setup ?? NO_SETUP) : null)}
      />
      {setup && <SetupField value={setup} onChange={setSetup} />}
      <Input
        label="Access token"
        type="password"
        value={token}
        onChange={(event) => setToken(event.target.value)}
        placeholder={rig.tokenSet ? '•••• set' : 'none'}
      />
      <RefusalNote refusal={save.refusal} />
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit" pending={save.pending}>
          Save
        </Button>
        <Button pending={save.pending} onClick={() => void save.run({ kind: 'rig.reconnect', rigId: rig.id }, 'Connecting again')}>
          Reconnect
        </Button>
        {rig.tokenSet && (
          <Button kind="quiet" onClick={() => void save.run({ kind: 'rig.set_token', rigId: rig.id, token: null }, 'Token removed')}>
            Remove token
          </Button>
        )}
      </div>
      <RemoveRig rig={rig} />
    </form>
  );
}

/** Its beads that are not closed end with it: how many, and what stays, is said before anything is done (DL-8). */
export function RemoveRig({ rig }: { rig: RigRow }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const open = useSelect(
    ['beads'],
    (replica) =>
      [...replica.rows('beads').values()].filter((bead) => bead.rigId === rig.id && bead.type === 'issue' && bead.status !== 'closed')
        .length,
    [rig.id],
  );
  const beads = open === 1 ? '1 bead' : `${open.toLocaleString('en')} beads`;
  const force = open > 0 || refusal?.code === 'rig_in_use';
  return (
    <section aria-label={`Remove ${rig.name}`} className="mt-2 flex flex-col items-start gap-2 border-t border-line pt-4 text-sm">
      <p className="text-muted">
        {open > 0
          ? `Removed, its agents end at once and its ${beads} that ${open === 1 ? 'is' : 'are'} not closed ${open === 1 ? 'is' : 'are'} closed undone.`
          : 'Removed, its agents end; it has no open beads.'}{' '}
        The repository stays as it is, with every branch that was pushed; closed beads and their history stay in the town. Connected again
        later, it is a new rig: gates, setup and token are given once more.
      </p>
      <RefusalNote refusal={refusal} />
      <ConfirmButton
        small
        kind="danger"
        icon={<Trash2 size={13} />}
        pending={pending}
        sure={open > 0 ? `Remove ${rig.name} and close ${beads}?` : `Remove ${rig.name}?`}
        onConfirm={() => void run({ kind: 'rig.remove', rigId: rig.id, ...(force && { force }) }, 'Repository removed')}
      >
        Remove the repository
      </ConfirmButton>
    </section>
  );
}
