import { LIMITS } from '@gastown/protocol';
import type { EffectId, RunnerEffect } from '@gastown/protocol';
import { performEffect } from './effects.ts';
import type { EffectSurroundings } from './effects.ts';
import { makeJournal } from './link/journal.ts';
import type { Link } from './link/link.ts';
import type { Log } from './system/log.ts';

/**
 * Effects of the town, taken and performed, each told once. While any is under way the town hears from this runner each `leaseRenewMs`, if only that it is at it: one that owes something and says nothing
 * is taken for hung. Starts whose worktree is being prepared are named then: theirs is the only part of a start that may rightly take long.
 */
export interface Taking {
  take(effectId: EffectId, effect: RunnerEffect): void;
  /** From now on nothing new: it stays the town's, for the next runner. What ends things, and the landing of what was tested, is done. */
  drain(): void;
  /** Nothing at all any more. */
  end(): void;
  /** Resolves when nothing is under way. */
  quiet(): Promise<void>;
}

const NEW_WORK: readonly RunnerEffect['kind'][] = ['rig.connect', 'run.start', 'run.prompt', 'merge.test', 'branch.delete'];

/** Whose work it is, as far as the effect says. */
const idsOf = (effect: RunnerEffect): Record<string, unknown> => ({
  ...('runId' in effect && { runId: effect.runId }),
  ...('agentId' in effect && { agentId: effect.agentId }),
  ...('rigId' in effect ? { rigId: effect.rigId } : effect.kind === 'run.start' && effect.context.rig && { rigId: effect.context.rig.id }),
});

/** `onDone`: something came to its end. */
export function makeTaking(around: EffectSurroundings, link: () => Link, log: Log, onDone: () => void = () => undefined): Taking {
  const journal = makeJournal();
  const underWay = new Set<EffectId>();
  let state: 'open' | 'draining' | 'ended' = 'open';
  let pulse: NodeJS.Timeout | null = null;
  let quieted: (() => void)[] = [];

  const say = (): void => {
    const lastActivityAt = around.now();
    const runs = around.runs.preparing().map((start) => ({ ...start, lastActivityAt }));
    void link().report({ kind: 'renew', runs });
  };
  const begun = (effectId: EffectId): void => {
    underWay.add(effectId);
    pulse ??= setInterval(say, LIMITS.leaseRenewMs.value).unref();
  };
  const over = (effectId: EffectId): void => {
    underWay.delete(effectId);
    onDone();
    if (underWay.size > 0) return;
    if (pulse !== null) clearInterval(pulse);
    pulse = null;
    for (const resolve of quieted) resolve();
    quieted = [];
  };

  return {
    take(effectId, effect) {
      if (state === 'ended' || (state === 'draining' && NEW_WORK.includes(effect.kind))) return;
      const began = performance.now();
      let afterwards: (() => void) | undefined;
      const outcome = journal.once(effectId, async () => {
        begun(effectId);
        const performed = await performEffect(around, effect).finally(() => over(effectId));
        ({ afterwards } = performed);
        log('effect.performed', {
          effectId,
          kind: effect.kind,
          state: performed.outcome.state,
          ms: Math.round(performance.now() - began),
          ...idsOf(effect),
          ...(performed.outcome.state === 'failed' ? { failure: performed.outcome.failure } : {}),
        });
        return performed.outcome;
      });
      if (outcome === false) return;
      void outcome
        .then((known) => link().report({ kind: 'outcome', effectId, outcome: known }))
        .then(() => {
          journal.told(effectId);
          afterwards?.();
        });
    },
    drain() {
      if (state === 'open') state = 'draining';
    },
    end() {
      state = 'ended';
    },
    quiet: () => (underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => quieted.push(resolve))),
  };
}
