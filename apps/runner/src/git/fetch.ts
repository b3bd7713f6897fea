import { LIMITS } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import type { GitOutput } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { Remotes } from './remote.ts';

const ONLY_THAT = ['--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];

/** Fetches these refs, and nothing else, from the repository into its mirror. `prune`: what the repository has no more goes. The output may be a failed one: the caller words it. */
export function fetchRefs(remotes: Remotes, mirror: Mirror, refs: readonly string[], { prune = false } = {}): Promise<Result<GitOutput>> {
  const { path: cwd, rigId, gitUrl, anonymous = false } = mirror;
  const options = prune ? ['--prune', ...ONLY_THAT] : ONLY_THAT;
  const call = { cwd, timeoutMs: LIMITS.cloneTimeoutMs.value };
  return remotes.run(rigId, gitUrl, call, (url) => ['fetch', ...options, '--', url, ...refs], anonymous);
}
