import { Link } from '@tanstack/react-router';
import { byActivity } from '../ordering.ts';
import { money, tokens } from '../format.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { agentSign } from '../signal.ts';
import { useTownId } from '../shell/town-id.ts';
import { At } from '../ui/Bits.tsx';
import { buttonClass } from '../ui/Button.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Page } from '../ui/Page.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { Notice } from '../ui/States.tsx';

export function Agents() {
  const town = useTownId();
  const ids = useSelect(['agents'], (replica) => [...replica.rows('agents').values()].toSorted(byActivity).map((agent) => agent.id));
  return (
    <Page
      title="Agents"
      aside={
        <Link to="/t/$town/mail" params={{ town }} className={buttonClass('quiet', true, 'sm:hidden')}>
          Mail
        </Link>
      }
    >
      {ids.length === 0 ? (
        <Notice title="No agents yet">The Mayor comes with the first message; polecats come when a bead is ready for one.</Notice>
      ) : (
        <ul className="divide-y divide-line border-y border-line">
          {ids.map((id) => (
            <li key={id}>
              <AgentCard id={id} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function AgentCard({ id }: { id: string }) {
  const agent = useRow('agents', id);
  const bead = useRow('beads', agent?.beadId);
  const rig = useRow('rigs', agent?.rigId);
  if (!agent) return null;
  const sign = agentSign(agent);
  return (
    <ObjectLink
      row
      at={{ kind: 'agent', id }}
      className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-2 py-3 text-sm hover:bg-hover sm:grid-cols-[150px_minmax(0,1fr)_auto]"
    >
      <span className="flex flex-col">
        <span className="font-medium">{agent.name}</span>
        <span className="text-xs text-faint">
          {agent.role}
          {rig && ` · ${rig.name}`}
        </span>
      </span>
      <span className="flex min-w-0 flex-col max-sm:col-span-2 max-sm:row-start-2">
        <span className="truncate">{bead?.title ?? <span className="text-faint">nothing on the hook</span>}</span>
        <span className="truncate text-xs text-muted">{agent.statusLine}</span>
      </span>
      <span className="flex flex-col items-end gap-0.5">
        <SignWord sign={sign} />
        <span className="flex gap-2 text-xs text-faint">
          <span>
            {tokens(agent.usage)} · {money(agent.usage.costMicros)}
          </span>
          {agent.lastActivityAt && <At at={agent.lastActivityAt} />}
        </span>
      </span>
    </ObjectLink>
  );
}
