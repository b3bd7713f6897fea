import type { Result, Sha } from '@gastown/protocol';
import type { Git } from './git.ts';

const MOST = 1_000;

/** What is in a commit never changes, in whichever repository: git is asked once for each. A failure is no answer, and is asked for again. */
export function ofCommit<T>(
  ask: (git: Git, repository: string, commit: Sha) => Promise<Result<T>>,
): (git: Git, repository: string, commit: Sha) => Promise<Result<T>> {
  const known = new Map<Sha, Result<T>>();
  return async (git, repository, commit) => {
    const before = known.get(commit);
    if (before !== undefined) return before;
    const answer = await ask(git, repository, commit);
    if (!answer.ok) return answer;
    known.set(commit, answer);
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    return answer;
  };
}
