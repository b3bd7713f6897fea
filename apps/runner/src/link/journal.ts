import type { EffectId, Outcome } from '@gastown/protocol';

/**
 * Effects are performed once per id: the same id while it runs waits for the same performance, and after a success answers what it gave, until the town has committed that. A copy that the town sent before it did has come by then:
 * a link keeps its order. A failure is forgotten as soon as it is told: the town, or a person, sends the same id again exactly because it wants another try.
 */
export interface Journal {
  /** `false`: this id is being performed already; its outcome will be reported once. */
  once(effectId: EffectId, perform: () => Promise<Outcome>): Promise<Outcome> | false;
  /** The town has committed its outcome. */
  told(effectId: EffectId): void;
}

export function makeJournal(): Journal {
  const running = new Set<EffectId>();
  const succeeded = new Map<EffectId, Outcome>();
  return {
    once(effectId, perform) {
      if (running.has(effectId)) return false;
      const known = succeeded.get(effectId);
      if (known !== undefined) return Promise.resolve(known);
      running.add(effectId);
      return perform()
        .then((outcome) => {
          if (outcome.state === 'succeeded') succeeded.set(effectId, outcome);
          return outcome;
        })
        .finally(() => running.delete(effectId));
    },
    told: (effectId) => void succeeded.delete(effectId),
  };
}
