import { LIMITS, plainLine } from '@gastown/protocol';
import type { Generation, PermissionCategory, PermissionDecision, Report, RunId } from '@gastown/protocol';

/**
 * What one run asks a person for. A question goes to the town as a report; its answer comes back as an effect, once or again. Whoever asks waits, for as
 * long as that takes; an end of the turn or of the run answers with null.
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
}

export function makeAsks({ runId, generation, now, say, onChange }: AskSurroundings): Asks {
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
