import { AgentId, type BeadRow } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { byActivity } from '../../ordering.ts';
import { useRow, useSelect } from '../../replica/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { RefusalNote, Select } from '../../ui/Field.tsx';

/** To another agent; whoever has it now stops, and what it pushed stays. */
export function Reassign({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const holder = useRow('agents', bead.status === 'in_progress' ? bead.assigneeId : null);
  const agents = useSelect(
    ['agents'],
    (replica) =>
      [...replica.rows('agents').values()]
        .filter((agent) => agent.role === 'polecat' && agent.rigId === bead.rigId && agent.id !== holder?.id)
        .toSorted(byActivity),
    [bead.rigId, holder?.id],
  );
  const [to, setTo] = useState('');
  const give = async () => {
    const agent = AgentId.safeParse(to);
    const answer = await run({ kind: 'bead.reassign', beadId: bead.id, ...(agent.success && { agentId: agent.data }) }, 'Given on');
    if (answer.ok) onDone();
  };
  return (
    <form
      aria-label="Give to another agent"
      className="fade flex flex-col gap-2 rounded-lg bg-sunken p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void give();
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-44 flex-1">
          <Select label="Give it to" value={to} onChange={(event) => setTo(event.target.value)}>
            <option value="">any free polecat</option>
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </div>
        <Button kind="primary" type="submit" pending={pending}>
          Give
        </Button>
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
      {holder && <p className="text-xs text-muted">{holder.name} stops working on it at once; what it pushed stays on its branch.</p>}
      <RefusalNote refusal={refusal} />
    </form>
  );
}
