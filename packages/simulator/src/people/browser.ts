import { TABLE_NAMES, type ServerFrame, type Snapshot } from '@gastown/protocol';
import type { BrowserSocket, Shell } from '../town/shell.ts';
import type { Random } from '../world/random.ts';
import { Broken, type World } from '../world/world.ts';
import { Wire } from '../world/wire.ts';

/** A page with its copy of the town: it is pushed deltas, is cut, and comes back with the revision it holds (architecture §6). */
/** A snapshot of a table with fewer rows than this is all of it; a page that is older may know more. */
const OF_A_SNAPSHOT = 100;
type Rows = Map<string | number, unknown>;

export class Browser {
  readonly name: string;
  readonly #world: World;
  readonly #shell: Shell;
  readonly #random: Random;
  readonly #tables = new Map<string, Rows>(TABLE_NAMES.map((name) => [name, new Map()]));
  #rev: number | null = null;
  #epoch: string | null = null;
  #here = true;
  /** A frame came since it was compared last. */
  #news = false;

  constructor(world: World, shell: Shell, name: string) {
    this.#world = world;
    this.#shell = shell;
    this.name = name;
    this.#random = world.stream(name);
    this.#connect();
  }

  #connect(): void {
    const options = { hostile: false, delayMs: 20, cut: 'browser.cut', slow: 'browser.slow' } as const;
    const socket: BrowserSocket = { rev: null, say: (frame) => wire.down(frame) };
    const wire: Wire<{ rev: number | null; epoch: string | null }, ServerFrame> = new Wire(this.#world, this.#random, options, {
      client: {
        receive: (frame) => this.#apply(frame),
        closed: () => this.#comeBack(),
      },
      server: {
        receive: ({ rev, epoch }) => {
          if (this.#shell.town) this.#shell.greetBrowser(socket, rev, epoch);
          else wire.cut();
        },
        closed: () => this.#shell.pageGone(socket),
      },
    });
    this.#shell.sockets.set(socket, () => wire.cut());
    wire.up({ rev: this.#rev, epoch: this.#epoch });
  }
  #comeBack(): void {
    if (!this.#here || this.#shell.memory.deleted) return;
    this.#world.after(this.#random.wait(1_500), () => this.#connect());
  }

  #apply(frame: ServerFrame): void {
    const fresh = frame.t === 'snapshot' || frame.epoch !== this.#epoch;
    if (!fresh && this.#rev !== null && frame.rev <= this.#rev) return;
    for (const name of TABLE_NAMES) {
      const rows = this.#tables.get(name)!;
      if (fresh) rows.clear();
      for (const row of frame.put[name] ?? []) rows.set(row.id, row);
      if (frame.t === 'delta') for (const id of frame.drop[name] ?? []) rows.delete(id);
    }
    this.#rev = frame.rev;
    this.#epoch = frame.epoch;
    this.#news = true;
  }

  /** It came to the town's revision, and nobody has looked at it there. */
  hasArrived(rev: number): boolean {
    return this.#news && this.#rev === rev;
  }
  /** I17: a page that is as far as the town shows the same rows, byte for byte. Of events it may know older ones. */
  compare(rev: number, snapshot: () => Snapshot): void {
    if (this.#rev !== rev) return;
    this.#news = false;
    const { put } = snapshot();
    for (const name of TABLE_NAMES) {
      const mine = this.#tables.get(name)!;
      const theirs: readonly { id: string | number }[] = put[name] ?? [];
      if (theirs.length < OF_A_SNAPSHOT && mine.size !== theirs.length)
        throw new Broken('I17', `${this.name} has ${mine.size} ${name}, the town ${theirs.length}: ${odd(mine, theirs)}`);
      for (const row of theirs) this.#compareRow(name, row, mine.get(row.id));
    }
  }
  #compareRow(table: string, row: { id: string | number }, mine: unknown): void {
    if (mine === row) return;
    if (textOf(mine) !== textOf(row)) throw new Broken('I17', `${this.name} shows of ${table} ${row.id} ${difference(mine, row)}`);
  }
  get rev(): number | null {
    return this.#rev;
  }
}

/** Pages hold the rows of the frames that all of them were sent: each is written down once. */
const texts = new WeakMap<object, string>();
function textOf(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = JSON.stringify(row);
  texts.set(row, text);
  return text;
}

function odd(mine: Rows, theirs: readonly { id: string | number }[]): string {
  const there = new Set(theirs.map((row) => row.id));
  const extra = [...mine.keys()].filter((id) => !there.has(id));
  const missing = theirs.filter((row) => !mine.has(row.id)).map((row) => row.id);
  return `only in the page ${extra.join(', ') || 'none'}, only in the town ${missing.join(', ') || 'none'}`;
}
function difference(mine: unknown, row: object): string {
  if (typeof mine !== 'object' || mine === null) return 'nothing';
  return Object.entries(row)
    .flatMap(([column, value]) => {
      const shown: unknown = (mine as Record<string, unknown>)[column];
      return JSON.stringify(shown) === JSON.stringify(value)
        ? []
        : [`${column} ${JSON.stringify(shown)} where it is ${JSON.stringify(value)}`];
    })
    .join('; ');
}
