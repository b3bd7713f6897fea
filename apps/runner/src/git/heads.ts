import { ok, parseWorkBranch } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import type { Mirror } from './mirror.ts';
import { checked, lines } from './remote.ts';
import type { Remotes } from './remote.ts';

/** The branches that a repository has at this moment, without work branches: these say nothing about it, with nothing but them it still is empty. */
export interface Heads {
  /** Which one it calls its default; null: none of these, or it does not say. */
  readonly named: string | null;
  readonly heads: ReadonlyMap<string, string>;
}

export async function headsOf(remotes: Remotes, mirror: Mirror): Promise<Result<Heads>> {
  const output = await remotes.run(mirror.rigId, mirror.gitUrl, { cwd: mirror.path }, (url) => [
    'ls-remote',
    '--symref',
    '--',
    url,
    'HEAD',
    'refs/heads/*',
  ]);
  const listed = checked(output, 'Could not read the repository');
  if (!listed.ok) return listed;
  const heads = new Map<string, string>();
  let named: string | null = null;
  for (const line of lines(listed.value)) {
    const symref = /^ref: refs\/heads\/(\S+)\tHEAD$/.exec(line);
    if (symref && parseWorkBranch(symref[1]!) === null) named = symref[1]!;
    const head = /^([0-9a-f]{40})\trefs\/heads\/(\S+)$/.exec(line);
    if (head && parseWorkBranch(head[2]!) === null) heads.set(head[2]!, head[1]!);
  }
  return ok({ named, heads });
}
