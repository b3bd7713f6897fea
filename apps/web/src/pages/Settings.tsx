import { type PermissionSettings, type RigRow, type TownRow } from '@gastown/protocol';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { Suspense, lazy, useState, type ReactNode } from 'react';
import { api } from '../api.ts';
import { useCommand, type Refusal } from '../commands/use-command.ts';
import { when } from '../format.ts';
import { SETTINGS_TABS, TAB_NAMES, isSettingsTab, type SettingsTab } from '../navigation.ts';
import { queryClient, useSession } from '../queries.ts';
import { useSelect, useTown } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { Facts, Mono, Section } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { Check } from '../ui/Check.tsx';
import { Input, RefusalNote, Select } from '../ui/Field.tsx';
import { Page } from '../ui/Page.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Loading } from '../ui/States.tsx';
import { Allowances } from '../views/Allowances.tsx';
import { ModelForm } from '../views/ModelForm.tsx';
import { RoleModels } from '../views/RoleModels.tsx';
import { SetupField } from '../views/SetupField.tsx';
import { GatesField, gatesIn } from '../views/GatesField.tsx';
import { AddRig, EditRig } from '../views/RigForm.tsx';
import { FailureBanner } from '../views/parts.tsx';
import { useRigSign } from '../views/RigLimit.tsx';

const Spend = lazy(() => import('./settings/Spend.tsx').then((module) => ({ default: module.Spend })));
const Runners = lazy(() => import('./settings/Runners.tsx').then((module) => ({ default: module.Runners })));
const Import = lazy(() => import('./settings/Import.tsx').then((module) => ({ default: module.Import })));
const Health = lazy(() => import('./settings/Health.tsx').then((module) => ({ default: module.Health })));

export function Settings() {
  const town = useTown();
  const id = useTownId();
  const { tab } = useSearch({ from: '/t/$town/settings' });
  const at: SettingsTab = isSettingsTab(tab) ? tab : tab === 'budget' ? 'spend' : 'general';
  if (!town) return null;
  return (
    <Page title="Settings">
      <div className="flex flex-col gap-6 md:flex-row md:gap-10">
        <nav
          aria-label="Settings"
          className="flex shrink-0 flex-wrap gap-0.5 border-b border-line pb-2 md:w-40 md:flex-col md:flex-nowrap md:border-0"
        >
          {SETTINGS_TABS.map((name) => (
            <Link
              key={name}
              to="/t/$town/settings"
              params={{ town: id }}
              search={{ tab: name }}
              aria-current={name === at ? 'page' : undefined}
              activeProps={{}}
              className="flex h-8 shrink-0 items-center rounded-md px-2 text-sm whitespace-nowrap text-muted hover:bg-hover hover:text-fg aria-[current=page]:bg-active aria-[current=page]:font-medium aria-[current=page]:text-fg"
            >
              {TAB_NAMES[name]}
            </Link>
          ))}
        </nav>
        <section aria-label={TAB_NAMES[at]} className="min-w-0 flex-1">
          <h2 className="mb-4 text-base font-semibold">{TAB_NAMES[at]}</h2>
          <Suspense fallback={<Loading what={TAB_NAMES[at]} />}>
            <Tab at={at} town={town} />
          </Suspense>
        </section>
      </div>
    </Page>
  );
}

function Tab({ at, town }: { at: SettingsTab; town: TownRow }) {
  const session = useSession();
  switch (at) {
    case 'general':
      return <General town={town} />;
    case 'repositories':
      return <Repositories />;
    case 'models':
      return town.scripted ? (
        <div className="flex flex-col gap-5">
          <p className="max-w-md text-sm text-muted">
            This town rehearses with a scripted model: no model is called and no money is spent. Choose a model here to work for real.
          </p>
          <ModelForm key={town.id} town={town} envProviders={session.data?.envProviders ?? []} />
          {town.model && <RoleModels key={`${town.id} ${town.model.provider}`} town={town} model={town.model} />}
        </div>
      ) : (
        <div className="flex flex-col gap-5">
          <ModelForm key={town.id} town={town} envProviders={session.data?.envProviders ?? []} />
          {town.modelKey && town.modelKey !== 'env' && <ForgetKey />}
          {town.canRehearse && <Rehearse />}
          {town.model && <RoleModels key={`${town.id} ${town.model.provider}`} town={town} model={town.model} />}
        </div>
      );
    case 'agents':
      return <AgentSettings town={town} />;
    case 'runners':
      return <Runners />;
    case 'spend':
      return <Spend town={town} />;
    case 'import':
      return <Import />;
    case 'health':
      return <Health />;
    case 'danger':
      return <Danger town={town} />;
  }
}

function Form({
  onSubmit,
  refusal,
  pending,
  children,
}: {
  onSubmit: () => void;
  refusal: Refusal | null;
  pending: boolean;
  children: ReactNode;
}) {
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <RefusalNote refusal={refusal} />
      <Button kind="primary" type="submit" pending={pending} className="self-start">
        Save
      </Button>
    </form>
  );
}

function General({ town }: { town: TownRow }) {
  const rename = useCommand({ quiet: true });
  const identity = useCommand({ quiet: true });
  const [name, setName] = useState(town.name);
  const [gitName, setGitName] = useState(town.gitName);
  const [gitEmail, setGitEmail] = useState(town.gitEmail);
  return (
    <div className="flex flex-col gap-8">
      {town.container.failure && <FailureBanner failure={town.container.failure} />}
      <Facts
        facts={[
          ['Container', `${town.container.state} since ${when(town.container.since)}`],
          [
            'Runners',
            <Link key="r" to="/t/$town/settings" params={{ town: town.id }} search={{ tab: 'runners' }} className="underline">
              <RunnerCount />
            </Link>,
          ],
          ['Created', when(town.createdAt)],
          ['Id', <Mono key="i">{town.id}</Mono>],
        ]}
      />
      <Form
        refusal={rename.refusal}
        pending={rename.pending}
        onSubmit={() => void rename.run({ kind: 'town.rename', name: name.trim() }, 'Saved')}
      >
        <Input label="Name of the town" value={name} onChange={(event) => setName(event.target.value)} required maxLength={60} />
      </Form>
      <Form
        refusal={identity.refusal}
        pending={identity.pending}
        onSubmit={() => void identity.run({ kind: 'town.configure', gitName: gitName.trim(), gitEmail: gitEmail.trim() }, 'Saved')}
      >
        <Input label="Name in commits" value={gitName} onChange={(event) => setGitName(event.target.value)} required maxLength={60} />
        <Input label="E-mail in commits" type="email" value={gitEmail} onChange={(event) => setGitEmail(event.target.value)} required />
      </Form>
    </div>
  );
}

function RunnerCount() {
  const linked = useSelect(['runners'], (replica) => [...replica.rows('runners').values()].filter(({ connected }) => connected).length);
  const all = useSelect(['runners'], (replica) => replica.rows('runners').size);
  return `${linked} of ${all} linked`;
}

function Repositories() {
  const session = useSession();
  const navigate = useNavigate({ from: '/t/$town/settings' });
  const { add, rig: shown } = useSearch({ from: '/t/$town/settings' });
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const adding = (yes: boolean) =>
    void navigate({ search: { tab: 'repositories', ...(yes && { add: 'repository' }) }, replace: true, resetScroll: false });
  const open = add === 'repository' || rigs.length === 0;
  return (
    <div className="flex flex-col gap-5">
      {rigs.length > 0 && (
        <ul className="divide-y divide-line border-y border-line">
          {rigs.map((rig) => (
            <RigItem key={rig.id} rig={rig} open={rig.id === shown} />
          ))}
        </ul>
      )}
      {open ? (
        <AddRig
          sample={session.data?.sample && !rigs.some((rig) => rig.gitUrl === session.data.sample?.gitUrl) ? session.data.sample : null}
          onAdded={() => adding(false)}
        />
      ) : (
        <Button icon={<Plus size={15} />} className="self-start" onClick={() => adding(true)}>
          Add repository
        </Button>
      )}
      {rigs.length > 0 && !open && <TownGates />}
    </div>
  );
}

/** What each repository is tested by that has no gates of its own (QG-1). */
function TownGates() {
  const town = useTown();
  const save = useCommand({ quiet: true });
  const [gates, setGates] = useState(town?.gates.join('\n') ?? '');
  return (
    <Section title="For every repository without gates of its own">
      <Form
        refusal={save.refusal}
        pending={save.pending}
        onSubmit={() => void save.run({ kind: 'town.configure', gates: gatesIn(gates) }, 'Saved')}
      >
        <GatesField value={gates} onChange={setGates} without="without any, whatever merges lands." />
      </Form>
    </Section>
  );
}

/** Why it cannot be used stands in its row: nobody has to open it to find out. */
function RigItem({ rig, open }: { rig: RigRow; open: boolean }) {
  const sign = useRigSign(rig.id);
  return (
    <li>
      <details open={open || undefined} className="group">
        <summary className="flex min-h-12 items-center gap-3 rounded-md px-1 py-1 text-sm hover:bg-hover">
          <span className="flex min-w-0 flex-1 flex-col">
            <span className="font-medium">{rig.name}</span>
            <Mono className="truncate text-muted">{rig.gitUrl}</Mono>
            {rig.failure && <span className="[overflow-wrap:anywhere] text-failed group-open:hidden">{rig.failure.message}</span>}
          </span>
          {sign && <SignWord sign={sign} />}
        </summary>
        {rig.failure && <FailureBanner failure={rig.failure} />}
        <EditRig rig={rig} />
      </details>
    </li>
  );
}

function Rehearse() {
  const { run, pending } = useCommand();
  return (
    <Button
      className="self-start"
      pending={pending}
      onClick={() => void run({ kind: 'town.configure', model: null }, 'It rehearses again')}
    >
      Go back to the rehearsal
    </Button>
  );
}

function ForgetKey() {
  const { run, pending } = useCommand();
  return (
    <Button className="self-start" pending={pending} onClick={() => void run({ kind: 'town.set_model_key', key: null }, 'Key removed')}>
      Remove the key
    </Button>
  );
}

function AgentSettings({ town }: { town: TownRow }) {
  const session = useSession();
  const save = useCommand({ quiet: true });
  const restart = useCommand();
  const [kind, setKind] = useState(town.agentKind);
  const [slots, setSlots] = useState(String(town.maxPolecats));
  const [staged, setStaged] = useState(town.stagedConvoysDefault);
  const [permissions, setPermissions] = useState<PermissionSettings>(town.permissions);
  const [setup, setSetup] = useState(town.setup);
  const kinds = session.data?.agentKinds ?? [];
  return (
    <div className="flex flex-col gap-8">
      <Form
        refusal={save.refusal}
        pending={save.pending}
        onSubmit={() =>
          void save.run(
            { kind: 'town.configure', agentKind: kind, maxPolecats: Number(slots), stagedConvoysDefault: staged, permissions, setup },
            'Saved',
          )
        }
      >
        <Select
          label="Agent program"
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          hint="New runs use it; runs under way go on with theirs."
        >
          {!kinds.some((known) => known.id === kind) && <option value={kind}>{kind}</option>}
          {kinds.map((known) => (
            <option key={known.id} value={known.id}>
              {known.label}
            </option>
          ))}
        </Select>
        {kind !== town.agentKind && (
          <output className="text-sm text-accent">
            No program takes up the session of another: the Mayor then begins a new one, and is told what was said.
          </output>
        )}
        <Input
          label="Slots of the town"
          type="number"
          min={0}
          max={50}
          required
          value={slots}
          onChange={(event) => setSlots(event.target.value)}
          className="!w-24"
          hint={`How many polecats may work at once over all rigs; ${town.busyPolecats} are busy now.`}
        />
        <Check
          label="New convoys are planned"
          hint="They start when you say so, unless who makes one says otherwise."
          checked={staged}
          onChange={setStaged}
        />
        <Allowances value={permissions} onChange={setPermissions} />
        <SetupField value={setup} onChange={setSetup} />
      </Form>
      <Section title="Mayor">
        <Button pending={restart.pending} onClick={() => void restart.run({ kind: 'mayor.restart' }, 'The Mayor restarts')}>
          Restart the Mayor
        </Button>
        <p className="mt-2 text-sm text-muted">Its conversation stays.</p>
      </Section>
    </div>
  );
}

function Danger({ town }: { town: TownRow }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const remove = async () => {
    setPending(true);
    const answer = await api.deleteTown(town.id, name);
    setPending(false);
    if (!answer.ok) return setRefusal({ code: answer.failure.code, message: answer.failure.message, next: answer.next });
    await navigate({ to: '/' });
    await queryClient.invalidateQueries();
  };
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void remove();
      }}
    >
      <p className="text-sm text-muted">
        Deleting the town stops its agents and removes its beads, transcripts and keys. The repositories stay as they are.
      </p>
      <Input
        label={`Type ${town.name} to delete the town`}
        value={name}
        onChange={(event) => setName(event.target.value)}
        spellCheck={false}
      />
      <RefusalNote refusal={refusal} />
      <Button kind="danger" type="submit" className="self-start" pending={pending} disabled={name !== town.name}>
        Delete town
      </Button>
    </form>
  );
}
