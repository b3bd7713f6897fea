import type { TownInfo } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { LogOut, Plus } from 'lucide-react';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { NEED_TABLES, needsOf } from '@gastown/protocol/needs';
import { clock, day, money } from '../format.ts';
import { askAnew, queryClient, stopping, useSession, useTowns } from '../queries.ts';
import { TownContext, useLink, useSelect, useTown, useTownConnection } from '../replica/hooks.ts';
import { ThemeButton } from '../shell/TopBar.tsx';
import { townSign } from '../signal.ts';
import { Count } from '../ui/Bits.tsx';
import { IconButton, buttonClass } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { SignWord } from '../ui/Sign.tsx';
import { Loading, Problem, Screen } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { TownForm } from '../views/TownForm.tsx';

export function Towns() {
  const session = useSession();
  const towns = useTowns();
  useEffect(() => {
    document.title = 'Towns · Gastown';
  }, []);
  const error = stopping(session, towns);
  if (error)
    return (
      <Screen>
        <Problem error={error} retry={askAnew} />
      </Screen>
    );
  return (
    <div className="min-h-full bg-sunken">
      <header className="flex h-12 items-center gap-1 border-b border-line px-4 sm:px-6">
        <span className="font-medium">Gastown</span>
        <span className="flex-1" />
        <ThemeButton />
        <IconButton label="Sign out" onClick={() => void signOut()}>
          <LogOut size={16} strokeWidth={1.75} />
        </IconButton>
      </header>
      <main className="mx-auto max-w-3xl px-4 py-8 sm:px-6 sm:py-12">
        {!towns.data || !session.data ? (
          <Loading what="towns" page />
        ) : towns.data.length === 0 ? (
          <First />
        ) : (
          <>
            <div className="mb-4 flex items-center">
              <h1 className="flex-1 text-xl font-semibold">Towns</h1>
              <Link to="/new" className={buttonClass('primary')}>
                <Plus size={15} />
                Create town
              </Link>
            </div>
            <ul className="grid gap-3 sm:grid-cols-2">
              {towns.data.map((town) => (
                <li key={town.id}>
                  <Card town={town} />
                </li>
              ))}
            </ul>
          </>
        )}
      </main>
      <footer className="mx-auto max-w-3xl px-4 pb-6 text-xs text-faint sm:px-6">
        <p className={cx(towns.data?.length === 0 && 'mx-auto max-w-md')}>
          {session.data && `Signed in as ${session.data.user.name} · version ${session.data.version}`}
        </p>
      </footer>
    </div>
  );
}

function First() {
  return (
    <div className="mx-auto flex max-w-md flex-col gap-6 py-10">
      <div>
        <h1 className="text-xl font-semibold">Create your first town</h1>
        <p className="mt-1 text-sm text-muted">
          A town holds your repositories and the agents that work on them. You tell its Mayor what you want; you watch it land.
        </p>
      </div>
      <TownForm />
    </div>
  );
}

async function signOut(): Promise<void> {
  const answer = await api.signOut();
  if (answer.ok) await queryClient.resetQueries();
  else toast.error(`You are still signed in. ${answer.failure.message}`, { description: answer.next });
}

/** Each card shows its town live, over the same replica that its pages use. */
function Card({ town }: { town: TownInfo }) {
  const connection = useTownConnection(town.id);
  return (
    <TownContext value={connection}>
      <CardBody town={town} />
    </TownContext>
  );
}

function CardBody({ town: info }: { town: TownInfo }) {
  const connection = useTownConnection(info.id);
  const link = useLink(connection);
  const town = useTown();
  const needs = useSelect(NEED_TABLES, (replica) => needsOf(replica).length);
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed').length);
  return (
    <Link
      to="/t/$town"
      params={{ town: info.id }}
      className="flex h-full flex-col gap-3 rounded-xl border border-line bg-bg p-4 shadow-row transition-colors duration-100 hover:border-line-strong"
    >
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-base font-semibold">{town?.name ?? info.name}</span>
        <Count value={needs} needs />
      </span>
      {town && <SignWord sign={townSign(town, needs)} className="text-sm" />}
      {link.state === 'offline' ? (
        <output className="text-sm text-muted">
          {town ? `It does not answer since ${clock(link.since)}` : 'It does not answer'}; the page keeps trying.
        </output>
      ) : (
        !town && <span className="text-sm text-faint">asking…</span>
      )}
      <span className="flex flex-wrap gap-x-3 text-xs whitespace-nowrap text-muted">
        {town && (
          <>
            <span>{rigs === 1 ? '1 rig' : `${rigs} rigs`}</span>
            <span>{town.busyPolecats} at work</span>
            <span>{money(town.usage.costMicros)} spent</span>
          </>
        )}
        <span className="flex-1" />
        <span className="text-faint">since {day(info.createdAt)}</span>
      </span>
    </Link>
  );
}
