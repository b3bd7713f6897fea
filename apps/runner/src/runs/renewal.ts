import { LIMITS } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import type { TurnEnd } from '../agents/driver.ts';
import type { PoolSession } from '../agents/pool.ts';

/**
 * The session of a run, whichever it is now. A conversation that the model takes no more goes on in a new session within the same turn, which is told what was said and done (AG-24): whoever prompts notices nothing.
 *
 * Bounded (I8): at the same progress `renewalsInARow` times; then the turn ends as full. Where no new session opens it ends so too. A turn that is stopped meanwhile ends as cancelled, and the next prompt goes to the new
 * session. No prompt goes there before the town knows it, which refuses its model calls until then.
 */
export interface RenewalSurroundings {
  /** What the first session is told before its first prompt. */
  readonly untold: readonly string[];
  /** How far the work is, given the turns that ended well: the same again is no progress. */
  readonly progress: (answered: number) => Promise<string>;
  /** The conversation is full: nothing more comes of that session in this turn. */
  readonly onFull: (end: TurnEnd) => void;
  /** A new session in the place of that one, which is closed. */
  readonly replace: (full: PoolSession) => Promise<Result<PoolSession>>;
  /** Resolves when the town knows the session that the run goes on in. */
  readonly tell: (sessionId: string) => Promise<void>;
  /** What a new session is told before what the agent answers now; what is the same as that is left out. */
  readonly briefing: () => Promise<readonly string[]>;
  readonly onBroken: (cause: unknown) => void;
}

const CANCELLED: TurnEnd = { stopReason: 'cancelled', usage: null, failure: null };

export function renewable(first: PoolSession, around: RenewalSurroundings): PoolSession {
  let session = first;
  let { untold } = around;
  let answered = 0;
  let spent = { at: '', renewals: 0 };
  let over = false;
  let opening: Promise<boolean> | null = null;
  /** Whether the session may be prompted. */
  let ready: Promise<boolean> = Promise.resolve(true);
  let stop: () => void = () => undefined;

  const mayRenew = async (): Promise<boolean> => {
    const at = await around.progress(answered);
    spent = at === spent.at ? { at, renewals: spent.renewals + 1 } : { at, renewals: 1 };
    return spent.renewals <= LIMITS.renewalsInARow.value && !over;
  };
  const replace = async (): Promise<boolean> => {
    const next = await around.replace(session);
    if (!next.ok) throw new Error(next.failure.message);
    if (over) await next.value.close();
    else session = next.value;
    return !over;
  };
  const renew = async (end: TurnEnd): Promise<boolean> => {
    if (!(await mayRenew())) return false;
    around.onFull(end);
    opening = replace();
    const opened = await opening.finally(() => (opening = null));
    if (!opened) return false;
    untold = await around.briefing();
    await around.tell(session.id);
    return true;
  };

  return {
    get id() {
      return session.id;
    },
    get resumed() {
      return session.resumed;
    },
    get model() {
      return session.model;
    },
    cell: first.cell,
    liveView: () => session.liveView(),
    async prompt(text) {
      const stopped = Promise.withResolvers<'stopped'>();
      stop = () => stopped.resolve('stopped');
      for (;;) {
        if ((await Promise.race([ready, stopped.promise])) === 'stopped') return CANCELLED;
        const before = untold.filter((each) => each !== text);
        untold = [];
        const end = await session.prompt([...before, text].join('\n\n'));
        if (end.failure === null && end.stopReason !== 'cancelled') answered += 1;
        if (end.failure?.code !== 'model_context_full') return end;
        ready = renew(end).catch((cause: unknown) => (around.onBroken(cause), false));
        const renewed = await Promise.race([ready, stopped.promise]);
        if (renewed === 'stopped') return CANCELLED;
        if (!renewed) return end;
      }
    },
    async cancel() {
      stop();
      if (opening === null) await session.cancel();
    },
    abandon() {
      over = true;
      session.abandon();
    },
    async close() {
      over = true;
      await opening?.catch(() => false);
      return session.close();
    },
  };
}
