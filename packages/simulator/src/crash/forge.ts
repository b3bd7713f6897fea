import { sha } from '@gastown/town/testing';

/** The repositories: one target branch each, moved by compare-and-swap. What the shell and its runner forget, it keeps. */
export class Forge {
  readonly #heads = new Map<string, string>();
  readonly #results = new Map<string, { commit: string; base: string }>();
  /** Each landing on a target branch: of which merge request. */
  readonly landings: string[] = [];
  #pushed = 0;

  head(url: string): string {
    return this.#heads.get(url) ?? sha('base');
  }
  pushByOthers(url: string): void {
    this.#pushed += 1;
    this.#heads.set(url, sha(`others ${this.#pushed} ${url}`));
  }
  /** The merge result on the head as it is now; the same again when nothing moved. */
  build(url: string, mergeId: string): { landed: string } | { base: string; commit: string } {
    const known = this.#results.get(mergeId);
    if (known && this.landings.includes(mergeId)) return { landed: known.commit };
    const base = this.head(url);
    const commit = sha(`merge ${mergeId} on ${base}`);
    this.#results.set(mergeId, { commit, base });
    return { base, commit };
  }
  /** `false`: the target is somewhere else. A landing that was made already is made. */
  land(url: string, mergeId: string, base: string | null, commit: string): boolean {
    if (this.landings.includes(mergeId) && this.#results.get(mergeId)?.commit === commit) return true;
    if (this.head(url) !== base) return false;
    this.#heads.set(url, commit);
    this.landings.push(mergeId);
    return true;
  }
}
