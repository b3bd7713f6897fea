import { join } from 'node:path';
import type { AgentId, RigId } from '@gastown/protocol';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { AgentStream } from '../agents/stream.ts';
import type { Conversation, Conversations } from '../conversations/conversations.ts';
import type { PlaceSurroundings, RunStart } from './place.ts';
import { seconds } from './phases.ts';
import type { Phases } from './phases.ts';

/** What a run remembers of the runs of its agent before it. */
export type Brought = Awaited<ReturnType<Conversation['bring']>>;

/** A session that later runs resume: the Mayor's. Work on a bead goes on from its branch, with the note that was left. */
export const goesOn = ({ context }: RunStart): boolean => context.bead === null;

interface Wish {
  readonly agentId: AgentId;
  readonly generation: number;
  readonly pool: string;
  readonly rigId: RigId | null;
  readonly kind: AgentKind;
}
type Around = Pick<PlaceSurroundings, 'state' | 'cells' | 'holding'> & { readonly conversations: Conversations };

export function conversationOf(around: Around, { agentId, generation, pool, rigId, kind }: Wish): Conversation {
  const at = (folder: string): string => join(around.state, 'agents', pool, folder);
  const folders = { home: at('home'), data: at('data'), config: at('config') };
  const conversation = around.conversations.of({ agentId, generation, kind, cell: around.cells.agent(pool, rigId), folders });
  return { ...conversation, keep: (...what) => around.holding(pool, () => conversation.keep(...what)) };
}

interface Opening {
  readonly resumed: boolean;
  /** Null: there is no conversation to be untold. */
  readonly wasUntold: Promise<boolean> | null;
}
/** What its session does not remember of what was said before; `untold`: it goes on, and was never told that. */
export async function pastOf(
  conversations: Conversations,
  { agentId, context, isFull, resumeSessionId }: RunStart,
  { resumed, wasUntold }: Opening,
): Promise<{ untold: boolean; past: string | null }> {
  const untold = resumed && (await wasUntold) === true;
  const isLost = untold || isFull || (resumeSessionId !== null && !resumed);
  const why = isFull ? 'full' : 'lost';
  return { untold, past: isLost ? await conversations.past({ agentId, role: context.agent.role, why, runId: null }) : null };
}

/** The first line of the run in the transcript: whether it remembers, and how long its start took (MY-16). */
export function greet(stream: AgentStream, start: RunStart, { phases, ...opened }: Opened & { phases: Phases }, at: number): void {
  const [code, text] = beginning(start, opened);
  stream.put({
    id: `${start.runId}-n-start`,
    runId: start.runId,
    at,
    kind: 'notice',
    code,
    text: `${text} Ready in ${seconds(phases.total())} s (${phases.said()}).`,
  });
}

interface Opened {
  readonly resumed: boolean;
  readonly brought: Brought;
  /** It goes on, and was never told what was said before it. */
  readonly untold: boolean;
  readonly told: boolean;
}
function beginning(
  { resumeSessionId, isFull }: RunStart,
  { resumed, brought, untold, told }: Opened,
): readonly [code: string, text: string] {
  if (untold)
    return ['session_lost', `The session goes on, which was new and ${told ? 'is told what was said before it' : 'does not remember'}.`];
  if (resumed) return ['resumed', `The session goes on where it was${brought === 'brought' ? '; it was brought to this machine' : ''}.`];
  if (resumeSessionId === null && !isFull) return ['started', 'A new session.'];
  const [code, why] = isFull
    ? ['session_full', 'The earlier conversation is longer than the model takes']
    : ['session_lost', 'The earlier session could not be resumed'];
  return [code, `${why}: this is a new one, and it ${told ? 'is told what was said' : 'does not remember'}.`];
}
