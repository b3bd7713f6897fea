import type { World } from './world.ts';
import type { Random } from './random.ts';

/**
 * One connection: two channels that keep the order of what goes through them, each frame after a delay. A cut loses what is under way, and each side hears of
 * it at its own time; a half-open one goes silent, and is given up when it was silent for too long. A hostile network also loses, doubles and swaps frames.
 */
export interface End<Frame> {
  receive(frame: Frame): void;
  closed(): void;
}
export interface WireOptions {
  readonly hostile: boolean;
  readonly delayMs: number;
  readonly cut: 'link.cut' | 'browser.cut';
  readonly slow: 'link.slow' | 'browser.slow';
}
const GIVEN_UP_MS = 60_000;

export class Wire<Up, Down> {
  open = true;
  #silent = false;
  readonly #lastArrival = { up: 0, down: 0 };
  readonly #world: World;
  readonly #random: Random;
  readonly #options: WireOptions;
  readonly #client: End<Down>;
  readonly #server: End<Up>;

  constructor(world: World, random: Random, options: WireOptions, ends: { client: End<Down>; server: End<Up> }) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
    this.#client = ends.client;
    this.#server = ends.server;
  }

  /** Client to server. */
  up(frame: Up): void {
    this.#carry('up', frame, () => this.#server.receive(frame));
  }
  /** Server to client. */
  down(frame: Down): void {
    this.#carry('down', frame, () => this.#client.receive(frame));
  }

  /** Either side hangs up, or the network does: what is under way is lost. */
  cut(): void {
    if (!this.open) return;
    this.open = false;
    this.#hear(() => this.#client.closed());
    this.#hear(() => this.#server.closed());
  }
  #hear(closed: () => void): void {
    this.#world.after(this.#random.wait(50), closed);
  }

  #carry(way: 'up' | 'down', frame: unknown, arrive: () => void): void {
    if (!this.open || this.#silent) return;
    const world = this.#world;
    const { hostile, delayMs } = this.#options;
    if (world.strikes(this.#options.cut)) {
      world.tell('network', () => 'cuts a connection');
      return this.cut();
    }
    if (hostile && world.strikes('link.half_open')) return this.#goSilent();
    if (hostile && !isGreeting(frame) && world.strikes('link.loses_a_frame'))
      return world.tell('network', () => `loses a frame on its way ${way}`);
    const slow = world.strikes(this.#options.slow) ? 20 + this.#random.wait(2_000) : 1;
    if (slow > 1) world.counts.lateOrReordered += 1;
    this.#deliver(way, arrive, this.#random.wait(delayMs) * slow);
    if (hostile && world.strikes('link.says_twice')) {
      world.counts.duplicates += 1;
      this.#deliver(way, arrive, this.#random.wait(delayMs * 20));
    }
  }

  #deliver(way: 'up' | 'down', arrive: () => void, delay: number): void {
    const world = this.#world;
    let at = world.now + delay;
    const last = this.#lastArrival[way];
    if (this.#options.hostile && last > world.now && world.strikes('link.swaps_frames')) world.counts.lateOrReordered += 1;
    else at = Math.max(at, last);
    this.#lastArrival[way] = Math.max(at, last);
    world.after(at - world.now, () => {
      if (this.open) arrive();
    });
  }

  #goSilent(): void {
    this.#silent = true;
    this.#world.tell('network', () => 'goes silent on a connection that looks open');
    this.#world.after(GIVEN_UP_MS, () => this.cut());
  }
}

/** A connection whose first words are lost is no connection: both sides would wait for ever, and the platform hangs up. */
const isGreeting = (frame: unknown): boolean =>
  typeof frame === 'object' && frame !== null && 't' in frame && (frame.t === 'hello' || frame.t === 'welcome');
