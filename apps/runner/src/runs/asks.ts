import { LIMITS, plainLine } from '@gastown/protocol';
import type { Generation, PermissionCategory, PermissionDecision, Report, RunId } from '@gastown/protocol';

/**
 * What one run asks a person for. A question goes to the town as a report; its answer comes back as an effect, once or again. Whoever asks waits, for as
 * long as that takes; an end of the turn or of the run answers with null. What is kept has a bound, whatever the agent asks.
 */
export interface Asks {
  /** Null: nobody answers any more, the turn is over. */
  ask(question: Question): Promise<PermissionDecision | null>;
  answer(requestId: string, decision: PermissionDecision): void;
  /** Does anything wait for a person? */
  waiting(): boolean;
  /** The turn is over, or the run: nothing waits any more. The town sees the end of the turn by itself. */
  drop(): void;
}

interface Question {
  readonly category: PermissionCategory;
  readonly title: string;
  readonly detail: string;
  /** Aborted when the agent does not wait for it any more. */
  readonly signal?: AbortSignal;
}

interface AskSurroundings {
  readonly runId: RunId;
  readonly generation: Generation;
  readonly now: () => number;
  readonly say: (report: Report) => void;
  /** A question came or went: the run waits, or goes on. */
  readonly onChange: () => void;
  /** The run asks more than it may: from now on the answer is no, here. Told once. */
  readonly onTooMany: (why: string) => void;
}

const MOST = LIMITS.permissionsPerRun.value;

export function makeAsks({ runId, generation, now, say, onChange, onTooMany }: AskSurroundings): Asks {
  const open = new Map<string, (decision: PermissionDecision | null) => void>();
  let asked = 0;
  const settle = (requestId: string, decision: PermissionDecision | null): boolean => {
    const then = open.get(requestId);
    if (!then) return false;
    open.delete(requestId);
    onChange();
    then(decision);
    return true;
  };
  return {
    ask({ category, title, detail, signal }) {
      asked += 1;
      // The first beyond the limit goes to the town, which ends the run for it. That may be out of reach, and neither questions nor reports may pile up here.
      if (asked === MOST + 2) onTooMany(`The agent asked for permission ${MOST} times and asks on: what it asks now is denied.`);
      if (asked > MOST + 1) return Promise.resolve('deny');
      const requestId = `rq-${asked}`;
      return new Promise((resolve) => {
        open.set(requestId, resolve);
        say({
          kind: 'permission.asked',
          runId,
          generation,
          requestId,
          category,
          title: plainLine(title).slice(0, LIMITS.permissionTitleCharacters.value),
          detail: detail.slice(0, LIMITS.permissionDetailCharacters.value),
          whole: detail.length <= LIMITS.permissionDetailCharacters.value,
          at: now(),
        });
        onChange();
        signal?.addEventListener(
          'abort',
          () => {
            if (settle(requestId, null)) say({ kind: 'permission.withdrawn', runId, generation, requestId });
          },
          { once: true },
        );
      });
    },
    answer: (requestId, decision) => void settle(requestId, decision),
    waiting: () => open.size > 0,
    drop() {
      for (const requestId of open.keys()) settle(requestId, null);
    },
  };
}
