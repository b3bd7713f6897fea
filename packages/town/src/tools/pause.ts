import { failure, ok, refuse, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { pauseAgent } from '../agents/commands.ts';
import { pauseConvoy } from '../convoys/commands.ts';
import { pauseRig } from '../rigs/commands.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

/** Nothing new starts there, what runs goes on. The Mayor cannot pause itself: nobody but a person could wake it again. */
export function pauseTool(tx: Tx, { agent }: Caller, args: ToolArgs<'pause'>): Result<ToolAnswer> {
  const { rig_id, convoy_id, agent_id } = args;
  const paused = !args.resume;
  const named = [rig_id, convoy_id, agent_id].filter((id) => id !== undefined);
  if (named.length !== 1) return refuse(failure('invalid_input', 'Name one of rig_id, convoy_id, agent_id.', { field: 'rig_id' }));
  if (agent_id === agent.id) return refuse(failure('forbidden', 'You cannot pause yourself; a person can.'));
  const done = rig_id
    ? pauseRig(tx, rig_id, paused)
    : convoy_id
      ? pauseConvoy(tx, convoy_id, paused)
      : pauseAgent(tx, agent_id ?? '', paused);
  if (!done.ok) return done;
  const kind = rig_id ? 'rig' : convoy_id ? 'convoy' : 'agent';
  const id = named[0] ?? '';
  const summary = paused ? `${id} is paused: nothing new starts there, what runs goes on.` : `${id} goes on.`;
  return ok({ summary, data: { id, paused }, links: [{ kind, id }] });
}
