/**
 * A repository with what of git decides a landing: commits with trees, branches, merges of three trees, compare-and-swap. A tree is a map of file to content;
 * a content that begins with `red` breaks the gates.
 */
export type Tree = ReadonlyMap<string, string>;
export interface Commit {
  readonly sha: string;
  readonly parent: string | null;
  readonly tree: Tree;
  /** The merge request whose result this is. */
  readonly mergeId: string | null;
}
/** What the gates said of exactly this commit. */
export interface Verdict {
  readonly passed: boolean;
  readonly gates: readonly string[];
}
export type Pushed = 'ok' | 'stale';

export class Repository {
  readonly url: string;
  readonly commits = new Map<string, Commit>();
  readonly branches = new Map<string, string>();
  /** By commit: the newest verdict of gates that ran on it. */
  readonly verdicts = new Map<string, Verdict>();
  /** Every commit that the target branch was moved to, oldest first, and who moved it. */
  readonly moves: { sha: string; by: 'town' | 'others' }[] = [];
  /** What the branch is called that its people take for the one to land on. */
  target = 'main';
  readonly #newSha: () => string;
  constructor(url: string, empty: boolean, newSha: () => string) {
    this.url = url;
    this.#newSha = newSha;
    if (!empty) this.branches.set(this.target, this.commit(null, new Map([['README.md', 'hello']])).sha);
  }

  commit(parent: string | null, tree: Tree, mergeId: string | null = null): Commit {
    const commit: Commit = { sha: this.#newSha(), parent, tree, mergeId };
    this.commits.set(commit.sha, commit);
    return commit;
  }
  head(branch: string): string | null {
    return this.branches.get(branch) ?? null;
  }
  /** Gone: it has another name now. Where there is no commit yet, it is only to come. */
  lacks(branch: string): boolean {
    return this.head(branch) === null && this.head(this.target) !== null;
  }
  rename(to: string): void {
    const head = this.head(this.target);
    if (head === null) return;
    this.branches.delete(this.target);
    this.branches.set(to, head);
    this.target = to;
  }
  treeOf(sha: string | null): Tree {
    return (sha && this.commits.get(sha)?.tree) || new Map();
  }

  /** From this commit back to the first, newest first. */
  *history(from: string | null): Generator<Commit> {
    for (
      let commit = from ? this.commits.get(from) : undefined;
      commit;
      commit = commit.parent ? this.commits.get(commit.parent) : undefined
    )
      yield commit;
  }
  contains(head: string | null, sha: string): boolean {
    for (const commit of this.history(head)) if (commit.sha === sha) return true;
    return false;
  }
  /** Commits of `head` that `base` does not have, newest first. */
  beyond(base: string | null, head: string): Commit[] {
    const known = new Set([...this.history(base)].map((commit) => commit.sha));
    return [...this.history(head)].filter((commit) => !known.has(commit.sha));
  }
  #fork(a: string | null, b: string): string | null {
    const known = new Set([...this.history(a)].map((commit) => commit.sha));
    for (const commit of this.history(b)) if (known.has(commit.sha)) return commit.sha;
    return null;
  }

  /** The merge of `head` onto `base`, or the files in which both changed. */
  merge(base: string | null, head: string): { tree: Tree } | { conflicts: string[] } {
    const fork = this.treeOf(this.#fork(base, head));
    const [ours, theirs] = [this.treeOf(base), this.treeOf(head)];
    const tree = new Map(ours);
    const conflicts: string[] = [];
    for (const [file, content] of theirs) {
      if (content === fork.get(file) || content === ours.get(file)) continue;
      if (ours.get(file) !== fork.get(file)) conflicts.push(file);
      tree.set(file, content);
    }
    return conflicts.length > 0 ? { conflicts } : { tree };
  }

  /** Moves a branch if it is where it is expected to be. */
  swap(branch: string, expected: string | null, to: string | null): Pushed {
    if (this.head(branch) !== expected) return 'stale';
    if (to === null) this.branches.delete(branch);
    else this.branches.set(branch, to);
    return 'ok';
  }
}

export const isGreen = (tree: Tree): boolean => ![...tree.values()].some((content) => content.startsWith('red'));
export const sameTree = (a: Tree, b: Tree): boolean => a.size === b.size && [...a].every(([file, content]) => b.get(file) === content);
