import { money, tokens } from '../format.ts';
import { useRow } from '../replica/hooks.ts';
import { agentSign } from '../signal.ts';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { Glyph } from '../ui/Sign.tsx';

/** One agent in a list: state, name, what it is doing, what it has cost. */
export function AgentRowLine({ id, cost = false }: { id: string; cost?: boolean }) {
  const agent = useRow('agents', id);
  const bead = useRow('beads', agent?.beadId);
  if (!agent) return null;
  const sign = agentSign(agent);
  return (
    <ObjectLink at={{ kind: 'agent', id }} className="flex min-h-9 items-center gap-2.5 rounded-md px-1 py-1.5 text-sm hover:bg-hover">
      <Glyph sign={sign} />
      <span className="min-w-0 flex-1 truncate">
        <span className="font-medium">{agent.name}</span>{' '}
        <span className="text-muted">
          {(agent.status === 'away' ? null : (agent.statusLine ?? bead?.title)) ?? sign.word.toLowerCase()}
        </span>
      </span>
      {cost && (
        <span className="shrink-0 text-xs text-faint">
          <span className="max-sm:hidden">{tokens(agent.usage)} · </span>
          {money(agent.usage.costMicros)}
        </span>
      )}
    </ObjectLink>
  );
}
