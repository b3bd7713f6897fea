import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isCode } from '../system/proc-file.ts';
import { quoted } from './config.ts';
import type { Git } from './git.ts';
import { isUnderWayIn } from './under-way.ts';

/**
 * Where agents have no users of their own they can write whatever they like into a mirror. What decides how git behaves there is put back before each
 * use: settings (filters, rewritten addresses, programs to run), attributes, grafts, borrowed objects, replaced objects, and locks that nobody holds.
 * So no agent makes the gates judge other files than those of the commit (I5), and none blocks the rig for the next.
 */
export async function tidyMirror(git: Git, path: string): Promise<void> {
  await Promise.all(NEVER.map((name) => rm(join(path, name), { recursive: true, force: true })));
  await removeStale(path);
  await keep(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  await keep(join(path, 'config'), settings(path));
  // Those in files of their own are gone by now.
  if (!(await holds(join(path, 'packed-refs'), ' refs/replace/'))) return;
  const replaced = await git({ cwd: path }, 'for-each-ref', '--format=delete %(refname)', 'refs/replace');
  if (replaced.out !== '') await git({ cwd: path, input: replaced.out }, 'update-ref', '--stdin');
}

/** One that is there and cannot be read may hold anything. */
const holds = (file: string, text: string): Promise<boolean> =>
  readFile(file, 'latin1').then(
    (all) => all.includes(text),
    (cause: unknown) => !isCode(cause, ['ENOENT']),
  );

const NEVER = [
  'commondir',
  'config.worktree',
  'shallow',
  'info/attributes',
  'info/grafts',
  'info/sparse-checkout',
  'objects/info/alternates',
  'objects/info/http-alternates',
  'refs/replace',
];

/** What it holds is for the runner and the readers of the rig. */
const settings = (path: string): string => `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tsharedRepository = 0640
[gc]
\tauto = 0
[remote "origin"]
\turl = ${quoted(path)}
\tfetch = +refs/remotes/origin/*:refs/remotes/origin/*
`;

async function keep(file: string, text: string): Promise<void> {
  // Unreadable, missing or a folder: written anew.
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return;
  // Two may tidy at once.
  const fresh = `${file}.${randomBytes(6).toString('hex')}.fresh`;
  await writeFile(fresh, text);
  const there = await stat(file).catch(() => null);
  if (there?.isDirectory() === true) await rm(file, { recursive: true, force: true });
  await rename(fresh, file);
}

/** Git holds a lock for an instant, and writes on and on what it makes. One this old was left by a killed git, or on purpose: where no git of ours is at work, for a clock is set and a machine sleeps. */
const STALE_MS = 10_000;
/** Packed refs are written beside their lock, into a file that git makes and never takes over. */
const isLock = (file: string): boolean => file.endsWith('.lock') || basename(file) === 'packed-refs.new';

/** Packs as they arrive; a git that is ended leaves them, and they may be large. */
const isHalf = (name: string): boolean => /^tmp_(pack|idx|rev|obj)_/.test(name);

async function removeStale(path: string): Promise<void> {
  await mkdir(join(path, 'refs'), { recursive: true });
  const locks = [...(await allIn(join(path, 'refs'))), ...(await readdir(path)).map((name) => join(path, name))].filter(isLock);
  const pack = join(path, 'objects', 'pack');
  const halves = (await readdir(pack).catch(() => [])).filter(isHalf).map((name) => join(pack, name));
  for (const file of [...locks, ...halves]) {
    const there = await stat(file).catch(() => null);
    if (there !== null && Date.now() - there.mtimeMs > STALE_MS && !isUnderWayIn(path)) await rm(file, { recursive: true, force: true });
  }
}

/** Files and folders. Another git takes away folders of refs that became empty, and puts a ref in their place: what is gone meanwhile holds nothing. */
async function allIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if (isCode(cause, ['ENOENT', 'ENOTDIR'])) return [];
    throw cause;
  });
  const found: string[] = [];
  for (const entry of entries) {
    const own = join(folder, entry.name);
    found.push(own, ...(entry.isDirectory() ? await allIn(own) : []));
  }
  return found;
}
