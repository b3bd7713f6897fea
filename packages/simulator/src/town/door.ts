import { failure, NO_USAGE, type Failure, type RunId } from '@gastown/protocol';
import type { World } from '../world/world.ts';
import { Broken } from '../world/world.ts';
import type { Random } from '../world/random.ts';
import type { Shell } from './shell.ts';

/**
 * The model door (apps/worker/src/door): asks the town whether a call may go, waits for a run that is not known yet, books what the call used until the town has
 * it, and only then lets the next call of the run go. Checks I9 with its own eyes: no call goes while a budget is spent.
 */
const PATIENCE_MS = 120_000;
const ASK_AGAIN_MS = 2_000;

export class Door {
  readonly #world: World;
  readonly #shell: Shell;
  readonly #random: Random;
  #made = 0;

  constructor(world: World, shell: Shell) {
    this.#world = world;
    this.#shell = shell;
    this.#random = world.stream('model');
  }

  call(
    instance: string,
    sessionId: string,
    costMicros: number,
    then: (why: Failure | null) => void,
    since: number = this.#world.now,
  ): void {
    const world = this.#world;
    const pass = this.#shell.modelPass(instance, sessionId);
    if (!pass.ok) {
      const waits = pass.failure.code === 'overloaded' ? PATIENCE_MS : pass.failure.code === 'unknown_run' ? 10_000 : 0;
      if (world.now - since >= waits) return then(pass.failure);
      world.after(ASK_AGAIN_MS, () => this.call(instance, sessionId, costMicros, then, since));
      return;
    }
    this.#mayGo(pass.value.runId);
    const fails = world.strikes('model.down')
      ? failure('model_unreachable')
      : world.strikes('model.refuses_the_key')
        ? failure('model_key_refused')
        : null;
    const key = `spend:${(this.#made += 1)}`;
    world.after(this.#random.wait(3_000), () => {
      this.#book(key, pass.value.runId, fails ? 0 : costMicros);
      then(fails);
    });
  }

  /** Told to the town until it has heard it; one key, so it counts once (I18). */
  #book(key: string, runId: RunId, costMicros: number): void {
    const usage = { ...NO_USAGE, inputTokens: 10, outputTokens: 10, costMicros };
    const booked = this.#shell.handle({ key, actor: { kind: 'town' }, command: { kind: 'spend', runId, usage, model: 'm' } });
    if (booked === null) this.#world.after(this.#random.wait(400), () => this.#book(key, runId, costMicros));
    else this.#shell.calls.end(runId);
  }

  #mayGo(runId: RunId): void {
    const { sql } = this.#shell.store;
    const town = sql.all('SELECT id, budget_micros, deleted_at FROM town')[0];
    if (typeof town?.deleted_at === 'number') throw new Broken('I14', `a model call of ${runId} goes in a deleted town`);
    if (typeof town?.budget_micros !== 'number') return;
    const spent = sql.all(`SELECT cost_micros FROM spend WHERE kind = 'town'`)[0]?.cost_micros ?? 0;
    if (Number(spent) >= town.budget_micros)
      throw new Broken('I9', `a model call of ${runId} goes though ${String(spent)} of ${town.budget_micros} are spent`);
  }
}
