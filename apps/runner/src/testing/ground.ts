import { join } from 'node:path';
import type { RigId } from '@gastown/protocol';
import { makeGit } from '../git/git.ts';
import type { Git } from '../git/git.ts';
import { makeMirrors } from '../git/mirror.ts';
import { makeRemotes } from '../git/remote.ts';
import type { Remotes } from '../git/remote.ts';
import type { Cell } from '../system/cell.ts';
import { openCells } from '../system/cells.ts';
import { makeRedactor } from '../system/redact.ts';

export interface GroundWish {
  readonly state: string;
  readonly isolation: 'auto' | 'none';
  /** Null, and without it: no rig has a token. */
  readonly askToken?: (rigId: RigId) => Promise<string | null>;
  /** Stands between the runner and repositories outside. */
  readonly between?: (remotes: Remotes) => Remotes;
}

const noToken = (): Promise<null> => Promise.resolve(null);

/** What a runner works with in repositories, for tests, benchmarks and proofs. */
export async function openGround({ state, isolation, askToken = noToken, between = (remotes) => remotes }: GroundWish) {
  const path = process.env['PATH'] ?? '';
  const opened = await openCells({ state, isolation, programs: [process.execPath], path, random: Math.random });
  if (!opened.ok) throw new Error(opened.failure.message);
  const { cells } = opened.value;
  const redactor = makeRedactor();
  const around = { path, sshAgent: null, knownHosts: join(state, 'known_hosts'), redactor };
  const git = makeGit({ ...around, home: state });
  const gitOf = (cell: Cell): Git => makeGit({ ...around, home: '/nonexistent', cell });
  const remotes = between(makeRemotes({ git, redactor, askToken }));
  return {
    cells,
    path,
    redactor,
    git,
    gitOf,
    remotes,
    mirrors: makeMirrors(git, remotes, join(state, 'rigs'), cells.readersOf),
  };
}
