import type { Failure, RunnerId } from '@gastown/protocol';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { Runner } from './runner.ts';

/**
 * People's own machines (design/runner.md §5): each runner of the town that is one has a computer somewhere, with a disk that stays. It joins, is shut without a word, is
 * asked to end, comes back; its program is started anew when it crashes, and not when the town says bye.
 */
interface Machine {
  readonly disk: Set<string>;
  runner: Runner | null;
  /** Somebody keeps its program running. */
  on: boolean;
}
interface Known {
  readonly id: RunnerId;
  readonly serial: number;
}
const PAUSE_MS = 15_000;
const AGAIN_MS = 3_000;

export class Machines {
  readonly #world: World;
  readonly #random: Random;
  /** The machines that the town has now, each with the number of its good token. */
  readonly #known: () => readonly Known[];
  readonly #boot: (known: Known, disk: Set<string>) => Runner;
  readonly #machines = new Map<RunnerId, Machine>();
  readonly #staying = new Set<RunnerId>();

  constructor(world: World, known: () => readonly Known[], boot: (known: Known, disk: Set<string>) => Runner) {
    this.#world = world;
    this.#random = world.stream('machines');
    this.#known = known;
    this.#boot = boot;
  }

  begin(): void {
    this.#world.after(this.#random.wait(PAUSE_MS), () => {
      if (this.#world.calm) return;
      for (const known of this.#known()) this.#look(known);
      this.begin();
    });
  }
  #of(id: RunnerId): Machine {
    const there = this.#machines.get(id) ?? { disk: new Set(), runner: null, on: false };
    this.#machines.set(id, there);
    return there;
  }
  #look(known: Known): void {
    const machine = this.#of(known.id);
    if (!machine.on) {
      if (this.#random.chance(0.5)) this.#start(known, machine);
      return;
    }
    if (this.#world.strikes('machine.is_shut')) return this.#shut(machine);
    if (!this.#world.strikes('machine.is_asked_to_end')) return;
    machine.on = false;
    machine.runner?.drain(this.#random.wait(16_000));
  }

  #start(known: Known, machine: Machine): void {
    machine.on = true;
    if (machine.runner?.alive) return;
    const runner = this.#boot(known, machine.disk);
    machine.runner = runner;
    runner.onEnd = (sentAway) => this.#ended(known, machine, runner, sentAway);
  }
  #ended(known: Known, machine: Machine, runner: Runner, sentAway: Failure | null): void {
    if (machine.runner !== runner) return;
    const good = sentAway ? this.#startedAgain(known) : known;
    if (!good) machine.on = false;
    if (!good || !machine.on) return;
    this.#world.after(this.#random.wait(AGAIN_MS), () => {
      if (machine.on && machine.runner === runner) this.#start(good, machine);
    });
  }
  /** Somebody starts a machine that stays again, with the token that is good now, unless the town has it no more. */
  #startedAgain({ id }: Known): Known | undefined {
    return this.#staying.has(id) ? this.#known().find((known) => known.id === id) : undefined;
  }
  /** The lid is closed: nothing of it is heard, and its socket is found dead some time later. */
  #shut(machine: Machine): void {
    machine.on = false;
    machine.runner?.tell(() => 'is shut without a word');
    machine.runner?.end();
  }

  /** Somebody ends its program and starts it again, as the town asks for. */
  restart(id: RunnerId): void {
    const known = this.#known().find((one) => one.id === id);
    if (!known) return;
    const machine = this.#of(id);
    this.#shut(machine);
    this.#start(known, machine);
  }

  /** The storm is over: of the machines that the town still has these are switched on, and stay. */
  settle(ids: readonly RunnerId[]): void {
    for (const known of this.#known()) {
      if (!ids.includes(known.id)) continue;
      this.#staying.add(known.id);
      const machine = this.#of(known.id);
      if (machine.runner?.hangs) this.#shut(machine);
      this.#start(known, machine);
    }
  }
}
