import { failure, type FailureCode, type Failure, LIMITS, type ModelConfig, ok, refuse, type Result } from '@gastown/protocol';
import type { ModelPass } from '@gastown/town';
import { randomHex } from '../secrets/bytes.ts';
import { CallsUnderWay } from './calls.ts';
import { FailedCalls } from './failed-calls.ts';
import type { Ground } from './ground.ts';
import { runnerBehind } from './link.ts';
import type { Loop } from './loop.ts';
import type { Admission } from './rpc.ts';
import { startStopwatch } from './stopwatch.ts';

/** A model that was changed does not cut a call of the one before. */
const ENDS_CALLS: readonly FailureCode[] = ['town_stopped', 'budget_spent', 'run_over', 'town_deleted', 'model_token_invalid'];

/** What the model door asks of a town for each call of an agent. Who waits here holds no turn of the object: each change of the town is looked at anew. */
export class ModelCalls {
  readonly #ground: Ground;
  readonly #loop: Loop;
  readonly #underWay: CallsUnderWay;
  readonly #failed: FailedCalls;
  /** Calls that wait, by their run, or by the runner of a session that no run has: each is looked at again with every change of the town, so an agent may not have any number of them. */
  readonly #waiting = new Map<string, number>();

  constructor(ground: Ground, loop: Loop, kv: SyncKvStorage) {
    this.#ground = ground;
    this.#loop = loop;
    this.#underWay = new CallsUnderWay(kv);
    this.#failed = new FailedCalls(kv);
  }

  /** Each change of the town is a reason to look again: the report that names a session may still be on its way, a call before this one may end. */
  async pass(instance: string, sessionId: string): Promise<Result<Admission>> {
    const waited = startStopwatch(Date.now);
    for (;;) {
      const pass = this.#passNow(instance, sessionId);
      const patience = pass.ok ? LIMITS.modelHeadersMs.value : pass.failure.code === 'unknown_run' ? LIMITS.sessionKnownMs.value : 0;
      const left = patience - waited();
      if (pass.ok) {
        const ticket = pass.value.budgeted ? this.#underWay.begin(pass.value.runId, randomHex(8), Date.now()) : null;
        if (ticket !== null || !pass.value.budgeted) return ok({ ...pass.value, ticket });
        if (left <= 0) return refuse(failure('overloaded', 'The call before this one is still under way, and the town has a spend limit.'));
      } else if (left <= 0) return pass;
      const queue = pass.ok ? pass.value.runId : instance;
      if (this.#in(queue) >= LIMITS.modelCallsWaiting.value)
        return refuse(failure('overloaded', `${LIMITS.modelCallsWaiting.value} calls wait here already.`));
      await this.#waitIn(queue, left);
    }
  }

  #in(queue: string): number {
    return this.#waiting.get(queue) ?? 0;
  }

  async #waitIn(queue: string, ms: number): Promise<void> {
    this.#waiting.set(queue, this.#in(queue) + 1);
    await this.#loop.changed.next(ms);
    if (this.#in(queue) > 1) this.#waiting.set(queue, this.#in(queue) - 1);
    else this.#waiting.delete(queue);
  }

  async refused(instance: string, sessionId: string): Promise<Failure | null> {
    const watched = startStopwatch(Date.now);
    for (let left = LIMITS.modelWatchMs.value; left > 0; left = LIMITS.modelWatchMs.value - watched()) {
      const pass = this.#passNow(instance, sessionId);
      if (!pass.ok && ENDS_CALLS.includes(pass.failure.code)) return pass.failure;
      await this.#loop.changed.next(left);
    }
    return null;
  }

  over(ticket: string): void {
    if (!this.#ground.store()) return;
    this.#underWay.end(ticket);
    this.#loop.changed.ring();
  }

  failed(runId: string): boolean {
    return this.#ground.store() !== null && this.#failed.failed(runId, Date.now());
  }

  worked(runId: string): void {
    this.#failed.worked(runId);
  }

  models(instance: string): Result<ModelConfig[]> {
    const town = this.#ground.store();
    if (!town) return refuse(failure('town_deleted'));
    if (runnerBehind(this.#ground, instance) === null) return refuse(failure('model_token_invalid'));
    return ok(town.models());
  }

  #passNow(instance: string, sessionId: string): Result<ModelPass> {
    const town = this.#ground.store();
    if (!town) return refuse(failure('town_deleted'));
    const runnerId = runnerBehind(this.#ground, instance);
    if (runnerId === null) return refuse(failure('model_token_invalid', 'This token belongs to a runner that is gone.'));
    return town.modelPass(sessionId, runnerId);
  }
}
