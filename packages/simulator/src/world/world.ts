import type { Plan } from '../plan.ts';
import { FAULT_KINDS, FAULTS, isOfNetwork, type FaultKind } from './faults.ts';
import { Queue, type Planned } from './queue.ts';
import { Random } from './random.ts';

/** One line of the story. */
export interface Line {
  readonly step: number;
  readonly at: number;
  readonly who: string;
  readonly what: string;
}
/** What was found broken, and by which rule. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly step: number;
}
/** A rule is broken: the run ends here. */
export class Broken extends Error {
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

export const START = Date.UTC(2026, 0, 5, 9);

/** Clock, queue, chance and story of one run. Everything that happens is an event of the queue; a step is one event. */
export class World {
  now = START;
  /** How far the clock of the town is off; what counts elapsed time goes on. */
  clockOff = 0;
  steps = 0;
  /** Commands that reached the core. */
  commands = 0;
  calm = false;
  readonly plan: Plan;
  readonly queue = new Queue();
  readonly faults = new Map<FaultKind, number>();
  readonly story: Line[] | null;
  readonly counts = { duplicates: 0, lateOrReordered: 0, networkFaults: 0 };
  /** Commands and tools by what came of them. */
  readonly used = { accepted: new Map<string, number>(), refused: new Map<string, number>() };
  /** Every occurrence of a fault, by name and number: what a shrinker may spare. */
  readonly occurred: string[] = [];
  readonly #rates = new Map<FaultKind, number>();
  readonly #streams = new Map<FaultKind, Random>();
  readonly #struck: ReadonlySet<string> | null;

  constructor(plan: Plan, telling: boolean) {
    this.plan = plan;
    this.story = telling ? [] : null;
    this.#struck = plan.strikes ? new Set(plan.strikes) : null;
    for (const kind of FAULT_KINDS) {
      const swarm = this.stream(`swarm ${kind}`);
      const rate = swarm.chance(0.5) ? FAULTS[kind] * (0.3 + 2 * swarm.share()) : 0;
      this.#rates.set(kind, plan.only && !plan.only.includes(kind) ? 0 : (plan.rates?.[kind] ?? rate));
    }
  }

  /** What the clock of the town says. */
  get townTime(): number {
    return this.now + this.clockOff;
  }

  stream(name: string): Random {
    return new Random(this.plan.seed, name);
  }

  /** After `ms`: one step. */
  after(ms: number, act: () => void): Planned {
    return this.queue.plan(this.now + ms, act);
  }

  /** Does this go wrong now? Never in a calm world. */
  strikes(kind: FaultKind): boolean {
    const rate = this.#rates.get(kind) ?? 0;
    if (this.calm || rate === 0) return false;
    let stream = this.#streams.get(kind);
    if (!stream) this.#streams.set(kind, (stream = this.stream(`fault ${kind}`)));
    if (!stream.chance(rate)) return false;
    const times = (this.faults.get(kind) ?? 0) + 1;
    this.faults.set(kind, times);
    const name = `${kind}#${times}`;
    if (this.#struck && !this.#struck.has(name)) return false;
    this.occurred.push(name);
    if (isOfNetwork(kind)) this.counts.networkFaults += 1;
    return true;
  }

  /** A line of the story; `what` is worded only when somebody listens. */
  tell(who: string, what: () => string): void {
    this.story?.push({ step: this.steps, at: this.now, who, what: what() });
  }
}
