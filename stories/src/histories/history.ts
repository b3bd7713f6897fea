import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BeadId, RigId } from '@gastown/protocol';
import { scriptedRunner, testTown, type TestTown } from '@gastown/town/testing';
import { Dice } from '../chaos/dice.ts';
import { NOTHING_YET, type Counts } from './counts.ts';
import { Forge } from './forge.ts';
import { Machine } from './machine.ts';
import { NO_PLANT, PLANTS } from './plants.ts';
import { Polecats } from './polecats.ts';
import { FIRST, WISHES, type Wish } from './tree.ts';
import { Trouble } from './trouble.ts';

export interface HistoryWish {
  readonly seed: number;
  readonly beads: number;
  /** A bug of `plants.ts`. */
  readonly plant?: string | undefined;
}

/**
 * One town with one repository, over real git: the real core on a clock of its own, the runner's own tests and landings, agents that work side by side and are
 * sometimes wrong, other people who push, gates that flake, connections that break at any command, runners that end in the middle. Then calm, until every bead is
 * closed. The same seed is the same history.
 */
export class History {
  readonly town: TestTown;
  readonly forge: Forge;
  readonly beads = new Map<BeadId, Wish>();
  readonly counts: Counts = { ...NOTHING_YET };
  readonly #wish: HistoryWish;
  readonly #trouble: Trouble;
  readonly #polecats: Polecats;
  readonly #machine: Machine;
  readonly #rigId: RigId;
  #pushes = 0;

  private constructor(wish: HistoryWish, folder: string, forge: Forge) {
    const dice = new Dice(wish.seed);
    this.#wish = wish;
    this.forge = forge;
    this.#trouble = new Trouble(dice, this.counts);
    this.town = testTown({ seed: wish.seed });
    const runner = scriptedRunner(this.town);
    this.#polecats = new Polecats(forge, runner, dice, (title) => [...this.beads.values()].find((one) => title === titleOf(one))!);
    const plant = (wish.plant === undefined ? undefined : PLANTS[wish.plant])?.(forge) ?? NO_PLANT;
    const somebodyPushes = (): Promise<void> => this.#somebodyPushes();
    this.#machine = new Machine({ folder, runner, polecats: this.#polecats, trouble: this.#trouble, plant, somebodyPushes });
    const gates = ['sh check.sh', `[ ! -e '${Machine.moodOf(folder)}' ]`];
    this.#rigId = this.town.must<{ rigId: RigId }>({ kind: 'rig.add', name: 'app', gitUrl: forge.bare, gates, maxPolecats: 4 }).rigId;
  }

  /** Plays it, looks at it, and leaves nothing on the disk. */
  static async play<T>(wish: HistoryWish, look: (history: History) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'gastown-history-'));
    try {
      await chmod(folder, 0o711);
      const history = new History(wish, folder, await Forge.open(path.join(folder, 'forge.git'), FIRST));
      for (let step = 0; step < 30 * wish.beads; step += 1) await history.#step();
      await history.#calm();
      return await look(history);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #step(): Promise<void> {
    const { dice } = this.#trouble;
    this.#machine.take();
    const roll = dice.next();
    if (roll < 0.12 && this.beads.size < this.#wish.beads) this.#create();
    else if (roll < 0.24) await this.#polecats.handIn(false);
    else if (roll < 0.27) await this.#somebodyPushes();
    else if (roll < 0.28) await this.#machine.end();
    else if (roll < 0.33) this.#pass(dice.between(1_000, 90_000));
    else if (roll < 0.38) await this.#machine.answerLate();
    else await this.#machine.performOne();
  }

  /** Nothing goes wrong any more, people mend what is broken and say once more what failed. */
  async #calm(): Promise<void> {
    this.#trouble.over = true;
    while (this.beads.size < this.#wish.beads) this.#create();
    await this.#mend();
    for (let round = 0; this.#open().length > 0; round += 1) {
      if (round > 2_000) throw new Error(`The town does not come to rest: ${this.#open().join(', ')}.`);
      this.#machine.take();
      if (await this.#machine.answerLate()) continue;
      if (await this.#machine.performOne()) continue;
      if (await this.#polecats.handIn(true)) continue;
      this.#askAgain();
      this.#pass(60_000);
    }
  }

  #create(): void {
    const { dice } = this.#trouble;
    const wish: Wish = { number: this.beads.size + 1, kind: dice.pick(WISHES), at: dice.between(0, 5) };
    const { beadId } = this.town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId: this.#rigId, title: titleOf(wish) });
    this.beads.set(beadId, wish);
  }

  /** In slices that are shorter than a lease: who works says so. */
  #pass(ms: number): void {
    for (let left = ms; left > 0; left -= 20_000) {
      this.town.sleep(Math.min(left, 20_000), () => this.#machine.take());
      this.#machine.renew();
    }
  }

  /** Now and then what others push is broken, and the town cannot land anything until somebody mends it. */
  async #somebodyPushes(): Promise<void> {
    this.#pushes += 1;
    this.counts.othersPushed += 1;
    const tree = new Map(await this.forge.treeOf((await this.forge.head('main'))!));
    const red = [...tree].filter(([file, content]) => file.startsWith('parts/others') && content === 'wrong\n').map(([file]) => file);
    for (const file of red) tree.set(file, 'mended\n');
    const wrong = red.length === 0 && this.#trouble.strikes(0.15);
    await this.forge.push(tree.set(`parts/others-${this.#pushes}`, wrong ? 'wrong\n' : 'right\n'), `Push ${this.#pushes}`);
  }
  #mend(): Promise<void> {
    return this.#somebodyPushes();
  }

  /** What a person does about beads that failed and merges that wait for one. */
  #askAgain(): void {
    const { beads, merges } = this.town.rows();
    for (const bead of beads) {
      if (!this.beads.has(bead.id)) continue;
      if (bead.status === 'failed') this.town.must({ kind: 'bead.retry', beadId: bead.id });
      const merge = merges.find(({ id }) => id === bead.mergeId);
      if (bead.wait?.code === 'needs_person' && merge?.phase === 'failed') this.town.person({ kind: 'merge.retry', mergeId: merge.id });
    }
  }

  #open(): string[] {
    const open = this.town.rows().beads.filter((bead) => this.beads.has(bead.id) && bead.status !== 'closed');
    return open.map(({ title, status, wait, failure }) => `“${title}” is ${status} (${wait?.code ?? failure?.code ?? 'no reason'})`);
  }
}

const titleOf = ({ number }: Wish): string => `Wish ${number}`;
