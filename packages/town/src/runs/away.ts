import { failure, nextStep, type Failure } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { openNudges } from '../messages/store.ts';
import { effectsFor } from '../outbox/store.ts';
import { rigTarget } from '../rigs/looks.ts';
import { findRig } from '../rigs/store.ts';
import { breaksRig } from './charges.ts';
import type { Run } from './store.ts';

/**
 * What a run without an end is ended with while its repository is away, also while a person has it connected again: no fault of its agent, which could not hand in, so that its bead waits and loses no
 * attempt (RC-31).
 */
export function awayOf(sql: Sql, { rigId }: Run): Failure | null {
  const rig = rigId === null ? null : findRig(sql, rigId);
  if (!rig || rig.failingSince === null) return null;
  const { failure: why } = rig;
  if (why === null) return failure('repository_unreachable', 'The repository is away.');
  // What is to be done is told by what was found, a machine that is full say, and not by what it comes to here.
  return breaksRig(why.code) ? why : failure('repository_unreachable', why.message, undefined, nextStep(why));
}

/** Was it asked whether its repository is there, and is the answer still to come? Until then nobody knows whose fault it is that nothing was handed in. */
export const isLookedAt = (sql: Sql, { rigId }: Run): boolean =>
  rigId !== null && effectsFor(sql, rigTarget(rigId)).some(({ kind, state }) => kind === 'rig.connect' && state !== 'parked');

/** Between its turns, with nothing on its way to it: it waits for that answer, under a lease (I3). */
export const waitsForLook = (sql: Sql, run: Run): boolean =>
  run.state === 'idle' && run.beadId !== null && run.doneAt === null && openNudges(sql, run.agentId).length === 0 && isLookedAt(sql, run);

export const noLook = (): Failure => failure('repository_unreachable', 'The repository was looked at, and there was no answer in time.');
