import { Outlet, useParams } from '@tanstack/react-router';
import { Suspense, lazy, useEffect } from 'react';
import { askAgain, askAnew, askForRefused, stopping, useSession, useTowns } from '../queries.ts';
import { TownContext, useLink, useRev, useTownConnection } from '../replica/hooks.ts';
import type { TownConnection } from '../replica/connection.ts';
import { Button } from '../ui/Button.tsx';
import { Loading, NotFound, Notice, Problem, Screen } from '../ui/States.tsx';
import { useUi } from '../ui-state.ts';
import { BottomBar, Nav } from './Nav.tsx';
import { Drawers } from './Drawers.tsx';
import { Keys } from './Keys.tsx';
import { TopBar } from './TopBar.tsx';
import { TownState } from './TownState.tsx';
import { TownIdContext } from './town-id.ts';

const Dialogs = lazy(() => import('./Dialogs.tsx').then((module) => ({ default: module.Dialogs })));

/** The frame around every page of one town: decides whether the page may be shown at all, then keeps its replica live. */
export function TownShell() {
  const { town } = useParams({ from: '/t/$town' });
  const session = useSession();
  const towns = useTowns();
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
        <Loading what="town" page />
      </Screen>
    );
  if (!towns.data.some((known) => known.id === town))
    return (
      <Screen>
        <NotFound what="town" />
      </Screen>
    );
  return <TownFrame key={town} town={town} />;
}

function TownFrame({ town }: { town: string }) {
  const connection = useTownConnection(town);
  return (
    <TownIdContext value={town}>
      <TownContext value={connection}>
        <Revision connection={connection} />
        <Keys />
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-1.5 focus:shadow-pop"
        >
          Skip to the page
        </a>
        <div className="flex h-dvh flex-col">
          <TopBar />
          <TownState />
          <div className="flex min-h-0 flex-1">
            <Nav />
            <main
              id="main"
              tabIndex={-1}
              className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto has-[>[data-page]]:[scrollbar-gutter:stable]"
            >
              <Content connection={connection} />
            </main>
            <Drawers />
          </div>
          <BottomBar />
        </div>
        <DialogHost />
      </TownContext>
    </TownIdContext>
  );
}

function Content({ connection }: { connection: TownConnection }) {
  const link = useLink(connection);
  const rev = useRev(connection);
  if (link.state === 'unreadable')
    return (
      <Notice
        heading
        title="The town speaks a newer version"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            Reload
          </Button>
        }
      >
        This page is older than the server. Reload it to go on.
      </Notice>
    );
  if (rev === null && link.state === 'offline' && link.failures > 1)
    return (
      <Notice
        heading
        title="The town does not answer"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        The page keeps trying by itself.
      </Notice>
    );
  if (rev === null) return <Loading what="town" page />;
  return (
    <Suspense fallback={<Loading what="page" page />}>
      <Outlet />
    </Suspense>
  );
}

/** Tells the revision on the screen to whoever waits for one, and asks who we are when the socket does not open. */
function Revision({ connection }: { connection: TownConnection }) {
  const rev = useRev(connection);
  const link = useLink(connection);
  const refused = link.state === 'offline' && link.failures > 1;
  useEffect(() => {
    document.documentElement.dataset['rev'] = String(rev ?? '');
  }, [rev]);
  useEffect(() => {
    document.documentElement.dataset['link'] = link.state;
  }, [link.state]);
  useEffect(() => {
    if (refused) void askAgain();
    if (link.state === 'live') void askForRefused();
  }, [refused, link.state]);
  return null;
}

function DialogHost() {
  const dialog = useUi((state) => state.dialog);
  return dialog ? (
    <Suspense fallback={null}>
      <Dialogs dialog={dialog} />
    </Suspense>
  ) : null;
}
