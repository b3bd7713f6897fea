import { failure, ok, refuse, Sha } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { mergeRef } from './refs.ts';
import { lines } from './remote.ts';
import { AGENT_EMAIL, committerName } from './signature.ts';
import type { Signature } from './signature.ts';

export interface SquashWish {
  readonly mergeId: string;
  readonly base: Sha | null;
  readonly head: Sha;
  readonly message: string;
  readonly signature: Signature;
}

/** Builds one commit on `base` with everything `head` brings, and keeps it under its merge ref. Touches no worktree. */
export async function squash(git: Git, mirror: Mirror, wish: SquashWish): Promise<Result<Sha>> {
  const tree = wish.base === null ? await treeOf(git, mirror, wish.head) : await mergedTree(git, mirror, wish.base, wish.head);
  if (!tree.ok) return tree;
  const before = wish.base === null ? null : await treeOf(git, mirror, wish.base);
  if (before !== null && before.ok && before.value === tree.value) {
    return refuse(
      failure('nothing_done', 'The branch changes nothing on the current target branch.', { base: wish.base, head: wish.head }),
    );
  }
  const { signature } = wish;
  const environment = {
    GIT_AUTHOR_NAME: signature.gitName,
    GIT_AUTHOR_EMAIL: signature.gitEmail,
    GIT_COMMITTER_NAME: committerName(signature.agentName),
    GIT_COMMITTER_EMAIL: AGENT_EMAIL,
  };
  const cwd = mirror.path;
  const made = await git(
    { cwd, environment, input: withTrailers(wish) },
    'commit-tree',
    '-F',
    '-',
    ...(wish.base === null ? [] : ['-p', wish.base]),
    tree.value,
  );
  if (!made.ok) return refuse(gitFailure(made, 'Could not make the merge commit'));
  const commit = Sha.parse(made.out.trim());
  const kept = await git({ cwd }, 'update-ref', mergeRef(wish.mergeId), commit);
  return kept.ok ? ok(commit) : refuse(gitFailure(kept, 'Could not keep the merge commit'));
}

const TRAILER = 'Merge-Request';

/** Any line that git could take for one of ours. */
const LIKE_OURS = /^\s*(merge-request|co-authored-by)\s*:/i;
/** Behind this line git reads nothing of a message. */
const SCISSORS = /^# -+ >8 -+$/;
const ANY_TRAILER = /^[A-Za-z][A-Za-z-]*: \S/;

/**
 * Who made it and for which merge request: the latter is how a landing that was not reported is recognised later (GT-11). So both stand in the last paragraph, where git looks for them, once, and nothing else is called so, whatever
 * the message says.
 */
function withTrailers({ message, mergeId, signature }: SquashWish): string {
  const ours = [`${TRAILER}: ${mergeId}`, `Co-authored-by: ${committerName(signature.agentName)} <${AGENT_EMAIL}>`];
  const lines = (message.replaceAll('\r', '').trim() || `Merge ${mergeId}`).split('\n');
  const from = lines.findLastIndex((line) => line.trim() === '') + 1;
  const last = from === 0 ? lines : lines.slice(from).filter((line) => !ours.includes(line));
  const isBlock = from > 0 && last.length > 0 && last.every((line) => ANY_TRAILER.test(line) && !LIKE_OURS.test(line));
  const text = [...lines.slice(0, from), ...last].map((line) => line.replace(LIKE_OURS, '$1 -').replace(SCISSORS, ' $&')).join('\n');
  return `${text.trimEnd()}${isBlock ? '\n' : '\n\n'}${ours.join('\n')}\n`;
}

async function treeOf(git: Git, mirror: Mirror, commit: Sha): Promise<Result<string>> {
  const output = await git({ cwd: mirror.path }, 'rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`);
  return output.ok ? ok(output.out.trim()) : refuse(gitFailure(output, 'Could not read the tree'));
}

/** A merge gone wrong can name every file of a repository. */
const MOST_FILES = 200;

async function mergedTree(git: Git, mirror: Mirror, base: Sha, head: Sha): Promise<Result<string>> {
  const output = await git({ cwd: mirror.path }, 'merge-tree', '--write-tree', '--name-only', '--allow-unrelated-histories', base, head);
  const [tree, ...rest] = output.out.split('\n');
  if (output.exitCode === 0) return ok(tree!.trim());
  if (output.exitCode !== 1) return refuse(gitFailure(output, 'Could not merge'));
  const files = [...new Set(lines(rest.slice(0, Math.max(rest.indexOf(''), 0)).join('\n')))];
  return refuse(
    failure(
      'merge_conflict',
      `The branch conflicts with the target branch in ${files.slice(0, 5).join(', ')}${files.length > 5 ? ' and more' : ''}.`,
      { files: files.slice(0, MOST_FILES), count: files.length, base, head },
    ),
  );
}

const LOOK_BACK = 2_000;

/** The commit of the target's newer history that carries this merge's trailer: the landing has happened. */
export async function landedAs(git: Git, mirror: Mirror, targetHead: Sha, mergeId: string): Promise<Result<Sha | null>> {
  const output = await git(
    { cwd: mirror.path },
    'log',
    `--max-count=${LOOK_BACK}`,
    `--format=%H %(trailers:key=${TRAILER},valueonly,separator=%x20)`,
    targetHead,
  );
  // One that failed has not said that it did not land.
  if (!output.ok) return refuse(gitFailure(output, 'Could not read what has landed'));
  const hit = lines(output.out).find((line) => line.split(' ').slice(1).includes(mergeId));
  return ok(hit === undefined ? null : Sha.parse(hit.slice(0, 40)));
}
