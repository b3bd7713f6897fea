import { LIMITS, type Outcome } from '@gastown/protocol';
import { removeEffect, type Effect } from '../outbox/store.ts';
import type { Tx } from '../tx.ts';
import { containerFailed, stillRuns } from './commands.ts';
import { readContainer, setContainer } from './store.ts';

/**
 * The outcome of `container.start` means that it was asked for; that it works shows by the runner's hello. A stop that failed left a container that runs: when its runner
 * is there it is stopped again after the town was quiet for long enough once more (CT-7); else its due time settles it.
 */
export function containerOutcome(tx: Tx, effect: Effect, outcome: Outcome): void {
  removeEffect(tx, effect);
  const now = readContainer(tx.sql);
  if (effect.kind === 'container.stop' && outcome.state === 'failed') return stillRuns(tx, outcome.failure);
  if (effect.kind !== 'container.start' || now.state !== 'starting') return;
  if (outcome.state === 'failed') containerFailed(tx, outcome.failure);
  else setContainer(tx, { ...now, dueAt: tx.now + LIMITS.startTimeoutMs.value });
}
