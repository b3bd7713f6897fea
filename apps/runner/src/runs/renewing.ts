import { firstPrompt, WORK_IS_THERE } from '@gastown/prompts';
import { toolNaming } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { SessionWish } from '../agents/driver.ts';
import { poolName } from '../agents/pool-need.ts';
import type { PoolNeed } from '../agents/pool-need.ts';
import type { Pool, PoolSession } from '../agents/pool.ts';
import type { AgentStream } from '../agents/stream.ts';
import type { Transcript } from '../agents/transcript.ts';
import type { Conversations } from '../conversations/conversations.ts';
import { commitOf } from '../git/refs.ts';
import { startText } from '../git/outside.ts';
import type { Link } from '../link/link.ts';
import type { Log } from '../system/log.ts';
import { within } from '../system/within.ts';
import { STORE_MS } from './ending.ts';
import type { Place, RunStart } from './place.ts';
import { renewable } from './renewal.ts';

/** The first message of a run; null where it waits for one. */
export function firstMessage({ context }: RunStart, kind: AgentKind, place: Place): string | null {
  return place.work === null ? null : firstPrompt(context, toolNaming(kind), { ...place, missing: startText(place.outside) });
}

interface Around {
  readonly conversations: Conversations;
  readonly holding: Pool['holding'];
  readonly link: () => Link;
  readonly now: () => number;
  readonly log: Log;
}

interface RenewingWish {
  readonly effect: RunStart;
  readonly kind: AgentKind;
  readonly place: Place;
  readonly session: PoolSession;
  /** What was said before this run, which the session does not remember. */
  readonly past: string | null;
  readonly need: PoolNeed;
  readonly wish: SessionWish;
  readonly open: (wish: SessionWish) => ReturnType<Pool['open']>;
  readonly stream: AgentStream;
  readonly transcript: Transcript;
  readonly noticeActivity: () => void;
}

/** The session of a run that goes on in a new one, in the same worktree, when its conversation is full (AG-24). */
export function renewing(around: Around, wanted: RenewingWish): PoolSession {
  const { effect, kind, place, past, need, wish, open, stream, transcript, noticeActivity } = wanted;
  const { runId, agentId, generation, context } = effect;
  const { work } = place;
  let renewals = 0;
  return renewable(wanted.session, {
    untold: past === null ? [] : [past],
    async progress(answered) {
      if (work === null) return `${answered} turns`;
      const { cell, git, path } = work.worktree;
      return (await around.holding(cell.name, () => commitOf(git, path, 'HEAD'))) ?? 'no commit';
    },
    onFull({ stopReason, usage }) {
      noticeActivity();
      for (const item of transcript.endTurn(stopReason, usage, around.now())) stream.put(item);
    },
    replace: (full) =>
      around.holding(poolName(need, effect.permissions), async () => {
        await full.close();
        return open({ ...wish, resumeSessionId: null, beforeOpen: () => Promise.resolve() });
      }),
    async tell(sessionId) {
      noticeActivity();
      renewals += 1;
      around.log('run.renewed', { runId, sessionId });
      const text =
        'The conversation became longer than the model takes: the work goes on in a new session, which is told what was said and done.';
      stream.put({ id: `${runId}-n-renewed-${renewals}`, runId, at: around.now(), kind: 'notice', code: 'session_full', text });
      await around.link().report({ kind: 'session.renewed', runId, generation, sessionId });
    },
    async briefing() {
      await within(STORE_MS, stream.stored());
      const { role } = context.agent;
      const said = await around.conversations.past({ agentId, role, why: 'full', runId: work === null ? null : runId });
      const first = firstMessage(effect, kind, place);
      return [...(said === null ? [] : [said]), ...(first === null ? [] : [WORK_IS_THERE, first])];
    },
    onBroken: (cause) => around.log('run.not_renewed', { runId, reason: String(cause) }),
  });
}
