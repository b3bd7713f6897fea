import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, Result, Sha } from '@gastown/protocol';
import { fetchRefs } from '../git/fetch.ts';
import type { Git } from '../git/git.ts';
import { makeBare } from '../git/mirror.ts';
import type { Mirror } from '../git/mirror.ts';
import { checked } from '../git/remote.ts';
import { commitOf } from '../git/refs.ts';
import type { Remotes } from '../git/remote.ts';
import { bringLfs } from '../lfs/bring.ts';
import type { LfsHere } from '../lfs/bring.ts';
import { makePassage } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { moduleAddress, refusedInside } from './address.ts';
import type { ModuleAddress } from './address.ts';
import { isPlainPath, namedModules, recordedCommits } from './listed.ts';
import type { Listed } from './listed.ts';
import { modulesFolder } from './unused.ts';

/**
 * Submodules: each has a mirror of its own below the rig's folder, fetched by the runner and read by the rig's cells. Which repositories are fetched is for people to say: an address counts when the target branch has it, and a commit when
 * a branch or tag of that repository has it or the target branch names it. So nothing that an agent writes makes the runner ask an address, or bring it what it was not given.
 */
export interface Module {
  /** From the top of the rig's files. */
  readonly path: string;
  readonly name: string;
  /** From the top of the repository that names it. */
  readonly within: string;
  readonly mirror: Mirror;
  readonly commit: Sha;
  readonly lfs: LfsHere;
}

interface MissingModule {
  readonly path: string;
  readonly why: string;
}

export interface Modules {
  /** Those that name others before them. */
  readonly here: readonly Module[];
  readonly missing: readonly MissingModule[];
}
export const NO_MODULES: Modules = { here: [], missing: [] };

export interface Asking {
  readonly git: Git;
  readonly remotes: Remotes;
  /** Of the rig. */
  readonly mirror: Mirror;
}

/** `trusted`: the target branch as the repository has it. `fresh`: what else their repositories have is wanted too. */
export async function bringModules(asking: Asking, commit: Sha, trusted: Sha | null, fresh: boolean): Promise<Modules> {
  const { git, mirror } = asking;
  const named = await namedModules(git, mirror.path, commit);
  if (!named.ok) return notRead(named.failure);
  if (named.value.length === 0) return NO_MODULES;
  const ofTarget = trusted === null ? ok([]) : await namedModules(git, mirror.path, trusted);
  const recorded = trusted === null ? ok(new Map<string, Sha>()) : await recordedCommits(git, mirror.path, trusted);
  if (!ofTarget.ok) return notRead(ofTarget.failure);
  if (!recorded.ok) return notRead(recorded.failure);
  const addresses = new Set(ofTarget.value.map(({ url }) => url));
  const known = named.value.map((each) => ({ ...each, mayAsk: addresses.has(each.url) }));
  const found: { here: Module[]; missing: MissingModule[] } = { here: [], missing: [] };
  const address = { gitUrl: mirror.gitUrl, anonymous: false };
  const top = { prefix: '', depth: 1, repository: mirror.path, address, commit };
  await bringLevel(
    { ...asking, fresh, found, forToken: addressesForToken(ofTarget.value, address) },
    top,
    known,
    (path, at) => recorded.value.get(path) === at,
  );
  return found;
}

const notRead = ({ message }: Failure): Modules => ({ here: [], missing: [{ path: '.gitmodules', why: message }] });

const addressesForToken = (named: readonly Listed[], rig: ModuleAddress): Set<string> =>
  new Set(
    named.flatMap(({ url }) => {
      const address = url === null ? null : moduleAddress(url, rig);
      return address?.ok === true && !address.value.anonymous ? [address.value.gitUrl] : [];
    }),
  );

interface Bringing extends Asking {
  readonly fresh: boolean;
  /** Addresses that the target branch itself names: inside of submodules the token is for no others. */
  readonly forToken: ReadonlySet<string>;
  readonly found: { here: Module[]; missing: MissingModule[] };
}
interface Level {
  readonly prefix: string;
  readonly depth: number;
  readonly repository: string;
  readonly address: ModuleAddress;
  readonly commit: Sha;
}
type Known = Listed & { readonly mayAsk: boolean };

type Promised = (path: string, commit: Sha) => boolean;

async function bringLevel(around: Bringing, level: Level, named: readonly Known[], promised: Promised): Promise<void> {
  const { git, remotes, found } = around;
  const recorded = await recordedCommits(git, level.repository, level.commit);
  for (const each of named) {
    const path = `${level.prefix}${each.path}`;
    if (!recorded.ok) {
      found.missing.push({ path, why: recorded.failure.message });
      continue;
    }
    const commit = recorded.value.get(each.path);
    if (commit === undefined) continue;
    const brought = await bringOne(around, level, each, { commit, promised: promised(each.path, commit) });
    if (!brought.ok) {
      found.missing.push({ path, why: brought.failure.message });
      continue;
    }
    const { mirror, address } = brought.value;
    found.here.push({ path, name: each.name, within: each.path, mirror, commit, lfs: await bringLfs(git, remotes, mirror, commit) });
    const next = await namedModules(git, mirror.path, commit);
    if (!next.ok) found.missing.push({ path: `${path}/.gitmodules`, why: next.failure.message });
    const inside = next.ok ? next.value.map((one) => ({ ...one, mayAsk: true })) : [];
    // What an accepted commit names is as its people left it.
    const below = { prefix: `${path}/`, depth: level.depth + 1, repository: mirror.path, address, commit };
    if (inside.length > 0) await bringLevel(around, below, inside, () => true);
  }
}

interface Wanted {
  readonly commit: Sha;
  readonly promised: boolean;
}
type Brought = Result<{ mirror: Mirror; address: ModuleAddress }>;

async function bringOne(around: Bringing, level: Level, { path, url, mayAsk }: Known, { commit, promised }: Wanted): Promise<Brought> {
  if (!isPlainPath(`${level.prefix}${path}`)) return no('no folder can be called so');
  if (level.depth > LIMITS.moduleDepth.value) return no('it is too deep inside other submodules');
  if (around.found.here.length >= LIMITS.modules.value) return no(`there are more than ${LIMITS.modules.value}`);
  if (url === null) return no('its address is missing');
  if (!mayAsk) return no('its address is not on the target branch');
  const address = addressIn(around, level, url);
  if (!address.ok) return address;
  const inside = level.depth === 1 ? null : await refusedInside(address.value, level.address);
  if (inside !== null) return no(inside);
  const mirror = await openModule(around, address.value);
  if (!mirror.ok) return mirror;
  const there = await locks.run(mirror.value.path, () => reach(around, mirror.value, { commit, promised }));
  return there.ok ? ok({ mirror: mirror.value, address: address.value }) : there;
}

/** What stands inside of a submodule was written by who may push there. On a forge that is everybody's they are strangers who may not read what the rig's token may, so it is fetched as by anybody. */
function addressIn({ forToken }: Bringing, { depth, address }: Level, url: string): Result<ModuleAddress> {
  const found = moduleAddress(url, address);
  if (depth === 1 || !found.ok || found.value.anonymous || forToken.has(found.value.gitUrl)) return found;
  const open = moduleAddress(url, { ...address, anonymous: true });
  return open.ok ? open : no('it is inside of another, and its address is not on the target branch');
}
const no = (why: string): Result<never> => refuse(failure('repository_unsafe', why));

/** Two that want the same repository fetch it one after another. */
const locks = makeKeyedLock();

async function openModule({ git, mirror: rig }: Asking, { gitUrl, anonymous }: ModuleAddress): Promise<Result<Mirror>> {
  const folder = modulesFolder(dirname(rig.path));
  const key = createHash('sha256')
    .update(`${anonymous ? 'anybody' : 'rig'} ${gitUrl}`)
    .digest('hex');
  const path = join(folder, `${key.slice(0, 16)}.git`);
  await makePassage(folder);
  // Who may read the rig may read what it names.
  const { gid } = await stat(rig.path);
  const made = await locks.run(path, () => makeBare(git, path, gid === process.getgid?.() ? null : gid));
  if (!made.ok) return made;
  const now = Date.now() / 1_000;
  await utimes(path, now, now);
  return ok({ path, rigId: rig.rigId, gitUrl, anonymous });
}

const FETCH = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*', '^refs/heads/gt/*'];
const PINNED = 'refs/gastown/pinned';
const fetchedAt = new Map<string, number>();

/** The commit in the mirror, fetched when it is not there. */
async function reach({ git, remotes, fresh }: Bringing, mirror: Mirror, { commit, promised }: Wanted): Promise<Result<null>> {
  const has = (): Promise<boolean> => hasCommit(git, mirror.path, commit);
  const stale = (fetchedAt.get(mirror.path) ?? -Infinity) < performance.now() - LIMITS.browseFreshMs.value;
  const there = await has();
  if (there && !(fresh && stale)) return ok(null);
  const fetched = await fetchInto(remotes, mirror, FETCH);
  if (fetched.ok) fetchedAt.set(mirror.path, performance.now());
  if (there || (await has())) return ok(null);
  if (!fetched.ok) return fetched;
  // A commit that no branch has any more, and that people name.
  if (promised && (await fetchInto(remotes, mirror, [`+${commit}:${PINNED}/${commit}`])).ok && (await has())) return ok(null);
  return no(`its repository has no ${commit.slice(0, 12)} on a branch or tag`);
}

async function fetchInto(remotes: Remotes, mirror: Mirror, refspecs: readonly string[]): Promise<Result<unknown>> {
  const output = await fetchRefs(remotes, mirror, refspecs, { prune: refspecs === FETCH });
  return checked(output, mirror.anonymous === true ? 'it could not be fetched without a token' : 'it could not be fetched');
}

/** In a branch or tag of its repository, as of the last fetch, or pinned. */
async function hasCommit(git: Git, mirror: string, commit: Sha): Promise<boolean> {
  if ((await commitOf(git, mirror, commit)) === null) return false;
  const holding = await git(
    { cwd: mirror },
    'for-each-ref',
    '--count=1',
    '--format=%(refname)',
    `--contains=${commit}`,
    'refs/remotes',
    'refs/tags',
    `${PINNED}/${commit}`,
  );
  return holding.out !== '';
}
