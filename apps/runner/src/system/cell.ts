import { chmod, lstat, mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { LIMITS } from '@gastown/protocol';
import { runProgram } from './program.ts';

/**
 * A cell: an agent process with what it starts, or one test of a merge. Where the machine allows it (`Cells`) it has a user of its own, so that what runs in it reaches nothing of the
 * runner's and nothing of another cell's. `user` null: the runner's own user.
 */
export interface Cell {
  readonly name: string;
  readonly user: CellUser | null;
}

interface CellUser {
  readonly uid: number;
  readonly gid: number;
  /** Nothing but these: the readers of its rig, say. */
  readonly groups: readonly number[];
}

/** Everything is the runner's own. */
export const OWN: Cell = { name: 'runner', user: null };

/**
 * How to start a program in the cell: with its user and groups alone, no capability, and no way to more rights (a setuid program stays without effect). The process started is the
 * program itself.
 */
export function inCell({ user }: Cell, program: string, args: readonly string[]): { program: string; args: string[] } {
  if (user === null) return { program, args: [...args] };
  const groups = user.groups.length === 0 ? '--clear-groups' : `--groups=${user.groups.join(',')}`;
  const rights = [`--reuid=${user.uid}`, `--regid=${user.gid}`, groups, '--inh-caps=-all', '--no-new-privs'];
  // The runner's own mask would show: a build that looks at modes finds what it finds on any machine.
  return { program: '/bin/sh', args: ['-c', 'umask 022 && exec "$@"', 'cell', 'setpriv', ...rights, '--', program, ...args] };
}

/** Who the cell is, for programs that ask: its user has no entry in the system's list. */
export const cellVariables = (home: string): Record<string, string> => ({ HOME: home, USER: 'gastown', LOGNAME: 'gastown' });

/** Runs a small command in the cell with nothing of the runner's environment. Throws when it fails, or takes too long (a minute, when nothing else is said). */
export async function runInCell(
  cell: Cell,
  script: string,
  args: readonly string[],
  input?: string,
  timeoutMs = LIMITS.effectTimeoutMs.value,
): Promise<void> {
  const { exitCode, says, error } = await runProgram({
    ...inCell(cell, '/bin/sh', ['-c', script, 'cell', ...args]),
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    timeoutMs,
    ...(input === undefined ? {} : { input }),
  });
  // What it said is for people; the line that was run is not.
  if (exitCode !== 0) throw new Error(error.trim() || says, { cause: says });
}

/**
 * Ends every process of this user at one stroke; what forks meanwhile is ended with its child. Asked as that user, without any right over others. False: it did not come that far, since something of that user was
 * quicker to end it, say.
 */
export async function endUser(uid: number): Promise<boolean> {
  // The last look before the stroke: as anybody else it would hit the machine.
  const script =
    'while read -r key id rest; do [ "$key" != Uid: ] || break; done </proc/self/status; [ "$id" = "$1" ] && [ "$id" -gt 0 ] || exit 1; kill -KILL -1; exit 0';
  const end: Cell = { name: 'end', user: { uid, gid: uid, groups: [] } };
  const program = inCell(end, '/bin/sh', ['-c', script, 'cell', String(uid)]);
  const { exitCode } = await runProgram({
    ...program,
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    timeoutMs: 5_000,
  });
  return exitCode === 0;
}

/** A folder of the runner's that cells pass through on the way to their own, and cannot list. */
export async function makePassage(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
}

/**
 * A folder that belongs to the cell and that no other cell can enter, in a folder that only the runner writes. What the runner's own user has in it becomes the cell's; what another cell left is removed, for
 * among it may be links to files that neither of them may have.
 */
export async function makeCellFolder({ user }: Cell, path: string): Promise<void> {
  const own = process.getuid?.();
  const owner = (await lstat(path).catch(() => null))?.uid;
  if (user !== null && owner !== undefined && owner !== user.uid && owner !== own) await removeOwned(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  if (user === null || (await stat(path)).uid === user.uid) return;
  await runInCell(OWN, 'chown -R -h -P -- "$1" "$2"', [`${user.uid}:${user.gid}`, path], undefined, LIMITS.cloneTimeoutMs.value);
}

/** Folders inside one of the cell's own, open to it whatever it did to them. Made with its rights: a link that was laid there leads nowhere else. */
export async function makeFoldersInCell(cell: Cell, paths: readonly string[]): Promise<void> {
  await runInCell(cell, 'umask 077 && mkdir -p -- "$@" && chmod u+rwx -- "$@"', paths);
}

/** A file inside one of the cell's own folders, for the cell alone, written with its rights. */
export async function writeInCell(cell: Cell, path: string, text: string): Promise<void> {
  await runInCell(cell, 'umask 077 && rm -f -- "$1" && cat > "$1"', [path], text);
}

/**
 * Removes a folder with all that is in it, with the rights of the user it belongs to; folders that were made read-only too (caches of modules). What is left for the runner is an empty
 * folder, so that nothing that still runs in the cell can turn its removal against other files.
 */
export async function removeOwned(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return;
  if (!there.isDirectory()) return rm(path, { force: true });
  const { uid, gid } = there;
  const cell: Cell = uid === process.getuid?.() ? OWN : { name: 'owner', user: { uid, gid, groups: [] } };
  const script =
    'chmod u+rwx -- "$1" && cd -- "$1" && find . -type d ! -perm -700 -exec chmod u+rwx {} \\; && find . -mindepth 1 -depth -delete';
  for (let tries = 3; ; tries--) {
    const last = tries === 1;
    const failed = await runInCell(cell, script, [path], undefined, LIMITS.cloneTimeoutMs.value).then(
      () => rmdir(path).then(() => null, asCause),
      asCause,
    );
    if (failed === null) return;
    if (last) throw failed;
  }
}

const asCause = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));
