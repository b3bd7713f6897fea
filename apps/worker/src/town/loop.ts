import { failure, LIMITS, refuse, type Result } from '@gastown/protocol';
import type { DueEffect, Envelope, Town } from '@gastown/town';
import { logException } from '../edge/answers.ts';
import { randomHex } from '../secrets/bytes.ts';
import { Bell } from './bell.ts';
import { withoutBroken } from './broken-rules.ts';
import type { Ground } from './ground.ts';
import { startStopwatch } from './stopwatch.ts';
import { Ticks } from './ticks.ts';

/**
 * The loop of architecture §3.1, outside of the core: command → one transaction → publish, drain, next wake.
 *
 * 1. Everything up to setting the alarm happens in one synchronous turn: the platform commits it as a whole, and holds every frame and call back until it is durable.
 * 2. An effect is marked sent in the transaction that hands it out. If this process dies before it leaves, the core hands it out again at its deadline (RC-35).
 * 3. The alarm is set to the core's next wake, or cleared: an idle town has none (P7). It is set before anything is shown: no page can keep the town from waking.
 */
export interface LoopHands {
  readonly publish: (town: Town) => void;
  readonly perform: (effect: DueEffect) => void;
  readonly setAlarm: (at: number | null) => void;
  readonly later: (work: () => void, ms: number) => void;
}

export class Loop {
  readonly #ground: Ground;
  readonly #hands: LoopHands;
  /** Rings after each command. */
  readonly changed = new Bell();
  readonly ticks = new Ticks();
  /** How many rules the last command had to do without. */
  #brokenRules = 0;
  #sincePublished: (() => number) | null = null;
  #publishDue = false;
  /** The last revision that this life of the object has seen; at first unknown. */
  #seen = -1;
  constructor(ground: Ground, hands: LoopHands) {
    this.#ground = ground;
    this.#hands = hands;
  }

  handle(envelope: Envelope, { beforeEffects }: { beforeEffects?: () => void } = {}): Result<unknown> {
    const town = this.#ground.store();
    if (!town) return refuse(failure('town_deleted'));
    const { result, due } = this.ticks.measure(() => this.#commit(town, envelope));
    if (result.ok) beforeEffects?.();
    for (const effect of due) this.#hands.perform(effect);
    this.#hands.setAlarm(this.#nextAlarm(town));
    this.changed.ring();
    this.#publishIfNew(town);
    return result;
  }

  /**
   * One transaction. A rule that breaks twice is left out of it, so that what was said is heard and the other rules do their work (RC-15): the first
   * time may have been chance.
   */
  #commit(town: Town, envelope: Envelope): { result: Result<unknown>; due: DueEffect[] } {
    const moment = { now: this.#ground.now(), random: randomHex };
    const { value, broken } = withoutBroken((without) =>
      this.#ground.transaction(() => ({ result: town.handle(envelope, moment, without), due: town.takeDueEffects(moment) })),
    );
    for (const error of broken) logException(error.cause, { during: 'rule', rule: error.rule, town: this.#ground.memory.townId() });
    this.#brokenRules = broken.length;
    return value;
  }

  /** What a broken rule should have done is still due: it is tried again by our own clock, ever later, and in the end only with the next command. */
  #nextAlarm(town: Town): number | null {
    const next = town.nextWake();
    if (this.#brokenRules === 0) return next;
    const failures = this.#ground.memory.alarmFailures();
    if (failures >= LIMITS.effectAttempts.value && next === null) return null;
    return Math.max(next ?? 0, this.#ground.now() + backoffMs(failures));
  }

  /** The alarm: what is due is done. A tick that throws is tried again by our own clock, ever later, so that a bug cannot burn the platform's retries and stop the town for good. */
  wake(): void {
    const { memory, now } = this.#ground;
    try {
      this.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'wake' } });
      if (this.#brokenRules > 0) memory.setAlarmFailures(memory.alarmFailures() + 1);
      else if (memory.alarmFailures() > 0) memory.setAlarmFailures(0);
    } catch (error) {
      const failures = memory.alarmFailures() + 1;
      logException(error, { during: 'alarm', failures: String(failures) });
      memory.setAlarmFailures(failures);
      this.#hands.setAlarm(now() + backoffMs(failures));
    }
  }

  #publishIfNew(town: Town): void {
    const rev = town.rev();
    if (rev === this.#seen && !this.#publishDue) return;
    this.#seen = rev;
    this.#publishSoon(town);
  }

  /** The first change goes out at once; those of the next 50 ms travel together. The platform's timers are times of day: one that was begun before the clock was set back may ring hours later, so nothing relies on it alone. */
  #publishSoon(town: Town): void {
    const wait = LIMITS.publishCoalesceMs.value - (this.#sincePublished?.() ?? Number.POSITIVE_INFINITY);
    if (wait <= 0) return this.#publish(town);
    if (this.#publishDue) return;
    this.#publishDue = true;
    this.#hands.later(() => this.#publishIfThere(), wait);
  }

  #publishIfThere(): void {
    const town = this.#ground.store();
    if (town) this.#publish(town);
  }

  #publish(town: Town): void {
    this.#publishDue = false;
    this.#sincePublished = startStopwatch(this.#ground.now);
    this.#hands.publish(town);
  }
}

const backoffMs = (failures: number): number =>
  Math.min(LIMITS.effectRetryCapMs.value, LIMITS.effectRetryBaseMs.value * 2 ** Math.min(failures, 10));
