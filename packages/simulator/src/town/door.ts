import { failure, NO_USAGE, type Failure, type FailureCode, type ModelTrouble, type RunId } from '@gastown/protocol';
import type { FaultKind } from '../world/faults.ts';
import type { World } from '../world/world.ts';
import { Broken } from '../world/world.ts';
import type { Random } from '../world/random.ts';
import type { Shell } from './shell.ts';

/**
 * The model door (apps/worker/src/door): asks the town whether a call may go, waits for a run that is not known yet, books what the call used until the town has
 * it, and only then lets the next call of the run go. Checks I9 with its own eyes: no call goes while a budget is spent.
 */
/** What a provider refuses, and how. */
const TROUBLES: readonly (readonly [FaultKind, ModelTrouble['kind'], FailureCode])[] = [
  ['model.limits', 'limit', 'model_rate_limited'],
  ['model.is_overloaded', 'overload', 'model_overloaded'],
  ['model.has_no_credit', 'quota', 'model_quota_spent'],
  ['model.refuses_the_key', 'auth', 'model_key_refused'],
  ['model.is_full', 'context', 'model_context_full'],
  ['model.refuses_to_answer', 'refused', 'model_refused'],
];
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
    const began = world.townTime;
    const { runId, model } = pass.value;
    const down = world.strikes('model.down') ? failure('model_unreachable') : null;
    const trouble = down ? undefined : TROUBLES.find(([fault]) => world.strikes(fault));
    const key = `spend:${(this.#made += 1)}`;
    world.after(this.#random.wait(3_000), () => {
      if (world.calm || (!down && !trouble)) {
        this.#book(key, runId, costMicros);
        return then(null);
      }
      this.#shell.calls.end(runId);
      if (down || !trouble) return then(down);
      const [, kind, code] = trouble;
      const until = this.#random.chance(0.5) ? world.townTime + this.#random.wait(60_000) : null;
      /** What the town does not hear, the next call meets again. */
      this.#shell.handle({
        key: null,
        actor: { kind: 'town' },
        command: { kind: 'model.trouble', runId, model, since: began, trouble: { kind, until, message: `It says ${kind}.` } },
      });
      /** An agent gives a sentence, and the runner guesses. */
      then(failure(this.#random.chance(0.5) ? code : 'model_unreachable'));
    });
  }

  /** Told to the town until it has heard it; one key, so it counts once (I18). */
  #book(key: string, runId: RunId, costMicros: number): void {
    const usage = { ...NO_USAGE, inputTokens: 10, outputTokens: 10, costMicros };
    const booked = this.#shell.handle({ key, actor: { kind: 'town' }, command: { kind: 'spend', runId, usage, model: 'm' } });
    if (booked === null) this.#world.after(this.#random.wait(400), () => this.#book(key, runId, costMicros));
    else this.#shell.calls.end(runId);
  }

  /** I9: while a hard limit of anything that the run belongs to is reached, or the town is stopped, no call goes. */
  #mayGo(runId: RunId): void {
    const { sql } = this.#shell.store;
    const town = sql.all('SELECT stopped, deleted_at FROM town')[0];
    if (typeof town?.deleted_at === 'number') throw new Broken('I14', `a model call of ${runId} goes in a deleted town`);
    if (town?.stopped === 1) throw new Broken('I9', `a model call of ${runId} goes in a town that is stopped`);
    const [spent] = sql.all(SPENT, runId);
    if (spent)
      throw new Broken(
        'I9',
        `a model call of ${runId} goes, and of the ${String(spent.level)} ${String(spent.id)} ${String(spent.cost)} of ${String(spent.most)} are spent`,
      );
  }
}

/** What a run belongs to, with what was spent there and what may be: a limit of its own goes before the one for each. */
const SPENT = `
  WITH one AS (SELECT * FROM runs WHERE id = ?),
  scopes (level, id) AS (
    SELECT 'run', id FROM one UNION ALL SELECT 'bead', bead_id FROM one WHERE bead_id IS NOT NULL UNION ALL SELECT 'agent', agent_id FROM one
    UNION ALL SELECT 'rig', rig_id FROM one WHERE rig_id IS NOT NULL UNION ALL SELECT 'town', id FROM town
    UNION ALL SELECT 'convoy', d.bead_id FROM one JOIN dependencies d ON d.depends_on = one.bead_id AND d.type = 'tracks'
  ),
  limits AS (
    SELECT s.level, s.id, coalesce(own.hard_micros, CASE WHEN own.id IS NULL AND (s.level <> 'run' OR (SELECT bead_id FROM one) IS NOT NULL) THEN common.hard_micros END) AS most
    FROM scopes s LEFT JOIN spend_limits own ON own.level = s.level AND own.id = s.id LEFT JOIN spend_limits common ON common.level = s.level AND common.id = '*'
  )
  SELECT l.level, l.id, l.most, coalesce(p.cost_micros, 0) AS cost FROM limits l LEFT JOIN spend p ON p.kind = l.level AND p.id = l.id
  WHERE l.most IS NOT NULL AND coalesce(p.cost_micros, 0) >= l.most`;
