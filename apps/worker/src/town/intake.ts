import { failure, LIMITS, refuse, type Report, type Result } from '@gastown/protocol';
import type { Envelope, Poison } from '@gastown/town';
import { failureOfException, logException } from '../edge/answers.ts';
import type { Ground } from './ground.ts';
import type { Loop } from './loop.ts';

/**
 * Input that comes by itself: reports, tool calls, outcomes, what is seen of the container, what calls cost. What breaks the town is tried a bounded
 * number of times, then kept for a person and counted as heard, so that it blocks nothing (RC-9). A rule that breaks is not its fault: the loop leaves
 * such a rule out.
 */
export type Input = Envelope & { readonly command: Poison };

const SOURCES: readonly string[] = ['runner.report', 'tool', 'effect.outcome', 'container.observed', 'spend'];
export const comesByItself = (envelope: Envelope): envelope is Input => SOURCES.includes(envelope.command.kind);

const NOTHING: Report = { kind: 'renew', runs: [] };

export class Intake {
  readonly #ground: Ground;
  readonly #loop: Loop;
  constructor(ground: Ground, loop: Loop) {
    this.#ground = ground;
    this.#loop = loop;
  }

  /** Nobody would say it again: all its tries are made at once. What one try met by chance, the next does not. */
  now(input: Input): Result<unknown> {
    const most = LIMITS.inputTries.value;
    for (let tries = 1; ; tries += 1) {
      const taken = this.#take(input, tries);
      if (taken !== null) return taken;
      if (tries === most) return refuse(failure('quarantined', `The town broke over this ${most} times; it is kept and a person is told.`));
    }
  }

  /** The runner says a report again until it is acknowledged: one try each time. A refusal: it must come again. */
  report(name: string, input: Input & { readonly command: Extract<Poison, { kind: 'runner.report' }> }): Result<unknown> {
    const { memory } = this.#ground;
    const tries = memory.triesOf(name) + 1;
    const taken = this.#take(input, tries);
    if (taken !== null) return taken;
    if (tries < LIMITS.inputTries.value) {
      memory.setTries(name, tries);
      return refuse(failure('internal', `The town broke over the report ${name}; it may be said again.`));
    }
    return this.#loop.handle({ ...input, command: { ...input.command, report: NOTHING } });
  }

  /** A person's retry of what is in quarantine: when it breaks the town again, it stays there and the person hears so. */
  again(envelope: Envelope): Result<unknown> {
    try {
      return this.#loop.handle(envelope);
    } catch (error) {
      const broken = failureOfException(error, { during: 'retry from quarantine', town: this.#ground.memory.townId() });
      return refuse(
        broken.code !== 'internal' ? broken : failure('quarantined', `It broke the town again and stays in quarantine. ${broken.message}`),
      );
    }
  }

  /** Null: the town broke; at the last try it has put the input aside. A platform that has no time, or no room on its disk, is not the input's fault, and ends the tries. */
  #take(input: Input, tries: number): Result<unknown> | null {
    try {
      return this.#loop.handle(input);
    } catch (error) {
      const { kind } = input.command;
      const broken = failureOfException(error, { during: 'input', input: kind, tries: String(tries), town: this.#ground.memory.townId() });
      if (broken.code !== 'internal') return refuse(broken);
      if (tries >= LIMITS.inputTries.value) this.#putAside(input, error, tries);
      return null;
    }
  }

  /** A town that cannot even do this has it in its log: leases and deadlines notice what it would have told (I3). */
  #putAside({ command, actor }: Input, error: unknown, tries: number): void {
    const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    try {
      this.#loop.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'quarantine', input: command, actor, error: told, tries } });
    } catch (worse) {
      logException(worse, { during: 'quarantine', input: command.kind, town: this.#ground.memory.townId() });
    }
  }
}
