import { fileURLToPath } from 'node:url';
import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import type { Git } from './git.ts';
import { parseRepositoryUrl } from './url.ts';

const TAKES_THEM: readonly string[] = ['updateinstead', 'ignore', 'warn', 'false'];

/**
 * A folder of this machine that somebody works in: git refuses every push to the branch that is checked out there, and landing is such a push. Told when the repository is connected, not after the work is
 * done. Null: nothing of the kind is known. As of git's `receive.denyCurrentBranch`.
 */
export async function checkedOut(git: Git, gitUrl: string, branch: string): Promise<Failure | null> {
  const address = parseRepositoryUrl(gitUrl);
  if (!address.ok || address.value.kind !== 'path') return null;
  const cwd = address.value.url.startsWith('file:') ? fileURLToPath(address.value.url) : address.value.url;
  const [bare, current, deny] = await Promise.all([
    git({ cwd }, 'rev-parse', '--is-bare-repository'),
    git({ cwd }, 'symbolic-ref', '--quiet', '--short', 'HEAD'),
    git({ cwd }, 'config', '--get', 'receive.denyCurrentBranch'),
  ]);
  if (bare.out.trim() !== 'false' || current.out.trim() !== branch || TAKES_THEM.includes(deny.out.trim().toLowerCase())) return null;
  return failure(
    'repository_checked_out',
    `${cwd} is a folder that is worked in, with ${branch} checked out: git refuses a push to that branch, and landing is one.`,
    undefined,
    `Let git bring its files along: run git -C '${cwd}' config receive.denyCurrentBranch updateInstead, then reconnect it. Or give the address of a bare repository.`,
  );
}
