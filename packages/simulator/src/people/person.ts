import { PersonCommand } from '@gastown/protocol';
import type { Envelope } from '@gastown/town';
import type { Shell } from '../town/shell.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { secretOf } from './secrets.ts';
import type { Wishes } from './wishes.ts';

/** A person at a page: wishes something from time to time, clicks twice, mistypes, and says it again with the same key when no answer came. */
const PAUSE_MS = 15_000;
const SAY_AGAIN_MS = 2_000;

export class Person {
  readonly #world: World;
  readonly #shell: Shell;
  readonly #wishes: Wishes;
  readonly #random: Random;
  readonly name: string;
  #keys = 0;

  constructor(world: World, shell: Shell, wishes: Wishes, name: string) {
    this.#world = world;
    this.#shell = shell;
    this.#wishes = wishes;
    this.name = name;
    this.#random = world.stream(name);
  }

  begin(): void {
    this.#world.after(this.#random.wait(this.#world.plan.pauseMs ?? PAUSE_MS), () => {
      if (this.#world.calm) return;
      if (this.#random.chance(0.65)) this.wish(this.#command());
      else if (!this.#wishes.isBusy())
        for (let n = this.#random.below(3); n >= 0; n -= 1) this.wish(this.#wishes.likely('bead.create', this.#random));
      this.begin();
    });
  }
  #command(): unknown {
    const command = this.#wishes.command(this.#random);
    return this.#world.strikes('people.bad_input') ? spoiled(command, this.#random) : command;
  }

  /** What the edge refuses never reaches the town. */
  wish(wished: unknown): void {
    const parsed = PersonCommand.safeParse(wished);
    if (!parsed.success)
      return this.#world.tell(this.name, () => `is told by the edge that ${JSON.stringify(wished).slice(0, 90)} is wrong`);
    const command = parsed.data;
    const envelope: Envelope = {
      key: `${this.name}:${(this.#keys += 1)}`,
      actor: { kind: 'person', id: this.name, name: this.name },
      command: { kind: 'person', command, secret: secretOf(command) },
    };
    this.#say(envelope, worded(command));
    if (!this.#world.strikes('people.double_click')) return;
    this.#world.counts.duplicates += 1;
    this.#later(this.#random.wait(600), () => this.#say(envelope, `${worded(command)}, a second time`));
  }
  /** In the calm nobody comes back to a wish of the storm: it might take back what was put right. */
  #later(ms: number, act: () => void): void {
    this.#world.after(ms, () => void (this.#world.calm || act()));
  }
  #say(envelope: Envelope, text: string): void {
    const answer = this.#shell.handle(envelope);
    if (answer === null) {
      this.#world.counts.duplicates += 1;
      this.#later(SAY_AGAIN_MS, () => this.#say(envelope, text));
      return;
    }
    this.#world.tell(
      this.name,
      () => `${text.slice(0, 150)} → ${answer.ok ? JSON.stringify(answer.value).slice(0, 60) : answer.failure.code}`,
    );
  }
}

/** `bead.create rigId rig-1, title "bead"`. */
const worded = ({ kind, ...fields }: PersonCommand): string =>
  [
    kind,
    Object.entries(fields)
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      .join(', '),
  ]
    .join(' ')
    .trim();

/** One field is wrong: missing, of another type, or an id of nothing. */
function spoiled(command: unknown, random: Random): unknown {
  if (typeof command !== 'object' || command === null) return command;
  const fields = Object.keys(command).filter((field) => field !== 'kind');
  const field = random.pick(fields);
  if (!field) return { kind: 'no.such' };
  const wrong = random.pick([undefined, 7, '', 'gt-ffffffff', '\u0000', { $ne: 1 }, 'x'.repeat(300)]);
  return { ...command, [field]: wrong };
}
