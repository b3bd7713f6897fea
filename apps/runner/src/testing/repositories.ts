import { LIMITS } from '@gastown/protocol';
import type { Outcome } from '@gastown/protocol';
import { join } from 'node:path';
import { brokeOff, performInRepository } from '../repository-effects.ts';
import type { RepositoryEffect } from '../repository-effects.ts';
import { makePassage } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { openGround } from './ground.ts';
import type { GroundWish } from './ground.ts';

/** A runner without agents: it performs what is to be done in repositories as `effects.ts` has it done. */
export async function openRepositories(wish: GroundWish): Promise<(effect: RepositoryEffect) => Promise<Outcome>> {
  await makePassage(join(wish.state, 'rigs'));
  const ground = await openGround(wish);
  const around = {
    ...ground,
    redact: ground.redactor.redact,
    locks: makeKeyedLock(),
    retireBranch: () => Promise.resolve(),
    lang: 'C.UTF-8',
    gateTimeoutMs: LIMITS.gateTimeoutMs.value,
    log: () => undefined,
    now: Date.now,
  };
  return (effect) => performInRepository(around, effect).catch((error: unknown) => brokeOff(effect.kind, error));
}
