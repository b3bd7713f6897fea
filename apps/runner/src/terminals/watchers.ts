import { LIMITS } from '@gastown/protocol';

/**
 * Who watches a terminal, and how far each is. Output flows while the fastest watcher has credit: a flood waits for somebody to see it, and nobody waits for the slowest.
 * Who falls far behind gets nothing more until it has shown what is on its way, and then the screen as it is by then. Pure: no clock, no socket.
 */
interface Watcher {
  sent: number;
  shown: number;
  behind: boolean;
}
export interface WatchLimits {
  readonly window: number;
  /** On its way to one watcher while others are faster. */
  readonly lag: number;
}
const DEFAULTS: WatchLimits = { window: LIMITS.terminalWindowBytes.value, lag: 4 * LIMITS.terminalWindowBytes.value };

export class Watchers {
  readonly #all = new Map<number, Watcher>();
  readonly #limits: WatchLimits;
  constructor(limits: WatchLimits = DEFAULTS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  /** From here on it gets what comes. */
  join(viewer: number, offset: number): void {
    this.#all.set(viewer, { sent: offset, shown: offset, behind: false });
  }
  leave(viewer: number): void {
    this.#all.delete(viewer);
  }
  clear(): void {
    this.#all.clear();
  }
  all(): number[] {
    return [...this.#all.keys()];
  }

  /** Those to whom the output that ends at `end` goes. */
  pass(end: number): number[] {
    const to: number[] = [];
    for (const [viewer, watcher] of this.#all) {
      watcher.behind ||= watcher.sent - watcher.shown >= this.#limits.lag;
      if (watcher.behind) continue;
      watcher.sent = end;
      to.push(viewer);
    }
    return to;
  }

  /** True: it was behind, has shown everything it was sent, and needs the screen as it is now. */
  shown(viewer: number, offset: number): boolean {
    const watcher = this.#all.get(viewer);
    if (!watcher) return false;
    watcher.shown = Math.max(watcher.shown, Math.min(offset, watcher.sent));
    return watcher.behind && watcher.shown >= watcher.sent;
  }

  /** May the program write more? Also when nobody watches, or everybody is behind. */
  mayFlow(): boolean {
    const here = [...this.#all.values()].filter(({ behind }) => !behind);
    return here.length === 0 || here.some(({ sent, shown }) => sent - shown < this.#limits.window);
  }

  /** Nobody showed anything for too long: the program goes on without them. */
  giveUpOnAll(): void {
    for (const watcher of this.#all.values()) if (watcher.sent > watcher.shown) watcher.behind = true;
  }
}
