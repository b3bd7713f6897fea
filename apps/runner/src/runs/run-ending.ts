import type { PoolSession } from '../agents/pool.ts';
import type { AgentStream } from '../agents/stream.ts';
import type { Conversation } from '../conversations/conversations.ts';
import type { Log } from '../system/log.ts';
import { within } from '../system/within.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { makeEnding, STORE_MS } from './ending.ts';
import type { Ending } from './ending.ts';
import type { Run } from './run.ts';
import type { RunTools } from './run-tools.ts';
import type { Holder } from './surroundings.ts';

/** What makes up an open run, besides who has it. */
interface Parts {
  readonly run: Run;
  readonly session: PoolSession;
  readonly tools: RunTools;
  readonly terminals: ReturnType<Terminals['of']>;
  readonly stream: AgentStream;
  /** Null: no later run goes on with its session. */
  readonly conversation: Conversation | null;
}

/** How a run ends: what falls silent, what of it is kept, and who is told. */
export function endingOf({ run, session, tools, terminals, stream, conversation }: Parts, holder: Holder, log: Log): Ending {
  const { runId, generation } = run;
  return makeEnding(
    {
      async fallSilent() {
        const ends = await Promise.allSettled([run.fallSilent(), terminals.end()]);
        const broken = ends.find((end) => end.status === 'rejected');
        if (broken !== undefined) throw broken.reason;
      },
      async keep() {
        tools.dismiss();
        const pushed = holder.saver?.save('end');
        await holder.saver?.kept();
        const told = within(STORE_MS, Promise.all([stream.stored(), pushed]));
        return { stored: Promise.all([told, conversation?.keep(session.id, 'end')]) };
      },
      tell(failed) {
        if (failed !== null) holder.say({ kind: 'run.lost', runId, generation, failure: failed });
        holder.forget();
        stream.close();
      },
      clear: holder.clear,
    },
    log,
  );
}
