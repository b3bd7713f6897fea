import { checkInvariants, openAuditor, type Auditor, type Finding } from '@gastown/town/invariants';
import type { Snapshot } from '@gastown/protocol';
import type { Browser } from '../people/browser.ts';
import { Broken, type World } from '../world/world.ts';
import type { Shell } from './shell.ts';
import type { Store } from './store.ts';

/** What is looked at: after each command the core's own checkers (I1–I14), from time to time every page (I17) and what may be seen of secrets (I16). */
const COMPARE_EVERY = 150;
/** Every row is read: the ledger replays to the tables (I6). */
const REPLAY_EVERY = 25;

export class Watch {
  readonly #world: World;
  readonly #shell: Shell;
  readonly #browsers: readonly Browser[];
  readonly #store: Store;
  readonly #auditor: Auditor;
  /** What the town shows, as long as nothing is written. */
  #shown: Snapshot | null = null;

  /** `store`: as it is, whatever a planted bug says of it. */
  constructor(world: World, shell: Shell, store: Store, browsers: readonly Browser[]) {
    this.#world = world;
    this.#shell = shell;
    this.#browsers = browsers;
    this.#auditor = openAuditor(store.sql);
    this.#store = store;
  }

  /** After each command: several may come in one step, and what was right when the first began something need not be so after the last. */
  rows(): void {
    if (!this.#shell.town) return;
    const tables = this.#store.takeTables();
    if (tables.size === 0) return;
    this.#shown = null;
    mustBeSound(this.#auditor.look(this.#world.townTime, tables));
  }

  look(): void {
    this.rows();
    if (!this.#shell.town) return;
    if (this.#world.steps % REPLAY_EVERY === 0) mustBeSound(this.#auditor.lookAtAll(this.#world.townTime));
    if (this.#world.steps % (this.#world.plan.compareEvery ?? COMPARE_EVERY) === 0) this.pages();
  }

  pages(): void {
    const { town } = this.#shell;
    if (!town?.exists()) return;
    const rev = town.rev();
    for (const browser of this.#browsers) browser.compare(rev, () => (this.#shown ??= town.snapshot()));
  }

  /** Everything anew, by one who has seen nothing. */
  atTheEnd(): void {
    const { town } = this.#shell;
    if (!town) return;
    mustBeSound(checkInvariants(this.#store.sql, this.#world.townTime));
    this.pages();
    if (JSON.stringify(town.snapshot()).includes('sealed:')) throw new Broken('I16', 'a sealed secret is in what pages are shown');
  }
}

function mustBeSound([found]: readonly Finding[]): void {
  if (found) throw new Broken(found.invariant, found.message);
}
