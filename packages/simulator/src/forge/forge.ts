import { failure, type Failure } from '@gastown/protocol';
import { GOOD_TOKEN } from '../people/secrets.ts';
import { Broken, type World } from '../world/world.ts';
import { isGreen, Repository } from './repository.ts';

/**
 * Where the repositories are. It is out of order at times, wants a token that is right, and other people push to it. Every move of a target branch by the town
 * is compared with what was tested (I4, I5): this is the one place that knows both.
 */
export class Forge {
  readonly #world: World;
  readonly #repositories = new Map<string, Repository>();
  #outUntil = 0;
  #made = 0;
  /** Repositories that want a token, and got one that is wrong or none. */
  readonly #closed = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  at(url: string): Repository {
    let found = this.#repositories.get(url);
    if (!found) this.#repositories.set(url, (found = new Repository(url, url.includes('empty'), () => this.#newSha())));
    return found;
  }
  /** Commit ids are numbers, written as git writes its own. */
  #newSha(): string {
    this.#made += 1;
    return this.#made.toString(16).padStart(40, '0');
  }
  all(): Repository[] {
    return [...this.#repositories.values()];
  }

  /** May this be done now, with this token? */
  refusal(url: string, token: string | null): Failure | null {
    if (this.#world.now < this.#outUntil) return failure('repository_unreachable', 'The forge does not answer.');
    if (url.includes('gone')) return failure('repository_not_found', 'There is nothing at this address.');
    return this.#closed.has(url) && token !== GOOD_TOKEN ? failure('repository_refused', 'The forge does not know this token.') : null;
  }
  goesOut(ms: number): void {
    this.#outUntil = this.#world.now + ms;
    this.#world.tell('forge', () => `is out of order for ${Math.round(ms / 1_000)} s`);
  }
  wantsToken(url: string): void {
    this.#closed.add(url);
    this.#world.tell('forge', () => `${url} wants a token from now on`);
  }
  recovers(): void {
    this.#outUntil = 0;
    this.#closed.clear();
  }

  /** Somebody else pushes to the target branch. */
  pushByOthers(repository: Repository, file: string, content: string): void {
    const head = repository.head(repository.target);
    const commit = repository.commit(head, new Map(repository.treeOf(head)).set(file, content));
    repository.swap(repository.target, head, commit.sha);
    repository.moves.push({ sha: commit.sha, by: 'others' });
    this.#world.tell(
      'somebody',
      () => `pushes ${content.startsWith('red') ? 'something broken' : 'a change'} to ${repository.target} of ${repository.url}`,
    );
  }
  /** Somebody gives the target branch another name. */
  rename(repository: Repository): void {
    const before = repository.target;
    repository.rename(before === 'main' ? 'trunk' : 'main');
    this.#world.tell('somebody', () => `renames ${before} of ${repository.url} to ${repository.target}`);
  }
  /** Somebody mends what is broken on the target branch. */
  mend(repository: Repository): void {
    const tree = repository.treeOf(repository.head(repository.target));
    for (const [file, content] of tree) if (content.startsWith('red')) this.pushByOthers(repository, file, `mended ${this.#world.steps}`);
  }

  /** The town lands a commit by compare-and-swap. */
  land(repository: Repository, target: string, base: string | null, sha: string): 'ok' | 'stale' {
    if (repository.swap(target, base, sha) === 'stale')
      return repository.contains(repository.head(repository.target), sha) ? 'ok' : 'stale';
    const commit = repository.commits.get(sha);
    if (!commit || commit.parent !== base) throw new Broken('I4', `${sha} was landed on ${base}, it was built on ${commit?.parent}`);
    const verdict = repository.verdicts.get(sha);
    if (!verdict?.passed) throw new Broken('I5', `${sha} was landed, and the gates ${verdict ? 'had failed on it' : 'never ran on it'}`);
    for (const other of repository.history(base))
      if (commit.mergeId !== null && other.mergeId === commit.mergeId)
        throw new Broken('I4', `${commit.mergeId} was landed twice, as ${other.sha} and ${sha}`);
    repository.moves.push({ sha, by: 'town' });
    this.#world.tell('forge', () => `${target} of ${repository.url} moves to ${sha.slice(-6)}, the result of ${commit.mergeId}`);
    return 'ok';
  }

  /** What the gates say of a tree, apart from their own moods. */
  judge(repository: Repository, sha: string): boolean {
    return isGreen(repository.treeOf(sha));
  }
}
