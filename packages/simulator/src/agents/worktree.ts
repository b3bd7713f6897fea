import { failure, ok, refuse, type DoneEvidence, type Result, type Sha } from '@gastown/protocol';
import type { Repository, Tree } from '../forge/repository.ts';
import type { Runner } from '../runner/runner.ts';
import type { RunStart } from '../runner/session.ts';
import type { Random } from '../world/random.ts';

/** The worktree of one run: what the agent has committed, what of it is in the repository, and what the runner sees when the agent says that it is done. */
const FILES = 14;

export class Worktree {
  readonly #repository: Repository;
  readonly #branch: string;
  readonly #target: string | null;
  readonly #random: Random;
  readonly #name: string;
  #head: string | null;
  #handedIn = false;
  /** What the town accepted: told again for a second call, and nothing is looked at or pushed for that. */
  #accepted: { readonly seen: DoneEvidence | null } | null = null;
  #made = 0;

  constructor(repository: Repository, start: RunStart, random: Random) {
    this.#repository = repository;
    this.#branch = start.context.branch ?? '';
    this.#target = start.context.targetBranch;
    this.#random = random;
    this.#name = start.runId.slice(4, 10);
    this.#head = repository.head(this.#branch) ?? repository.head(repository.target);
    if (start.context.earlier.length > 0) this.#begunAnew();
  }

  /** What an earlier run left is brought onto the target as it is now, and conflicts are resolved in its favour. */
  #begunAnew(): void {
    const repository = this.#repository;
    const target = repository.head(repository.target);
    if (this.#head === null || repository.beyond(target, this.#head).length === 0) {
      this.#head = target;
      return;
    }
    const merged = repository.merge(target, this.#head);
    const tree: Tree = 'tree' in merged ? merged.tree : new Map([...repository.treeOf(target), ...repository.treeOf(this.#head)]);
    this.#head = repository.commit(target, tree).sha;
  }

  /** A change to a file or two. Who mends also puts right what is broken. */
  work(breaks: boolean): void {
    const repository = this.#repository;
    const tree = new Map(repository.treeOf(this.#head));
    if (!breaks) for (const [file, content] of tree) if (content.startsWith('red')) tree.set(file, `mended by ${this.#name}`);
    this.#made += 1;
    tree.set(`file-${this.#random.below(FILES)}`, `${breaks ? 'red' : 'green'} ${this.#name} ${this.#made}`);
    this.#head = repository.commit(this.#head, tree).sha;
  }

  /** Pushed when a turn ends, if the forge answers; after the hand-in the branch belongs to the merge. */
  save(runner: Runner): void {
    const { forge } = runner.ground;
    if (this.#handedIn || this.#head === null || forge.refusal(this.#repository.url, null)) return;
    if (this.#repository.beyond(this.#repository.head(this.#repository.target), this.#head).length > 0)
      this.#repository.branches.set(this.#branch, this.#head);
  }

  /** The runner looks with its own eyes before a "done" goes to the town (apps/runner/src/runs/done.ts); a broken one tells something else. */
  handIn(runner: Runner, noChanges: boolean): Result<DoneEvidence | null> {
    if (this.#accepted) return ok(this.#accepted.seen);
    const { world, forge } = runner.ground;
    if (forge.refusal(this.#repository.url, null)?.code === 'repository_unreachable')
      return refuse(
        failure('not_pushed', 'The branch could not be handed in: the forge does not answer.', { cause: 'repository_unreachable' }),
      );
    const target = this.#target;
    if (target !== null && this.#repository.lacks(target))
      return refuse(
        failure('not_pushed', 'The branch could not be handed in: there is nothing to land on.', { cause: 'target_missing', target }),
      );
    const commits = this.#head === null ? [] : this.#repository.beyond(this.#repository.head(this.#repository.target), this.#head);
    if (commits.length === 0 && !noChanges) return refuse(failure('nothing_done'));
    if (noChanges || this.#head === null) return ok(null);
    this.#handedIn = true;
    this.#repository.branches.set(this.#branch, this.#head);
    const seen: DoneEvidence = {
      branch: this.#branch,
      headCommit: this.#head as Sha,
      ahead: commits.length,
      commits: commits.slice(0, 5).map(({ sha }) => ({ sha, subject: 'work', author: this.#name, at: world.now })),
    };
    if (!world.strikes('runner.lies')) return ok(seen);
    runner.tell(() => 'tells something else than it saw');
    return ok(
      this.#random.pick([
        null,
        { ...seen, branch: 'gt/other/branch' },
        { ...seen, ahead: 0 },
        { ...seen, headCommit: 'f'.repeat(40) as Sha },
      ]) ?? null,
    );
  }
  accepted(seen: DoneEvidence | null): void {
    this.#accepted ??= { seen };
  }
}
