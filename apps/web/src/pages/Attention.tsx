import { useMemo } from 'react';
import { needsOf } from '@gastown/protocol/needs';
import { useRev, useConnection } from '../replica/hooks.ts';
import { Page } from '../ui/Page.tsx';
import { Notice } from '../ui/States.tsx';
import { NeedLine } from '../views/NeedLine.tsx';

export function useNeeds() {
  const connection = useConnection();
  const rev = useRev(connection);
  // The list is built from five tables at once; the revision says when any of them may have moved.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => needsOf(connection.replica), [connection, rev]);
}

export function Attention() {
  const needs = useNeeds();
  return (
    <Page title="Attention">
      {needs.length === 0 ? (
        <Notice title="Nothing waits for you">
          Questions of agents, beads that failed and repositories that cannot be reached gather here.
        </Notice>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {needs.map((need) => (
            <li
              key={need.id}
              tabIndex={-1}
              data-row
              data-object={'drawer' in need.opens ? `${need.opens.drawer.kind}:${need.opens.drawer.id}` : undefined}
              className="px-2"
            >
              <NeedLine need={need} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
