import { LIMITS } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import type { GitOutput } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { Remotes } from './remote.ts';

const ONLY_THAT = ['--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--no-recurse-submodules'];

/** Two fetches into one mirror may move the same ref: the later one finds it moved, and nothing is wrong. */
const TRIES = 3;
const wasMovedMeanwhile = (output: Result<GitOutput>): boolean =>
  output.ok && !output.value.ok && /cannot lock ref/i.test(output.value.error);

/** Fetches these refs, and nothing else, from the repository into its mirror. `prune`: what the repository has no more goes. The output may be a failed one: the caller words it. */
export async function fetchRefs(
  remotes: Remotes,
  mirror: Mirror,
  refs: readonly string[],
  { prune = false } = {},
): Promise<Result<GitOutput>> {
  const { path: cwd, rigId, gitUrl, anonymous = false } = mirror;
  const options = prune ? ['--prune', ...ONLY_THAT] : ONLY_THAT;
  const call = { cwd, timeoutMs: LIMITS.cloneTimeoutMs.value };
  const fetchOnce = (): Promise<Result<GitOutput>> =>
    remotes.run(rigId, gitUrl, call, (url) => ['fetch', ...options, '--', url, ...refs], anonymous);
  let output = await fetchOnce();
  for (let tries = 1; tries < TRIES && wasMovedMeanwhile(output); tries++) output = await fetchOnce();
  return output;
}
