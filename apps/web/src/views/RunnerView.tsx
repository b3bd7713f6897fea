import type { RunnerRow } from '@gastown/protocol';
import { KeyRound, Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { useRow, useSelect, useTown } from '../replica/hooks.ts';
import { orphanedBy, unpinnedBy } from '../runners.ts';
import { useLeave } from '../shell/use-leave.ts';
import { runnerSign } from '../signal.ts';
import { At, Facts, Section } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmButton } from '../ui/Confirm.tsx';
import { RefusalNote } from '../ui/Field.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { FailureBanner, RigLink } from './parts.tsx';
import { RunLine } from './RunLine.tsx';
import { RunnerForm } from './RunnerForm.tsx';
import { APART, placesText } from './runner-words.ts';
import { StartRunner } from './StartRunner.tsx';
import { Program } from './WorksOn.tsx';
import { useRunnerToken } from './use-runner-token.ts';

export function RunnerView({ id }: { id: string }) {
  const runner = useRow('runners', id);
  const container = useTown()?.container;
  const [editing, setEditing] = useState(false);
  if (!runner) return null;
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-2">
        <SignWord sign={runnerSign(runner, container)} className="text-sm" />
        <span className="flex-1" />
        <PauseRunner runner={runner} />
        <Button small kind="quiet" icon={<Pencil size={13} />} aria-expanded={editing} onClick={() => setEditing(!editing)}>
          Edit
        </Button>
      </div>
      <h1 className="text-lg font-semibold">{runner.name}</h1>
      {runner.paused && (
        <p className="rounded-lg bg-sunken px-3 py-1.5 text-sm text-muted">Paused: nothing new starts here; what runs goes on.</p>
      )}
      {runner.failure && <FailureBanner failure={runner.failure} />}
      {runner.kind === 'container' && container?.failure && <FailureBanner failure={container.failure} />}
      {editing && <EditRunner runner={runner} onDone={() => setEditing(false)} />}
      <RunnerFacts runner={runner} />
      <RunsThere id={runner.id} />
      {runner.kind === 'machine' && <Machine runner={runner} />}
    </article>
  );
}

function RunnerFacts({ runner }: { runner: RunnerRow }) {
  return (
    <Facts
      facts={[
        ['Kind', runner.kind === 'container' ? 'the town’s container' : 'a machine'],
        [
          'Link',
          runner.linkSince === null ? (
            'never linked'
          ) : (
            <>
              {runner.connected ? 'linked since' : 'not linked since'} <At at={runner.linkSince} />
            </>
          ),
        ],
        runner.drainingAt === null
          ? null
          : [
              'Ending',
              <>
                since <At at={runner.drainingAt} />: what is under way may end, nothing new starts
              </>,
            ],
        ['Polecats', placesText(runner)],
        [
          'Takes',
          runner.rigs === null ? (
            'every repository that no runner lists'
          ) : runner.rigs.length === 0 ? (
            'no repository'
          ) : (
            <span key="t" className="flex flex-wrap gap-x-2">
              {runner.rigs.map((rig) => (
                <RigLink key={rig} id={rig} />
              ))}
            </span>
          ),
        ],
        runner.agentKinds.length > 0 ? ['Programs', <Programs key="p" ids={runner.agentKinds} />] : null,
        runner.isolation === null
          ? null
          : [
              'Apart',
              <span key="i" className={runner.isolation === 'none' ? 'text-accent' : undefined}>
                {APART[runner.isolation]}
              </span>,
            ],
        [runner.kind === 'container' ? 'Made' : 'Added', <At key="a" at={runner.createdAt} />],
      ]}
    />
  );
}

const Programs = ({ ids }: { ids: readonly string[] }) =>
  ids.map((id, at) => (
    <Fragment key={id}>
      {at > 0 && ', '}
      <Program id={id} />
    </Fragment>
  ));

function RunsThere({ id }: { id: RunnerRow['id'] }) {
  const runs = useSelect(
    ['runs'],
    (replica) =>
      [...replica.rows('runs').values()]
        .filter((run) => run.runnerId === id && run.endedAt === null)
        .toSorted((a, b) => b.startedAt - a.startedAt),
    [id],
  );
  return (
    <Section title="At work there" count={runs.length}>
      {runs.length === 0 ? (
        <p className="text-sm text-faint">Nobody at this moment.</p>
      ) : (
        <ul className="divide-y divide-line">
          {runs.map((run) => (
            <RunLine key={run.id} run={run} of="runner" />
          ))}
        </ul>
      )}
    </Section>
  );
}

function PauseRunner({ runner }: { runner: RunnerRow }) {
  const { run, pending } = useCommand();
  const { paused, id, name } = runner;
  return (
    <Button
      small
      kind={paused ? 'plain' : 'quiet'}
      pending={pending}
      icon={paused ? <Play size={13} /> : <Pause size={13} />}
      aria-label={paused ? `Resume ${name}` : `Pause ${name}`}
      title={paused ? undefined : 'Nothing new starts there; what runs goes on'}
      onClick={() =>
        void run({ kind: 'runner.update', runnerId: id, paused: !paused }, paused ? 'The runner goes on' : 'The runner is paused')
      }
    >
      {paused ? 'Resume' : 'Pause'}
    </Button>
  );
}

function EditRunner({ runner, onDone }: { runner: RunnerRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  return (
    <RunnerForm
      given={runner}
      submit="Save"
      refusal={refusal}
      pending={pending}
      onCancel={onDone}
      onSubmit={(wish) =>
        void run({ kind: 'runner.update', runnerId: runner.id, ...wish }, 'Saved').then((answer) => {
          if (answer.ok) onDone();
        })
      }
    />
  );
}

/** What a machine has and the container has not: a token, and an end. */
function Machine({ runner }: { runner: RunnerRow }) {
  const token = useRunnerToken();
  const remove = useCommand({ quiet: true });
  const leave = useLeave({ kind: 'runner', id: runner.id }, 'runners');
  return (
    <Section title="This machine">
      <div className="flex flex-col gap-4 text-sm">
        {token.given ? (
          <StartRunner {...token.given} onDone={token.putAway} />
        ) : (
          <div className="flex flex-col items-start gap-2">
            <p className="text-muted">
              Its token was shown when it was made. A new one makes it worthless: what runs there with the older one ends, and its work is
              kept.
            </p>
            <ConfirmButton
              small
              icon={<KeyRound size={13} />}
              pending={token.pending}
              sure="Make it: the older is worthless then"
              onConfirm={() => void token.make(runner.id)}
            >
              Make a new token
            </ConfirmButton>
          </div>
        )}
        <div className="flex flex-col items-start gap-2">
          <WhatRemovingDoes runner={runner} />
          <ConfirmButton
            small
            icon={<Trash2 size={13} />}
            pending={remove.pending}
            sure={`Remove ${runner.name} now`}
            onConfirm={() =>
              void remove.run({ kind: 'runner.remove', runnerId: runner.id }, 'Runner removed').then((answer) => answer.ok && leave())
            }
          >
            Remove the runner
          </ConfirmButton>
        </div>
        <RefusalNote refusal={token.refusal ?? remove.refusal} />
      </div>
    </Section>
  );
}

function WhatRemovingDoes({ runner }: { runner: RunnerRow }) {
  const orphaned = useSelect(['runners', 'rigs'], (replica) => namesOf(orphanedBy, runner, replica), [runner]);
  const unpinned = useSelect(['runners', 'rigs'], (replica) => namesOf(unpinnedBy, runner, replica), [runner]);
  const elsewhere = unpinned.filter((name) => !orphaned.includes(name));
  return (
    <p className="text-muted">
      Removed, its agents end at once and their beads go on elsewhere from what was pushed; its token is worthless, and the program on the
      machine ends by itself. Its folder there stays until you delete it.
      {elsewhere.length > 0 && ` The code of ${elsewhere.join(', ')} then goes to whoever takes repositories that no runner lists.`}
      {orphaned.length > 0 && ` Nobody takes ${orphaned.join(', ')} then: that work waits until another runner does.`}
    </p>
  );
}

type Rows = Parameters<Parameters<typeof useSelect>[1]>[0];
const namesOf = (which: typeof orphanedBy, runner: RunnerRow, replica: Rows): string[] =>
  which(runner, [...replica.rows('runners').values()], [...replica.rows('rigs').values()]).map(({ name }) => name);
