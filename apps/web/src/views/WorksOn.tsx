import type { RunRow } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { useSession } from '../queries.ts';
import { useTownId } from '../shell/town-id.ts';
import { effortText } from './effort.tsx';
import { RunnerLink } from './parts.tsx';

/** Where a run is, and with what. */
export function WorksOn({ run }: { run: Pick<RunRow, 'runnerId' | 'agentKind' | 'model' | 'effort'> }) {
  const town = useTownId();
  const effort = effortText(run.effort);
  return (
    <>
      on <RunnerLink id={run.runnerId} /> with{' '}
      <Link to="/t/$town/settings" params={{ town }} search={{ tab: 'agents' }} className={PLACE}>
        <Program id={run.agentKind} />
      </Link>
      {run.model !== null && (
        <>
          {' and '}
          <Link to="/t/$town/settings" params={{ town }} search={{ tab: 'models' }} className={PLACE}>
            {run.model}
          </Link>
          {effort && `, ${effort}`}
        </>
      )}
    </>
  );
}
const PLACE = 'hover:underline hover:decoration-line-strong hover:underline-offset-3';

/** An agent program by the name that people know it by. */
export function Program({ id }: { id: string }) {
  const kinds = useSession().data?.agentKinds ?? [];
  return kinds.find((kind) => kind.id === id)?.label ?? id;
}
