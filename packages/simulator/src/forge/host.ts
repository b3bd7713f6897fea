import { failure, ok, refuse, type Failure, type Result } from '@gastown/protocol';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';

/**
 * Where the town's container runs (apps/worker/src/container). A start makes a machine that boots a runner; it may fail, take long, die, and lose its disk.
 */
export interface Machine {
  /** What the runner of this machine has on its disk: merge results by commit. */
  readonly disk: Set<string>;
  stop(): void;
}

export class Host {
  readonly #world: World;
  readonly #random: Random;
  readonly #boot: (disk: Set<string>) => Machine;
  readonly #observed: (why: Failure | null) => void;
  machine: Machine | null = null;
  #disk = new Set<string>();
  #booting = false;
  destroyed = false;

  constructor(world: World, boot: (disk: Set<string>) => Machine, observed: (why: Failure | null) => void) {
    this.#world = world;
    this.#random = world.stream('host');
    this.#boot = boot;
    this.#observed = observed;
  }

  start(): (then: (value: Result<null>) => void) => void {
    const world = this.#world;
    return (then) => {
      const took = world.strikes('host.slow') ? this.#random.wait(60_000) : this.#random.wait(1_500);
      const fails = world.strikes('host.start_fails') ? failure('container_failed', 'The machine did not start.') : null;
      world.after(took, () => {
        if (this.destroyed) return then(refuse(failure('town_deleted')));
        if (fails) world.tell('host', () => 'cannot start the container');
        then(fails ? refuse(fails) : ok(null));
        if (!fails) this.#bootSoon();
      });
    };
  }

  #bootSoon(): void {
    if (this.machine || this.#booting) return;
    this.#booting = true;
    this.#world.after(this.#random.wait(2_000), () => {
      this.#booting = false;
      if (this.destroyed) return;
      if (this.#world.strikes('host.loses_its_disk')) {
        this.#disk = new Set();
        this.#world.tell('host', () => 'starts with an empty disk');
      }
      this.#world.tell('host', () => 'boots a runner');
      this.machine = this.#boot(this.#disk);
    });
  }

  stop(): (then: (value: Result<null>) => void) => void {
    return (then) => {
      this.#world.after(this.#random.wait(1_000), () => {
        this.ends(null);
        then(ok(null));
      });
    };
  }

  /** The machine is gone, asked or not. */
  ends(why: Failure | null): void {
    if (!this.machine) return;
    this.#world.tell('host', () => (why ? 'the container dies' : 'the container stops'));
    const { machine } = this;
    this.machine = null;
    machine.stop();
    this.#world.after(this.#random.wait(300), () => this.#observed(why));
  }
  /** A deleted town's container: it never comes again. */
  destroy(): void {
    this.destroyed = true;
    this.ends(null);
  }
}
