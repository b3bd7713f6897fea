import {
  failure,
  HOME_RUNNER,
  LIMITS,
  ok,
  refuse,
  type Failure,
  type FromRunner,
  type Result,
  type RunnerId,
  type ServerFrame,
  type ToRunner,
} from '@gastown/protocol';
import { openTown, type DueEffect, type Envelope, type ModelPass, type Town } from '@gastown/town';
import { mustHideSecrets } from '../people/secrets.ts';
import type { Planned } from '../world/queue.ts';
import type { Random } from '../world/random.ts';
import { Broken, type World } from '../world/world.ts';
import type { Wire } from '../world/wire.ts';
import { Guard } from './guard.ts';
import { MemoryOfCalls } from './calls.ts';
import type { Store } from './store.ts';
import type { Pass } from '../runner/runner.ts';

/**
 * The shell around the core, small: what the Worker's object does (apps/worker/src/town). One turn: command, effects that are due, alarm; committed as a
 * whole, and only then does anything leave. It may die before or after any commit; then all that is not in its store is gone and it is made anew.
 */
export type RunnerWire = Wire<FromRunner, ToRunner>;
export interface BrowserSocket {
  rev: number | null;
  say(frame: ServerFrame): void;
}
export interface Host {
  start(): Later<Result<null>>;
  stop(): Later<Result<null>>;
}
/** An answer that comes later, as an event of the world. */
type Later<T> = (then: (value: T) => void) => void;

interface Linked {
  readonly instance: string;
  readonly linked: boolean;
}
interface Durable {
  /** The instance that said hello last, of each runner. Replaced whole, never changed. */
  links: ReadonlyMap<RunnerId, Linked>;
  brokenReport: string | null;
  deleted: boolean;
  alarmAt: number | null;
}

class Died extends Error {}
const TOWN = { kind: 'town' } as const;

export class Shell {
  readonly world: World;
  readonly store: Store;
  readonly guard: Guard;
  readonly browsers = new Set<BrowserSocket>();
  /** How to hang up on a page. */
  readonly sockets = new Map<BrowserSocket, () => void>();
  /** Every open socket of a runner: by which token it came, and which instance said hello on it. */
  readonly runners = new Map<RunnerWire, { readonly pass: Pass; instance: string | null }>();
  readonly calls = new MemoryOfCalls();
  memory: Durable = { links: new Map(), brokenReport: null, deleted: false, alarmAt: null };
  town: Town | null;
  /** Who looks at the rows, between one command and the next. */
  onCommit: () => void = () => undefined;
  /** How often the object was made anew: what an earlier one was waiting for never comes to it. */
  life = 0;
  readonly #random: Random;
  readonly #host: () => Host;
  readonly #wrap: (town: Town) => Town;
  #alarm: Planned | null = null;
  #published = 0;
  #publishDue = false;

  constructor(world: World, store: Store, host: () => Host, wrap: (town: Town) => Town = (town) => town) {
    this.world = world;
    this.store = store;
    this.#host = host;
    this.#wrap = wrap;
    this.#random = world.stream('town');
    this.town = wrap(openTown(store.sql));
    this.guard = new Guard(world, store);
  }

  /** One command, and what follows from it. A shell that dies answers nothing: null. */
  handle(envelope: Envelope, beforeEffects?: () => void): Result<unknown> | null {
    const { town, world } = this;
    if (!town) return refuse(failure('town_deleted'));
    const moment = { now: world.townTime, random: (bytes: number) => this.#random.hex(bytes) };
    world.commands += 1;
    const durable = { ...this.memory };
    try {
      const { result, ruled, due, wrote } = this.store.transaction(() => {
        const written = this.store.written();
        const result = this.guard.watch(envelope, () => town.handle(envelope, moment));
        const ruled = envelope.command.kind === 'wake' || this.store.written() !== written;
        const due = town.takeDueEffects(moment);
        if (world.strikes('store.dies_before_commit')) throw new Died('before');
        return { result, ruled, due, wrote: this.store.written() !== written };
      });
      this.guard.committed(envelope, wrote);
      this.onCommit();
      this.#setAlarm(town.nextWake(), ruled);
      mustHideSecrets('an answer', result);
      if (world.strikes('store.dies_after_commit')) throw new Died('after');
      if (result.ok) beforeEffects?.();
      for (const effect of due) this.#perform(effect);
      if (envelope.command.kind === 'person' && envelope.command.command.kind.startsWith('runner.')) this.checkTokens();
      if (town.rev() !== this.#published) this.#publishSoon();
      return result;
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      if (error.message === 'before') this.memory = { ...durable, alarmAt: this.memory.alarmAt };
      this.#dies(error.message);
      return null;
    }
  }

  #dies(when: string): void {
    this.world.tell('town', () => `dies ${when} a commit, and is made anew from its store`);
    this.life += 1;
    for (const wire of this.runners.keys()) wire.cut();
    this.runners.clear();
    this.#hangUpOnPages();
    this.#publishDue = false;
    this.town = this.memory.deleted ? null : this.#wrap(openTown(this.store.sql));
    /** A crash ends sockets without a word: runners that held a link are told as gone when the town wakes. */
    if (this.town) for (const [runnerId, { instance, linked }] of this.memory.links) if (linked) this.#runnerGone(runnerId, instance);
  }

  /** Every command that did anything has done what is due; one that was refused or said before leaves it to the alarm, which rings at once. */
  #setAlarm(at: number | null, ruled: boolean): void {
    const { world } = this;
    if (ruled && at !== null && at <= world.townTime && at !== this.memory.alarmAt)
      throw new Broken('I8', `the alarm is set to the past (${world.townTime - at} ms ago): it would ring for ever`);
    if (at === this.memory.alarmAt && this.#alarm && !this.#alarm.off) return;
    this.memory.alarmAt = at;
    if (this.#alarm) this.#alarm.off = true;
    if (at === null) return;
    const late = world.strikes('alarm.late') ? this.#random.wait(20_000) : 0;
    this.#alarm = world.after(Math.max(0, at - world.townTime) + late, () => this.#wake());
  }

  #wake(): void {
    this.#alarm = null;
    /** The platform looks at its clock again. */
    const early = (this.memory.alarmAt ?? 0) - this.world.townTime;
    if (early > 0) return void (this.#alarm = this.world.after(early, () => this.#wake()));
    this.memory.alarmAt = null;
    const done = this.handle({ key: null, actor: TOWN, command: { kind: 'wake' } });
    /** The platform rings again when the object died over it. */
    if (done === null && this.#alarm === null) this.#alarm = this.world.after(2_000, () => this.#wake());
  }

  #perform(due: DueEffect): void {
    mustHideSecrets('an effect', due.effect);
    if (due.target === 'runner') {
      this.#runnerWire(due.runnerId)?.down({ t: 'effect', effectId: due.effectId, effect: due.effect });
      return;
    }
    const { life } = this;
    const answer = due.effect.kind === 'container.start' ? this.#host().start() : this.#host().stop();
    answer((driven) => {
      if (this.life !== life) return;
      const outcome = driven.ok
        ? ({ state: 'succeeded', value: { kind: 'none' } } as const)
        : ({ state: 'failed', failure: driven.failure, retry: true } as const);
      this.handle({ key: null, actor: TOWN, command: { kind: 'effect.outcome', effectId: due.effectId, outcome } });
    });
  }

  /** The container's lifecycle object tells what it saw. */
  observed(state: 'running' | 'stopped' | 'failed', why: Failure | null): void {
    const done = this.handle({ key: null, actor: TOWN, command: { kind: 'container.observed', state, failure: why } });
    if (done !== null && state !== 'running') this.#link(HOME_RUNNER, null);
  }

  // The link (apps/worker/src/town/link.ts)

  #link(runnerId: RunnerId, linked: Linked | null): void {
    const links = new Map(this.memory.links);
    if (linked) links.set(runnerId, linked);
    else links.delete(runnerId);
    this.memory.links = links;
  }
  #instanceOf(runnerId: RunnerId): string | null {
    return this.memory.links.get(runnerId)?.instance ?? null;
  }
  #runnerWire(runnerId: RunnerId): RunnerWire | undefined {
    const current = this.#instanceOf(runnerId);
    for (const [wire, { pass, instance }] of this.runners)
      if (wire.open && pass.id === runnerId && instance !== null && instance === current) return wire;
    return undefined;
  }

  /** With this token. */
  opened(wire: RunnerWire, pass: Pass): void {
    this.runners.set(wire, { pass, instance: null });
  }
  receive(wire: RunnerWire, frame: FromRunner): void {
    const socket = this.runners.get(wire);
    /** It opened to an object that is dead: it is hung up on, and comes again. */
    if (!socket) return wire.cut();
    if (!this.town) return this.#sendAway(wire, failure('town_deleted'));
    const serial = this.town.runnerSerial(socket.pass.id);
    if (serial !== socket.pass.serial) return this.#sendAway(wire, failure(serial === null ? 'unknown_runner' : 'runner_token_refused'));
    if (frame.t === 'hello') return this.#greet(wire, socket.pass.id, frame);
    const { instance, pass } = socket;
    if (instance === null || instance !== this.#instanceOf(pass.id))
      return this.#sendAway(wire, failure('stale_generation', 'Another runner serves this town now, or this one did not say hello.'));
    if (frame.t === 'report') this.#report(wire, pass.id, instance, frame);
    if (frame.t === 'call') this.#call(wire, pass.id, instance, frame);
  }

  #greet(wire: RunnerWire, runnerId: RunnerId, hello: Extract<FromRunner, { t: 'hello' }>): void {
    const { instance } = hello;
    for (const [older, other] of this.runners) {
      if (older === wire || other.pass.id !== runnerId || other.instance === null) continue;
      if (other.instance === instance) older.cut();
      else this.#sendAway(older, failure('stale_generation', 'Another runner serves this town now.'));
      this.runners.delete(older);
    }
    const socket = this.runners.get(wire);
    if (socket) socket.instance = instance;
    this.#link(runnerId, { instance, linked: true });
    const greeted = this.handle(
      { key: null, actor: { kind: 'runner', instance }, command: { kind: 'runner.hello', runnerId, hello } },
      () => wire.down({ t: 'welcome', seq: this.town?.runnerSeq(runnerId, instance) ?? 0 }),
    );
    if (greeted && !greeted.ok) this.#sendAway(wire, greeted.failure);
  }

  #sendAway(wire: RunnerWire, reason: Failure): void {
    wire.down({ t: 'bye', failure: reason });
    this.world.after(500, () => wire.cut());
  }
  /** Who came with a token that is good no longer hears it at once. */
  checkTokens(): void {
    for (const [wire, { pass }] of this.runners) {
      const serial = this.town?.runnerSerial(pass.id) ?? null;
      if (this.town && serial !== pass.serial) this.#sendAway(wire, failure(serial === null ? 'unknown_runner' : 'runner_token_refused'));
    }
  }

  #report(wire: RunnerWire, runnerId: RunnerId, instance: string, { seq, report }: Extract<FromRunner, { t: 'report' }>): void {
    const taken = this.handle({
      key: null,
      actor: { kind: 'runner', instance },
      command: { kind: 'runner.report', runnerId, instance, seq, report },
    });
    if (taken === null) return;
    if (taken.ok) wire.down({ t: 'ack', seq });
    else wire.cut();
  }

  #call(wire: RunnerWire, runnerId: RunnerId, instance: string, frame: Extract<FromRunner, { t: 'call' }>): void {
    const { callId, runId, generation, tool, args, evidence } = frame;
    const result = this.handle({
      key: `call:${instance}:${callId}`,
      actor: { kind: 'runner', instance },
      command: { kind: 'tool', runnerId, runId, generation, tool, args, evidence },
    });
    if (result === null) return;
    wire.down({ t: 'answer', callId, result: result.ok ? { ok: true, value: result.value as never } : result });
  }

  closed(wire: RunnerWire): void {
    const socket = this.runners.get(wire);
    this.runners.delete(wire);
    if (!socket || socket.instance === null) return;
    const { pass, instance } = socket;
    if (instance !== this.#instanceOf(pass.id) || this.#runnerWire(pass.id)) return;
    this.#runnerGone(pass.id, instance);
  }
  #runnerGone(runnerId: RunnerId, instance: string): void {
    const told = this.handle({
      key: null,
      actor: { kind: 'runner', instance },
      command: { kind: 'runner.gone', runnerId, instance },
    });
    if (told !== null) this.#link(runnerId, { instance, linked: false });
  }

  // Browsers (apps/worker/src/town/live.ts)

  greetBrowser(browser: BrowserSocket, rev: number | null, epoch: string | null): void {
    const { town } = this;
    if (!town) return;
    this.browsers.add(browser);
    const since = rev === null || epoch === null || rev > town.rev() ? town.snapshot() : town.since(rev);
    const frame = since.epoch === epoch || rev === null ? since : town.snapshot();
    browser.rev = frame.rev;
    mustHideSecrets('a frame', frame);
    browser.say(frame);
  }

  pageGone(browser: BrowserSocket): void {
    this.browsers.delete(browser);
    this.sockets.delete(browser);
  }
  #hangUpOnPages(): void {
    for (const hangUp of this.sockets.values()) hangUp();
    this.sockets.clear();
    this.browsers.clear();
  }

  #publishSoon(): void {
    if (this.#publishDue) return;
    this.#publishDue = true;
    const { life } = this;
    this.world.after(LIMITS.publishCoalesceMs.value, () => {
      if (this.life !== life) return;
      this.#publishDue = false;
      this.#publish();
    });
  }
  #publish(): void {
    const { town } = this;
    if (!town) return;
    const rev = town.rev();
    this.#published = rev;
    const frames = new Map<number, ServerFrame>();
    for (const browser of this.browsers) {
      if (browser.rev === null || browser.rev >= rev) continue;
      let frame = frames.get(browser.rev);
      if (!frame) {
        frame = town.since(browser.rev);
        mustHideSecrets('a frame', frame);
        frames.set(browser.rev, frame);
      }
      browser.rev = frame.rev;
      browser.say(frame);
    }
  }

  // The model door (apps/worker/src/door)

  modelPass(instance: string, sessionId: string): Result<ModelPass> {
    if (!this.town) return refuse(failure('town_deleted'));
    if (![...this.memory.links.values()].some((link) => link.instance === instance))
      return refuse(failure('model_token_invalid', 'This token belongs to a runner that is gone.'));
    const pass = this.town.modelPass(sessionId);
    if (pass.ok && pass.value.budgeted && !this.calls.begin(pass.value.runId, this.world.townTime))
      return refuse(failure('overloaded', 'The call before this one is still under way, and the town has a spend limit.'));
    return pass;
  }

  // The end (object.ts `destroy`)

  /** Marked in the core first; the store, which names what there is to end, goes last, some time later. */
  delete(): Result<unknown> | null {
    const done = this.handle({ key: null, actor: TOWN, command: { kind: 'town.delete' } });
    if (done === null) return null;
    for (const wire of this.runners.keys()) this.#sendAway(wire, failure('town_deleted'));
    this.#hangUpOnPages();
    return ok({});
  }
  wipe(): void {
    this.town = null;
    this.memory = { ...this.memory, deleted: true, alarmAt: null, links: new Map() };
    if (this.#alarm) this.#alarm.off = true;
    this.#alarm = null;
    this.life += 1;
    this.store.empty();
  }
}
