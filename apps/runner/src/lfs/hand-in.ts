import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { FailureCode, Result, Sha } from '@gastown/protocol';
import type { Git } from '../git/git.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Remotes } from '../git/remote.ts';
import type { Pointer } from './filter.ts';
import { changedFiles, lfsFilesOf, newPointers } from './files.ts';
import { askFor, eachOf, lfsServerFor, upload } from './server.ts';
import type { Answer, LfsServer } from './server.ts';
import { inGigabytes, isStored, notStored, storedPath } from './store.ts';
import { takeObjects } from './take.ts';
import type { Maker } from './take.ts';

/** Gives the server what `head` brings and the store has, so that a push of it names nothing that is not there. What the store does not have either is not spoken of here. */
export async function sendNewObjects(git: Git, remotes: Remotes, mirror: Mirror, head: Sha): Promise<Result<null>> {
  const pointers = await newPointers(git, mirror.path, head);
  if (!pointers.ok) return pointers;
  const absent = await notStored(mirror.path, pointers.value);
  const sent = await send(
    git,
    remotes,
    mirror,
    head,
    pointers.value.filter(({ oid }) => !absent.has(oid)),
  );
  return sent.ok ? ok(null) : sent;
}

/** Sends what the server lacks; answers what nobody has. */
async function send(git: Git, remotes: Remotes, mirror: Mirror, commit: Sha, pointers: readonly Pointer[]): Promise<Result<Set<string>>> {
  const nowhere = new Set<string>();
  const wanted = [...new Map(pointers.map((each) => [each.oid, each])).values()];
  if (wanted.length === 0) return ok(nowhere);
  const server = await lfsServerFor(git, remotes, mirror, commit);
  if (!server.ok) return server;
  const signal = AbortSignal.timeout(LIMITS.cloneTimeoutMs.value);
  const answers = await askFor(server.value, 'upload', wanted, signal);
  if (!answers.ok) return answers;
  const failures: Result<never>[] = [];
  await eachOf(wanted, async (pointer) => {
    const answer = answers.value.get(pointer.oid);
    const sent = await sendOne(server.value, answer, pointer);
    if (sent === 'nowhere') nowhere.add(pointer.oid);
    else if (!sent.ok) failures.push(sent);
  });
  return failures[0] ?? ok(nowhere);

  async function sendOne(to: LfsServer, answer: Answer | undefined, pointer: Pointer): Promise<Result<null> | 'nowhere'> {
    if (answer === undefined) return 'nowhere';
    if (answer.error === undefined && !answer.actions?.upload) return ok(null);
    if (!(await isStored(mirror.path, pointer))) return 'nowhere';
    return upload(to, answer, pointer, storedPath(mirror.path, pointer), signal);
  }
}

/** Whether a branch may go to the target: each file in Git LFS that it adds or changes is a pointer, and the server has its object. `not_pushed`: it is for the agent to mend; any other failure is the server's. */
export interface HandIn {
  readonly base: Sha | null;
  readonly head: Sha;
  readonly since: 'parting' | 'base';
  /** Where objects may still be. */
  readonly maker?: Maker;
}

export async function handInLfs(git: Git, remotes: Remotes, mirror: Mirror, { base, head, since, maker }: HandIn): Promise<Result<null>> {
  const changed = await changedFiles(git, mirror.path, base, head, since);
  if (!changed.ok) return changed;
  const files = await lfsFilesOf(git, mirror.path, head, changed.value);
  if (!files.ok) return files;
  const whole = files.value.asIs.length === 0 ? [] : await newlyWhole(git, mirror, base, files.value.asIs);
  if (whole.length > 0)
    return no(
      `These files belong into Git LFS, and the commit holds their content: ${named(whole)}. Bring them in anew (git add --renormalize .), commit, and call again.`,
      whole,
    );
  const { pointers } = files.value;
  if (maker !== undefined) await takeObjects(mirror.path, maker, pointers);
  const sent = await send(git, remotes, mirror, head, pointers);
  const paths = pointers.map(({ path }) => path);
  if (!sent.ok)
    return no(
      `These files belong into Git LFS, which could not be written (${sent.failure.message}): ${named(paths)}. Call again, leave them as the target branch has them, or ask a person (escalate).`,
      paths,
      sent.failure.code,
    );
  const lost = pointers.filter(({ oid }) => sent.value.has(oid)).map(({ path }) => path);
  if (lost.length === 0) return ok(null);
  const most = inGigabytes(LIMITS.lfsObjectBytes.value);
  return no(
    `These files are pointers into Git LFS whose content nobody has: ${named(lost)}. Add their content (write the file, then git add; at most ${most} each), or leave them as the target branch has them, commit, and call again.`,
    lost,
  );
}

/** What the target holds whole may stay so. */
async function newlyWhole(git: Git, mirror: Mirror, base: Sha | null, paths: readonly string[]): Promise<string[]> {
  const before = base === null ? ok({ asIs: [] as readonly string[] }) : await lfsFilesOf(git, mirror.path, base, new Set(paths));
  const known = new Set(before.ok ? before.value.asIs : []);
  return paths.filter((path) => !known.has(path));
}

const named = (paths: readonly string[]): string =>
  `${paths.slice(0, 10).join(', ')}${paths.length > 10 ? ` and ${paths.length - 10} more` : ''}`;
const no = (message: string, files: readonly string[], code: FailureCode = 'not_pushed'): Result<never> =>
  refuse(failure(code, message, { files: files.slice(0, 200) }));
