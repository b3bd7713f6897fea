import type { BeadRow, ConvoyRow, PersonCommand, Result, RunId, RunnerId, Tables } from '@gastown/protocol';
import { HOME_RUNNER, failure, NO_USAGE } from '@gastown/protocol';
import { openTown, type DueEffect, type Envelope, type Town } from '@gastown/town';
import { PERSON, seededRandom, TOWN_CREATE } from '@gastown/town/testing';
import { Forge } from './forge.ts';
import type { Order } from './order.ts';
import type { Reaper } from './reaper.ts';
import { Gone, Runner } from './runner.ts';
import { USUAL, type Script } from './script.ts';
import type { Story } from './story.ts';
import { openStore, type Store } from './store.ts';

interface Task {
  /** It was on its way when the shell, or the runner, died. */
  lost(): boolean;
  run(): void;
}
const TOWN = { kind: 'town' } as const;
const HOUR = 3_600_000;

/**
 * A shell around the core, its runner, its container and the people, in one thread: everything under way is a task, the order says which comes next. The shell
 * dies where the reaper says and is made anew from its store; everybody else goes on and says again what was not answered.
 */
export class World {
  readonly store: Store;
  readonly forge = new Forge();
  readonly order: Order;
  readonly reaper: Reaper;
  readonly story: string[] = [];
  readonly shown: string[] = [];
  /** What the model calls that were made have cost. */
  spent = 0;
  now = 1_700_000_000_000;
  town: Town;
  runner: Runner | null = null;
  readonly #script: Script;
  readonly #random = seededRandom(7);
  readonly #tasks: Task[] = [];
  #life = 0;
  /** By runner, the instance that holds its link. */
  readonly #linked = new Map<RunnerId, string>();
  /** People's own machines that are on. */
  readonly #machines = new Map<RunnerId, Runner>();
  #keys = 0;
  #boots = 0;

  constructor(reaper: Reaper, order: Order, { script, plant }: Pick<Story, 'script' | 'plant'>) {
    this.reaper = reaper;
    this.order = order;
    this.#script = { ...USUAL, ...script?.() };
    this.store = openStore(reaper, plant);
    this.town = openTown(this.store.sql);
    this.send({ key: null, actor: TOWN, command: TOWN_CREATE });
  }

  tell(what: string): void {
    this.story.push(`${((this.now - 1_700_000_000_000) / 1_000).toFixed(1).padStart(9)}s  ${what}`);
  }

  /** Until it is answered: a shell that dies over it is asked again, with the same key, while the one who asks is there. */
  send(envelope: Envelope, alive: () => boolean = () => true): Result<unknown> {
    for (;;) {
      const done = this.#turn(envelope);
      if (done) return done;
      this.#restart();
      if (!alive()) throw new Gone('dead');
    }
  }
  #turn(envelope: Envelope): Result<unknown> | null {
    const { command } = envelope;
    const about = command.kind === 'person' ? command.command.kind : command.kind === 'tool' ? `gt_${command.tool}` : aboutOf(command);
    const moment = { now: this.now, random: (bytes: number) => this.#random.hex(bytes) };
    const wasStruck = this.reaper.struck;
    try {
      const { result, due } = this.store.transaction(
        about,
        () => ({ result: this.town.handle(envelope, moment), due: this.town.takeDueEffects(moment) }),
        () => this.#linkAfter(envelope),
      );
      this.tell(`${about}${result.ok ? '' : `: ${result.failure.code}`}`);
      for (const one of due) this.#sendOut(one);
      return result;
    } catch (error) {
      if (wasStruck || !this.reaper.struck) throw error;
      this.tell(`† the shell dies over ${about}`);
      return null;
    }
  }
  /** Whose link it is, is kept beside the store and committed with it: a hello that was not committed did not link. */
  #linkAfter({ command }: Envelope): void {
    if (command.kind === 'runner.hello') this.#linked.set(command.runnerId, command.hello.instance);
    if (command.kind === 'runner.gone') this.#linked.delete(command.runnerId);
  }
  /** The socket of a runner is closed. */
  #goneIfLinked(runnerId: RunnerId): void {
    const instance = this.#linked.get(runnerId);
    if (instance) this.send({ key: null, actor: { kind: 'runner', instance }, command: { kind: 'runner.gone', runnerId, instance } });
  }

  #restart(): void {
    this.#life += 1;
    this.town = openTown(this.store.sql);
    const { runner } = this;
    if (this.order.takesRunner && runner) {
      this.tell('† the runner dies with it');
      runner.alive = false;
      this.runner = null;
    }
    for (const runnerId of this.#linked.keys()) this.#goneIfLinked(runnerId);
    for (const machine of this.#machines.values()) if (machine.alive) machine.hello();
    if (!runner) return;
    if (this.order.takesRunner) this.observe('stopped');
    else if (runner.alive) runner.hello();
  }

  observe(state: 'running' | 'stopped' | 'failed'): void {
    const why = state === 'failed' ? failure('container_failed') : null;
    this.send({ key: null, actor: TOWN, command: { kind: 'container.observed', state, failure: why } });
  }
  /** The machine with the runner is gone. */
  loseRunner(): void {
    if (this.runner) this.runner.alive = false;
    this.runner = null;
    this.tell('the container dies');
    this.#goneIfLinked(HOME_RUNNER);
    this.observe('stopped');
  }

  /** A machine joins: added by a person, its program started there. */
  addMachine(name: string): RunnerId {
    const { runnerId } = this.person<{ runnerId: RunnerId }>({ kind: 'runner.add', name });
    const machine = new Runner(this, this.#script, runnerId, `machine-${name}`);
    this.#machines.set(runnerId, machine);
    this.tell(`the machine ${name} joins`);
    machine.hello();
    return runnerId;
  }
  /** It goes without a word, and is never seen again. */
  loseMachine(runnerId: RunnerId): void {
    const machine = this.#machines.get(runnerId);
    if (machine) machine.alive = false;
    this.#machines.delete(runnerId);
    this.tell('a machine goes');
    this.#goneIfLinked(runnerId);
  }

  // Effects

  #sendOut(due: DueEffect): void {
    const life = this.#life;
    this.#tasks.push({
      lost: () => life !== this.#life,
      run: () => (due.target === 'container' ? this.#drive(due, life) : this.#deliver(due)),
    });
  }
  /** Runs what dies by itself: the shell may die around an effect, and nobody asks it for an answer there. */
  #dies(act: () => void): boolean {
    const wasStruck = this.reaper.struck;
    try {
      act();
      return false;
    } catch (error) {
      if (wasStruck || !this.reaper.struck) throw error;
      this.tell('† the shell dies around an effect');
      this.#restart();
      return true;
    }
  }
  #deliver({ runnerId, effectId, effect }: Extract<DueEffect, { target: 'runner' }>): void {
    const runner = runnerId === HOME_RUNNER ? this.runner : this.#machines.get(runnerId);
    if (!runner?.alive) return;
    let n = 0;
    if (this.#dies(() => (n = this.reaper.beforeEffect(effect.kind)))) return;
    const outcome = runner.perform(effectId, effect);
    this.tell(
      `  ${runnerId === HOME_RUNNER ? 'the runner' : 'the machine'} performs ${effect.kind}: ${outcome ? (outcome.state === 'failed' ? outcome.failure.code : outcome.value.kind) : 'nothing is heard'}`,
    );
    this.#dies(() => this.reaper.afterEffect(n, effect.kind));
    if (outcome) this.#tasks.push({ lost: () => !runner.alive, run: () => runner.tell(effectId, effect, outcome) });
  }
  #drive({ effectId, effect }: Extract<DueEffect, { target: 'container' }>, life: number): void {
    let n = 0;
    if (this.#dies(() => (n = this.reaper.beforeEffect(effect.kind)))) return;
    const worked = this.#script.container(effect.kind);
    this.tell(`  ${effect.kind}: ${worked === null ? 'nothing is heard' : worked ? 'done' : 'fails'}`);
    if (worked) this.#tasks.push({ lost: () => false, run: () => this.#seen(effect.kind) });
    if (this.#dies(() => this.reaper.afterEffect(n, effect.kind)) || worked === null) return;
    const outcome = worked
      ? ({ state: 'succeeded', value: { kind: 'none' } } as const)
      : ({ state: 'failed', failure: failure('container_failed'), retry: true } as const);
    this.#tasks.push({
      lost: () => life !== this.#life,
      run: () => void this.send({ key: null, actor: TOWN, command: { kind: 'effect.outcome', effectId, outcome } }),
    });
  }
  #seen(kind: 'container.start' | 'container.stop'): void {
    if (kind === 'container.stop') {
      if (this.runner) this.runner.alive = false;
      this.runner = null;
      this.#goneIfLinked(HOME_RUNNER);
      return this.observe('stopped');
    }
    this.observe('running');
    if (this.runner?.alive) return;
    this.#boots += 1;
    this.runner = new Runner(this, this.#script, HOME_RUNNER, `instance-${this.#boots}`);
    this.runner.hello();
  }

  // Time

  /** Everything that is under way arrives. */
  work(): void {
    for (let step = 0; this.#tasks.length > 0; step += 1) {
      if (step > 5_000) throw new Error('it never rests');
      const [task] = this.#tasks.splice(this.order.next(this.#tasks.length), 1);
      if (!task || task.lost()) continue;
      try {
        task.run();
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
      }
    }
  }
  sleep(ms: number, until: () => boolean = () => false): void {
    const end = this.now + ms;
    this.work();
    for (let rings = 0; !until(); rings += 1) {
      const at = this.town.nextWake();
      if (at === null || at > end) break;
      if (rings > 2_000) throw new Error('the alarm never rests');
      this.now = Math.max(this.now, at);
      this.send({ key: null, actor: TOWN, command: { kind: 'wake' } });
      this.work();
    }
    if (!until()) this.now = end;
  }
  /** Until it is so; a day is patience enough. */
  until(what: string, isSo: (world: World) => boolean): void {
    this.work();
    for (let hours = 0; hours < 24 && !isSo(this); hours += 1) this.sleep(HOUR, () => isSo(this));
    if (!isSo(this)) throw new Error(`it never came: ${what}`);
  }

  // People

  person<V = unknown>(command: PersonCommand): V {
    const result = this.try(command);
    if (!result.ok) throw new Error(`${command.kind}: ${result.failure.code} ${result.failure.message}`);
    return result.value as V;
  }
  try(command: PersonCommand): Result<unknown> {
    this.#keys += 1;
    return this.send({ key: `person-${this.#keys}`, actor: PERSON, command: { kind: 'person', command, secret: null } });
  }
  /** A model call that was made, booked until the town has it. */
  spend(runId: RunId, costMicros: number): void {
    this.#keys += 1;
    this.spent += costMicros;
    const usage = { ...NO_USAGE, inputTokens: 5, costMicros };
    this.send({ key: `spend-${this.#keys}`, actor: TOWN, command: { kind: 'spend', runId, usage, model: 'm' } });
  }

  // Looking

  rows(): Tables {
    return this.town.snapshot().put as Tables;
  }
  bead(title: string): BeadRow {
    const found = this.rows().beads.find((row) => row.title === title);
    if (!found) throw new Error(`no bead ${title}`);
    return found;
  }
  convoy(title: string): ConvoyRow {
    const found = this.rows().convoys.find((row) => row.title === title);
    if (!found) throw new Error(`no convoy ${title}`);
    return found;
  }
}

function aboutOf(command: Envelope['command']): string {
  if (command.kind !== 'runner.report') return command.kind;
  const { report } = command;
  return report.kind === 'outcome' ? 'outcome' : report.kind;
}
