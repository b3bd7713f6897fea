import { chmodSync, existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Result, RigId } from '@gastown/protocol';
import { endUser, inCell, OWN } from './cell.ts';
import type { Cell } from './cell.ts';
import { openIds } from './ids.ts';
import type { Ids } from './ids.ts';
import { endStrays } from './processes.ts';
import type { Ended } from './processes.ts';
import { runProgram } from './program.ts';

/**
 * The cells of this runner. With `users` each has a user of its own: the runner is root. With `none` all are the runner's own user and only environment and folders are apart.
 *
 * Who may read the mirror of a rig (its agents and its tests) is a group of that rig.
 */
export interface Cells {
  readonly isolation: Isolation;
  /** Of one pool process. The same for the same name after a restart, so that its sessions can be resumed. */
  agent(pool: string, rigId: RigId | null): Cell;
  /** Of who looks at that pool's service from outside: its password is with a user that the pool's shells are not. */
  viewer(pool: string): Cell;
  /** For the time of one test of the rig; to be given back when it is over. `place`: which of the rig's, counted from 0; what is kept for that place belongs to the same user each time. */
  borrowGate(rigId: RigId): { readonly cell: Cell; readonly place: number; readonly giveBack: () => void };
  readersOf(rigId: RigId): number | null;
  /** Ends what runs in this cell (all cells: none given), whatever group or parent it has. `folder`: where the homes of these are. */
  end(folder: string, cell?: Cell): Promise<Ended>;
}

type Isolation = 'users' | 'none';

export interface CellsWish {
  readonly state: string;
  /** `auto`: users of their own where that is possible. */
  readonly isolation: Isolation | 'auto';
  /** What a cell must be able to start. */
  readonly programs: readonly string[];
  /** What it must be able to read: the scripts of programs that Node runs. */
  readonly scripts?: readonly string[];
  /** Where programs are looked for. */
  readonly path: string;
  readonly random: () => number;
  /** The home of the person that the runner runs as; the system's answer when not given. */
  readonly home?: string;
}

interface Opened {
  readonly cells: Cells;
  /** What stands against users of their own. */
  readonly why: string | null;
  /** Folders of the wished one into which a cell may look: in another, a program that is nowhere would be one that is forbidden. */
  readonly path: string;
}

/** Refused only when users were asked for and cannot be had. */
export async function openCells(wish: CellsWish): Promise<Result<Opened>> {
  if (wish.isolation === 'none') return ok({ cells: oneUser(), why: null, path: wish.path });
  const why = process.getuid?.() === 0 ? closedTo(wish.state, wish.home ?? userInfo().homedir) : 'the runner is not root';
  if (why !== null) return withoutUsers(wish, why);
  const ids = openIds(wish.state, wish.random, (key) => isStillThere(wish.state, key));
  const tried = await tryCell(ids, wish);
  return tried.able ? ok({ cells: manyUsers(ids), why: null, path: tried.path }) : withoutUsers(wish, tried.why);
}

function withoutUsers(wish: CellsWish, why: string): Result<Opened> {
  return wish.isolation === 'users'
    ? refuse(failure('setup_failed', `Agents cannot have users of their own: ${why}.`))
    : ok({ cells: oneUser(), why, path: wish.path });
}

function oneUser(): Cells {
  const places = makePlaces();
  return {
    isolation: 'none',
    agent: (name) => ({ ...OWN, name }),
    viewer: (pool) => ({ ...OWN, name: `view-${pool}` }),
    borrowGate: (rigId) => ({ cell: OWN, ...places.take(rigId) }),
    readersOf: () => null,
    end: (folder) => endStrays({ folder }),
  };
}

/** The lowest number that is free of each rig. */
function makePlaces() {
  const taken = new Set<string>();
  return {
    take(rigId: RigId): { place: number; giveBack: () => void } {
      let place = 0;
      while (taken.has(`${rigId}:${place}`)) place++;
      taken.add(`${rigId}:${place}`);
      return { place, giveBack: () => void taken.delete(`${rigId}:${place}`) };
    },
  };
}

function manyUsers(ids: Ids): Cells {
  const places = makePlaces();
  const cell = (name: string, key: string, groups: number[]): Cell => {
    const id = ids.of(key);
    return { name, user: { uid: id, gid: id, groups } };
  };
  const readersOf = (rigId: RigId): number => ids.of(`rig:${rigId}`);
  return {
    isolation: 'users',
    readersOf,
    agent: (pool, rigId) => cell(pool, `pool:${pool}`, rigId === null ? [] : [readersOf(rigId)]),
    viewer: (pool) => cell(`view-${pool}`, `view:${pool}`, []),
    borrowGate(rigId) {
      const taken = places.take(rigId);
      return { cell: cell(`gate-${taken.place}`, `gate:${rigId}:${taken.place}`, [readersOf(rigId)]), ...taken };
    },
    end(folder, only) {
      if (only === undefined) return endStrays({ folder, isOurs: ids.has, endUser });
      const own = only.user?.uid;
      // It cannot become another user: what runs in it is found by its own.
      return own === undefined ? endStrays({ folder }) : endStrays({ folder: null, isOurs: (uid) => uid === own, users: [own], endUser });
    },
  };
}

/** A number is free again when what it was for is gone. */
function isStillThere(state: string, key: string): boolean {
  const [kind, name = ''] = key.split(':');
  if (kind === 'pool' || kind === 'view') return existsSync(join(state, 'agents', name));
  return existsSync(join(state, 'rigs', name));
}

/**
 * Cells must pass through the state folder and what is above it, without seeing what else is there. A folder of this user's is opened that far; the home of a person is not, and what
 * belongs to others is not ours to open.
 */
function closedTo(state: string, home: string): string | null {
  for (let folder = state; ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    if ((mode & 0o001) === 0) {
      if (uid !== process.getuid?.() || folder === home) return `other users cannot pass through ${folder} (chmod o+x ${folder} lets them)`;
      chmodSync(folder, (mode & 0o7777) | 0o001);
    }
    if (folder === dirname(folder)) return null;
  }
}

/** Starts something in a cell, as an agent will be, and looks whether it reaches what it needs. */
async function tryCell(
  ids: Ids,
  { state, programs, scripts = [], path }: CellsWish,
): Promise<{ able: true; path: string } | { able: false; why: string }> {
  const id = ids.of('try:');
  const look =
    'cd -- "$1" || exit 1; shift; while test $# -gt 0; do test "$1" "$2" || { echo "a cell cannot reach $2" >&2; exit 1; }; shift 2; done; IFS=:; for each in $SEARCHED; do test -x "$each" && printf "%s:" "$each"; done; true';
  const asked = [...programs.flatMap((each) => ['-x', each]), ...scripts.flatMap((each) => ['-r', each])];
  const cell: Cell = { name: 'try', user: { uid: id, gid: id, groups: [] } };
  const { exitCode, out, error, says } = await runProgram({
    ...inCell(cell, '/bin/sh', ['-c', look, 'cell', state, ...asked]),
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', SEARCHED: path },
    timeoutMs: LIMITS.effectTimeoutMs.value,
  });
  if (exitCode === 0) return { able: true, path: out.replace(/:$/, '') };
  return { able: false, why: (error || says || 'no cell could be started').trim().slice(-300) };
}
