import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { RigRow } from '@gastown/protocol';
import { useCommand } from '../commands/use-command.ts';
import { connectedCount, connectingOf } from '../connecting.ts';
import { askAnew, stopping, useSession, useTowns } from '../queries.ts';
import { TownContext, useLink, useRev, useSelect, useTown, useTownConnection } from '../replica/hooks.ts';
import { Away } from '../shell/Away.tsx';
import { TownIdContext } from '../shell/town-id.ts';
import { Composer } from '../transcript/Composer.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Loading, NotFound, Problem, Screen } from '../ui/States.tsx';
import { cx } from '../ui/cx.ts';
import { ConnectRig } from '../views/ConnectRig.tsx';
import { ModelForm } from '../views/ModelForm.tsx';
import { AddRig } from '../views/RigForm.tsx';
import { TownForm } from '../views/TownForm.tsx';

const STEPS = [
  { id: 'name', label: 'Name' },
  { id: 'repository', label: 'Repository' },
  { id: 'model', label: 'Model' },
  { id: 'task', label: 'First task' },
] as const;
type Step = (typeof STEPS)[number]['id'];

/** From nothing to a Mayor at work. Each step is done when the town has taken it, so leaving and coming back loses nothing. */
export function New() {
  const { town, step } = useSearch({ from: '/new' });
  const session = useSession();
  const towns = useTowns();
  useEffect(() => {
    document.title = 'New town · Gastown';
  }, []);
  const at: Step = town ? (STEPS.find((known) => known.id === step)?.id ?? 'repository') : 'name';
  const error = stopping(session, towns);
  if (error)
    return (
      <Screen>
        <Problem error={error} retry={askAnew} />
      </Screen>
    );
  if (!session.data || !towns.data)
    return (
      <Screen>
        <Loading what="wizard" page />
      </Screen>
    );
  if (town && !towns.data.some((known) => known.id === town))
    return (
      <Screen>
        <NotFound what="town" />
      </Screen>
    );
  return (
    <main className="mx-auto flex min-h-full max-w-xl flex-col gap-8 px-4 py-8 sm:py-16">
      <Progress at={at} />
      {town ? <InTown town={town} at={at} /> : <NameStep />}
    </main>
  );
}

function Progress({ at }: { at: Step }) {
  const now = STEPS.findIndex((step) => step.id === at);
  return (
    <ol aria-label="Steps" className="flex items-center gap-2 text-xs">
      {STEPS.map((step, index) => (
        <li
          key={step.id}
          aria-current={index === now ? 'step' : undefined}
          className={cx('flex items-center gap-2', index === now ? 'font-medium text-fg' : 'text-faint')}
        >
          <span
            className={cx(
              'inline-flex size-5 items-center justify-center rounded-full border',
              index === now ? 'border-fg' : 'border-line-strong',
            )}
          >
            {index < now ? <Check size={11} aria-label="done" /> : index + 1}
          </span>
          <span className={cx(index !== now && 'max-sm:sr-only')}>{step.label}</span>
          {index < STEPS.length - 1 && <span className="h-px w-4 bg-line-strong sm:w-6" aria-hidden />}
        </li>
      ))}
    </ol>
  );
}

function Title({ title, children }: { title: string; children: ReactNode }) {
  return (
    <header>
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-1 text-sm text-muted">{children}</p>
    </header>
  );
}

function NameStep() {
  return (
    <>
      <Title title="Name your town">A town holds your repositories and the agents that work on them.</Title>
      <TownForm>
        <Link to="/" className={buttonClass('quiet')}>
          Cancel
        </Link>
      </TownForm>
    </>
  );
}

function InTown({ town, at }: { town: string; at: Step }) {
  const connection = useTownConnection(town);
  const rev = useRev(connection);
  const link = useLink(connection);
  useEffect(() => {
    document.documentElement.dataset['rev'] = String(rev ?? '');
  }, [rev]);
  useEffect(() => {
    document.documentElement.dataset['link'] = link.state;
  }, [link.state]);
  return (
    <TownIdContext value={town}>
      <TownContext value={connection}>
        <Away />
        {rev === null ? (
          <Loading what="town" page />
        ) : at === 'model' ? (
          <ModelStep town={town} />
        ) : at === 'task' ? (
          <TaskStep town={town} />
        ) : (
          <RepositoryStep town={town} />
        )}
      </TownContext>
    </TownIdContext>
  );
}

function RepositoryStep({ town }: { town: string }) {
  const navigate = useNavigate();
  const session = useSession();
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed'));
  const [added, setAdded] = useState<string | null>(null);
  const [given, setGiven] = useState<RigRow | null>(null);
  const at = connectingOf(rigs, added);
  const connected = at.kind === 'connected';
  const next = () => void navigate({ to: '/new', search: { town, step: 'model' } });
  useEffect(() => {
    if (connected) void navigate({ to: '/new', search: { town, step: 'model' } });
  }, [connected, navigate, town]);
  return (
    <>
      <Title title="Connect a repository">Polecats work on branches of it; what passes the gates lands on its main branch.</Title>
      {at.kind === 'looks' || at.kind === 'failed' ? (
        <ConnectRig
          rig={at.rig}
          failed={at.kind === 'failed'}
          onAnother={() => setGiven(at.rig)}
          onStop={() => void navigate({ to: '/t/$town', params: { town } })}
        />
      ) : (
        <>
          <AddRig sample={session.data?.sample ?? null} given={given} onAdded={setAdded} />
          <Button kind="quiet" className="self-start" onClick={next}>
            {connectedCount(rigs) > 0 ? 'Continue' : 'Later'}
          </Button>
        </>
      )}
    </>
  );
}

function ModelStep({ town: id }: { town: string }) {
  const navigate = useNavigate();
  const session = useSession();
  const town = useTown();
  const next = () => void navigate({ to: '/new', search: { town: id, step: 'task' } });
  if (!town) return null;
  if (town.scripted) {
    return (
      <>
        <Title title="The model is scripted">
          This is a rehearsal: answers come from story files, no model is called and no money is spent; the costs you see are rehearsed too.
          You choose a real model in Settings when you want one.
        </Title>
        <Button kind="primary" className="self-start" onClick={next}>
          Continue
        </Button>
      </>
    );
  }
  return (
    <>
      <Title title="Choose a model">
        Every agent of the town thinks with it. Each call goes through the town, which adds the key and counts the cost.
      </Title>
      <ModelForm town={town} envProviders={session.data?.envProviders ?? []} save="Save and continue" onSaved={next} />
      <Button kind="quiet" className="self-start" onClick={next}>
        {town.model ? 'Continue' : 'Later'}
      </Button>
    </>
  );
}

function TaskStep({ town }: { town: string }) {
  const navigate = useNavigate();
  const session = useSession();
  const model = useTown();
  const { run, pending, refusal } = useCommand({ quiet: true });
  const home = () => navigate({ to: '/t/$town', params: { town } });
  const send = async (wish: string) => {
    const answer = await run({ kind: 'mayor.tell', text: wish });
    if (answer.ok) await home();
    return answer.ok;
  };
  return (
    <>
      <Title title="What should be done first?">Say it in your own words. The Mayor makes a plan of it and puts polecats to work.</Title>
      {model && !model.model && !model.scripted && (
        <p className="text-sm text-muted">
          No model is chosen yet: the Mayor answers as soon as there is one, in{' '}
          <Link to="/new" search={{ town, step: 'model' }} className="text-fg underline decoration-line-strong underline-offset-3">
            the step before
          </Link>{' '}
          or in Settings › Models.
        </p>
      )}
      <Composer label="Tell the Mayor" onSend={send} pending={pending} refusal={refusal} suggestions={session.data?.suggestions ?? []} />
      <Button kind="quiet" className="self-start" onClick={() => void home()}>
        Go to the town
      </Button>
    </>
  );
}
