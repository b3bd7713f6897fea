import type { EffectId, Outcome } from '@gastown/protocol';

/**
 * Effects are performed once per id: the same id while it runs waits for the same performance, and after a success answers what it gave. A failure is
 * forgotten as soon as it is told: the town, or a person, sends the same id again exactly because it wants another try.
 */
export interface Journal {
  /** `false`: this id is being performed already; its outcome will be reported once. */
  once(effectId: EffectId, perform: () => Promise<Outcome>): Promise<Outcome> | false;
}

/** Successes kept; older ones would be looked up in the repository again. */
const KEPT = 2_000;

export function makeJournal(): Journal {
  const running = new Set<EffectId>();
  const succeeded = new Map<EffectId, Outcome>();
  const keep = (effectId: EffectId, outcome: Outcome): void => {
    succeeded.set(effectId, outcome);
    if (succeeded.size <= KEPT) return;
    const [oldest] = succeeded.keys();
    if (oldest !== undefined) succeeded.delete(oldest);
  };
  return {
    once(effectId, perform) {
      if (running.has(effectId)) return false;
      const known = succeeded.get(effectId);
      if (known !== undefined) return Promise.resolve(known);
      running.add(effectId);
      return perform()
        .then((outcome) => {
          if (outcome.state === 'succeeded') keep(effectId, outcome);
          return outcome;
        })
        .finally(() => running.delete(effectId));
    },
  };
}
