import { LIMITS, ok, refuse, RigToBrowse } from '@gastown/protocol';
import type { Failure, Json, Result, ToolAnswer } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror, Mirrors } from '../git/mirror.ts';
import type { KeyedLock } from '../system/keyed-lock.ts';
import { cleanPath, commitFor, lookAt } from './look.ts';

export interface BrowseSurroundings {
  readonly git: Git;
  readonly mirrors: Mirrors;
  /** One rig's repository is talked to by one at a time. */
  readonly locks: KeyedLock;
}

/**
 * Answers `gt_rig_browse` (MY-9): the town said that the caller may look, and which rig it is; what is there is read here, from the mirror, which is cloned if it is missing and fetched if it is not fresh.
 */
export async function browseRig(
  around: BrowseSurroundings,
  allowed: ToolAnswer,
  args: Readonly<Record<string, Json>>,
): Promise<Result<ToolAnswer>> {
  const rig = RigToBrowse.parse(allowed.data);
  const path = cleanPath(textOf(args['path']) ?? '');
  if (!path.ok) return path;
  const fresh = await freshMirror(around, rig);
  if (!fresh.ok) return fresh;
  const { mirror, stale } = fresh.value;
  const ref = textOf(args['ref']) ?? rig.default_branch;
  const commit = await commitFor(around.git, mirror.path, ref);
  if (!commit.ok && rig.empty && stale === null) return ok({ ...allowed, summary: `The repository of ${rig.name} is empty.`, data: null });
  // Where nothing could be fetched, that is why the ref is not there.
  if (!commit.ok) return stale === null ? commit : refuse(stale);
  const fromLine = typeof args['from_line'] === 'number' ? args['from_line'] : 1;
  const seen = await lookAt(around.git, mirror.path, { commit: commit.value, path: path.value, fromLine });
  if (!seen.ok) return seen;
  const old = stale === null ? '' : ` It may be out of date, the repository could not be asked: ${stale.message}`;
  return ok({
    summary: `${rig.name} at ${ref} (${commit.value.slice(0, 12)}), ${seen.value.summary}${old}`,
    data: seen.value.text === '' ? null : seen.value.text,
    links: allowed.links,
  });
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** `stale`: why it could not be freshened. */
export function freshMirror(
  { mirrors, locks }: BrowseSurroundings,
  { rig_id: rigId, git_url: gitUrl }: Pick<RigToBrowse, 'rig_id' | 'git_url'>,
): Promise<Result<{ mirror: Mirror; stale: Failure | null }>> {
  return locks.run(rigId, async () => {
    const opened = await mirrors.open(rigId, gitUrl);
    if (!opened.ok) return opened;
    const fetched = await mirrors.freshen(opened.value, LIMITS.browseFreshMs.value);
    return ok({ mirror: opened.value, stale: fetched.ok ? null : fetched.failure });
  });
}
