import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { NotReady } from '../not-ready.ts';
import { useSelect } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/States.tsx';

const AS_LINK = 'text-fg underline decoration-line-strong underline-offset-3 hover:decoration-current';

/** Why nothing on the board is ready, with numbers, and where each is changed: as `beads ready` tells it. */
export function NothingReady({ told, onShowAll }: { told: NotReady; onShowAll: () => void }) {
  const town = useTownId();
  const rigs = useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()]);
  const nameOf = (id: string) => rigs.find((rig) => rig.id === id)?.name;
  const planned = Object.entries(told.planned).toSorted(([, a], [, b]) => b - a);
  const toConvoys = (words: string) => (
    <Link to="/t/$town/convoys" params={{ town }} className={AS_LINK}>
      {words}
    </Link>
  );
  const lines: [string, number, ReactNode][] = [
    ...planned.map(([rig, count]): [string, number, ReactNode] => [
      rig,
      count,
      <>
        planned in{' '}
        {nameOf(rig) ? (
          <Link to="/t/$town/rigs/$rig" params={{ town, rig }} className={AS_LINK}>
            {nameOf(rig)}
          </Link>
        ) : (
          'no repository'
        )}
        : {count === 1 ? 'it begins' : 'they begin'} when you start {count === 1 ? 'it' : 'them'}
      </>,
    ]),
    ['convoys', told.inConvoys, <>planned in {toConvoys('convoys')} that are not started</>],
    ['paused', told.pausedConvoys, <>in {toConvoys('convoys')} that are paused</>],
    ['put off', told.putOff, 'put off'],
    ['blocked', told.blocked, 'blocked by other beads'],
    ['held', told.held, 'held otherwise, each as it says'],
  ];
  const shown = lines.filter(([, count]) => count > 0);
  return (
    <Notice title="Nothing is ready" action={shown.length > 0 && <Button onClick={onShowAll}>Show all beads</Button>}>
      {shown.length === 0 ? (
        <p>No bead here is open.</p>
      ) : (
        <ul className="flex flex-col gap-1 text-left">
          {shown.map(([key, count, words]) => (
            <li key={key} className="flex gap-2">
              <span className="tnum min-w-8 shrink-0 text-right text-fg">{count.toLocaleString('en')}</span>
              <span>{words}</span>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
