import { checkInvariants, openAuditor, type Auditor, type Finding } from '@gastown/town/invariants';
import type { Snapshot } from '@gastown/protocol';
import type { Browser } from '../people/browser.ts';
import { mustHideSecrets } from '../people/secrets.ts';
import { Broken, type World } from '../world/world.ts';
import type { Shell } from './shell.ts';
import type { Store } from './store.ts';

/** Every so many steps also the pages that heard nothing since they were compared: the town may have changed without a word. */
const COMPARE_EVERY = 150;
/** Every so many steps every row is read: the ledger replays to the tables (I6). */
const REPLAY_EVERY = 100;

/** What is looked at: after each command the core's own checkers (I1 to I15, I19, I20) and what its events say of secrets (I16); after each step the pages that are as far as the town (I17). */
export class Watch {
  readonly #world: World;
  readonly #shell: Shell;
  readonly #browsers: readonly Browser[];
  readonly #store: Store;
  readonly #auditor: Auditor;
  #lastEvent = 0;
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
    if (tables.has('bead_events')) this.#ledger();
  }

  #ledger(): void {
    for (const event of this.#store.sql.all('SELECT * FROM bead_events WHERE id > ? ORDER BY id', this.#lastEvent)) {
      this.#lastEvent = Number(event['id']);
      mustHideSecrets('the ledger', event);
    }
  }

  look(): void {
    this.rows();
    if (!this.#shell.town) return;
    if (this.#world.steps % REPLAY_EVERY === 0) mustBeSound(this.#auditor.lookAtAll(this.#world.townTime));
    this.#pages();
  }

  /** Each page as soon as it is as far as the town, and from time to time whether it still is; one that is behind when it has come, at the latest at the end. */
  #pages(): void {
    const { town } = this.#shell;
    if (!town?.exists()) return;
    const rev = town.rev();
    const all = this.#world.steps % (this.#world.plan.compareEvery ?? COMPARE_EVERY) === 0;
    for (const browser of this.#browsers) if (all || browser.hasArrived(rev)) browser.compare(rev, () => (this.#shown ??= town.snapshot()));
  }

  /** Everything anew, by one who has seen nothing. */
  atTheEnd(): void {
    const { town } = this.#shell;
    if (!town) return;
    mustBeSound(checkInvariants(this.#store.sql, this.#world.townTime));
    if (!town.exists()) return;
    const shown = town.snapshot();
    mustHideSecrets('what pages are shown', shown);
    for (const browser of this.#browsers) {
      if (browser.rev !== shown.rev) throw new Broken('I17', `${browser.name} is at ${browser.rev}, and the town rests at ${shown.rev}`);
      browser.compare(shown.rev, () => shown);
    }
  }
}

function mustBeSound([found]: readonly Finding[]): void {
  if (found) throw new Broken(found.invariant, found.message);
}
