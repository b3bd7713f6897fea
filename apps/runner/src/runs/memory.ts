import { join } from 'node:path';
import type { AgentId, RigId } from '@gastown/protocol';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { PoolSession } from '../agents/pool.ts';
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
type Around = Pick<PlaceSurroundings, 'state' | 'cells'> & { readonly conversations: Conversations };

export function conversationOf(around: Around, { agentId, generation, pool, rigId, kind }: Wish): Conversation {
  const at = (folder: string): string => join(around.state, 'agents', pool, folder);
  const folders = { home: at('home'), data: at('data'), config: at('config') };
  return around.conversations.of({ agentId, generation, kind, cell: around.cells.agent(pool, rigId), folders });
}

/** Its first message comes after what it does not remember. */
export function afterPast(session: PoolSession, past: string): PoolSession {
  let told = false;
  return {
    ...session,
    prompt(text) {
      const first = !told;
      told = true;
      return session.prompt(first ? `${past}\n\n${text}` : text);
    },
  };
}

/** The first line of the run in the transcript: whether it remembers, and how long its start took (MY-16). */
export function greet(
  stream: AgentStream,
  { runId, resumeSessionId }: RunStart,
  { resumed, brought, told, phases }: { resumed: boolean; brought: Brought; told: boolean; phases: Phases },
  at: number,
): void {
  const [code, text] = resumed
    ? [
        'resumed',
        brought === 'brought' ? 'The session goes on where it was; it was brought to this machine.' : 'The session goes on where it was.',
      ]
    : resumeSessionId === null
      ? ['started', 'A new session.']
      : told
        ? ['session_lost', 'The earlier session could not be resumed: this is a new one, and it is told what was said.']
        : ['session_lost', 'The earlier session could not be resumed: this is a new one, and it does not remember.'];
  stream.put({
    id: `${runId}-n-start`,
    runId,
    at,
    kind: 'notice',
    code,
    text: `${text} Ready in ${seconds(phases.total())} s (${phases.said()}).`,
  });
}
