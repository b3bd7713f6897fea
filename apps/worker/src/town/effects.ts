import { failure, LIMITS, refuse, type Outcome, type Result, type ToRunner } from '@gastown/protocol';
import type { DueEffect } from '@gastown/town';
import { trySend } from '../sockets.ts';
import type { Ground } from './ground.ts';
import type { Input } from './intake.ts';
import { runnerSocket } from './link.ts';

/**
 * Performs one due effect. A runner's goes over the link and its outcome comes back as a report (null here); one that cannot be sent is handed out again by the core.
 * A container's is performed now; its outcome is a command.
 */
export function performEffect(ground: Ground, townId: string, due: DueEffect): Promise<Input> | null {
  if (due.target === 'runner') {
    const socket = runnerSocket(ground, due.runnerId);
    if (socket) trySend(socket, JSON.stringify({ t: 'effect', effectId: due.effectId, effect: due.effect } satisfies ToRunner));
    return null;
  }
  return driveContainer(ground, townId, due.effect.kind).then((outcome) => ({
    key: null,
    actor: { kind: 'town' },
    command: { kind: 'effect.outcome', effectId: due.effectId, outcome },
  }));
}

async function driveContainer({ env, memory, now }: Ground, townId: string, kind: 'container.start' | 'container.stop'): Promise<Outcome> {
  const container = env.CONTAINER.get(env.CONTAINER.idFromName(townId));
  const driven = await within(
    LIMITS.containerCallMs.value + 5_000,
    kind === 'container.start' ? container.start(townId, memory.nextStart(now())) : container.stop(townId),
  );
  if (driven.ok) return { state: 'succeeded', value: { kind: 'none' } };
  return { state: 'failed', failure: driven.failure, retry: true };
}

/** An object that does not answer, or breaks, is a failed effect like any other: the core decides what follows. */
async function within(ms: number, work: Promise<Result<null>>): Promise<Result<null>> {
  const { promise: late, resolve } = Promise.withResolvers<Result<null>>();
  const timer = setTimeout(() => resolve(refuse(failure('container_failed', `No answer within ${ms / 1000} s.`))), ms);
  return Promise.race([work.catch(broken), late]).finally(() => clearTimeout(timer));
}

const broken = (cause: unknown): Result<null> =>
  refuse(failure('container_failed', cause instanceof Error ? cause.message : 'unknown reason'));
