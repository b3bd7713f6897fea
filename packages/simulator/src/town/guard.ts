import type { Result } from '@gastown/protocol';
import type { Envelope } from '@gastown/town';
import { Broken, type World } from '../world/world.ts';
import type { Store } from './store.ts';

/**
 * Watches every command at the border of the core: what only the two sides of a command show, and no row does.
 * I2: a call of a run that is over or was replaced is refused. I8: waking without anything to do is no way of life. I18: the same key again is the same answer
 * and no write; a report that was seen is not taken twice; a refusal has written nothing.
 */
const MOST_IDLE_WAKES = 5;

export class Guard {
  readonly #world: World;
  readonly #store: Store;
  readonly #answers = new Map<string, string>();
  #told: [key: string, answer: string] | null = null;
  #idleWakes = 0;
  #lastWake = -1;

  constructor(world: World, store: Store) {
    this.#world = world;
    this.#store = store;
  }

  /** Runs the command, inside its transaction. */
  watch(envelope: Envelope, handle: () => Result<unknown>): Result<unknown> {
    const { command, key } = envelope;
    const over = command.kind === 'tool' ? this.#over(command) : null;
    const seen = command.kind === 'runner.report' && this.#wasSeen(command);
    const earlier = key === null ? undefined : this.#answers.get(key);
    const before = this.#store.written();
    const result = handle();
    const wrote = this.#store.written() !== before;
    const what = command.kind === 'person' ? command.command.kind : command.kind === 'tool' ? `gt_${command.tool}` : command.kind;
    const used = this.#world.used[result.ok ? 'accepted' : 'refused'];
    used.set(what, (used.get(what) ?? 0) + 1);
    if (!result.ok && wrote) throw new Broken('I18', `the refusal ${result.failure.code} of ${what} has written rows`);
    if (over !== null && result.ok && earlier === undefined) throw new Broken('I2', `${what} was accepted although its run ${over}`);
    if (seen && wrote) throw new Broken('I18', 'a report that was seen already has written rows');
    if (earlier !== undefined && result.ok) this.#isTheSame(what, earlier, JSON.stringify(result.value ?? null), wrote);
    this.#told = key !== null && result.ok && this.#isKept(command.kind, key) ? [key, JSON.stringify(result.value ?? null)] : null;
    return result;
  }

  /** What was told counts from the commit on; before it nothing has happened. `wrote`: the whole turn, with the effects that it handed out. */
  committed({ command }: Envelope, wrote: boolean): void {
    if (this.#told) this.#answers.set(...this.#told);
    this.#told = null;
    if (command.kind === 'wake') this.#countWake(wrote);
  }

  /** Why the run behind this call may not act any more. */
  #over({ runId, generation }: { runId: string; generation: number }): string | null {
    const run = this.#store.sql.all('SELECT generation, state FROM runs WHERE id = ?', runId)[0];
    if (!run) return 'does not exist';
    if (run.state === 'ended') return 'has ended';
    return run.generation === generation ? null : 'has another generation';
  }
  #wasSeen({ runnerId, instance, seq }: { runnerId: string; instance: string; seq: number }): boolean {
    const link = this.#store.sql.all('SELECT instance, seq FROM links WHERE runner_id = ?', runnerId)[0];
    return link?.instance === instance && typeof link.seq === 'number' && seq <= link.seq;
  }
  /** Tools that only read answer what is so now, each time. */
  #isKept(kind: string, key: string): boolean {
    return kind !== 'tool' || this.#store.sql.all('SELECT 1 FROM keys WHERE key = ?', key).length > 0;
  }
  #isTheSame(what: string, earlier: string, now: string, wrote: boolean): void {
    if (earlier !== now) throw new Broken('I18', `${what} with the same key has another answer the second time: ${earlier} and ${now}`);
    if (wrote) throw new Broken('I18', `${what} with the same key was done twice`);
  }

  /** A wake without a write did nothing; some in a row, with nothing else between them, is a loop. */
  #countWake(wrote: boolean): void {
    const only = this.#lastWake === this.#world.commands - 1;
    this.#lastWake = this.#world.commands;
    this.#idleWakes = wrote || !only ? 0 : this.#idleWakes + 1;
    if (this.#idleWakes > MOST_IDLE_WAKES)
      throw new Broken('I8', `the alarm rang ${this.#idleWakes} times in a row and there was nothing to do`);
  }
}
