import type { Commit, Sha } from '@gastown/protocol';
import type { Git } from './git.ts';
import { branchRef, remoteRef } from './refs.ts';
import { lines } from './remote.ts';
import { AGENT_EMAIL, committerName } from './signature.ts';

/** Whose work a branch should hold. */
export interface Work {
  readonly branch: string;
  readonly agentName: string;
  readonly beadId: string | null;
}

export interface Range {
  /** Null: everything that `head` has. */
  readonly base: Sha | null;
  readonly head: Sha;
}

/**
 * Marks the commits that seem not to be made for this bead (GT-17): a trailer names another one, another agent made it and another work branch holds it too, or no agent of the town made it. Earlier agents of the same
 * bead are on its own branch alone, and are not meant. It is a hint for a person: names in commits are whatever their maker wrote.
 */
export async function markForeign(git: Git, cwd: string, work: Work, range: Range, commits: readonly Commit[]): Promise<Commit[]> {
  if (commits.length === 0) return [];
  const [facts, own] = await Promise.all([factsOf(git, cwd, range), onThisBranchAlone(git, cwd, work.branch, range)]);
  return commits.map((commit) => {
    const fact = facts.get(commit.sha);
    const foreign = fact === undefined ? null : reason(fact, work, own.has(commit.sha));
    return foreign === null ? commit : { ...commit, foreign };
  });
}

interface Fact {
  readonly name: string;
  readonly email: string;
  readonly beads: readonly string[];
}

function reason({ name, email, beads }: Fact, { agentName, beadId }: Work, alone: boolean): NonNullable<Commit['foreign']> | null {
  if (beadId !== null && beads.length > 0 && !beads.includes(beadId)) return 'another_bead';
  if (email !== AGENT_EMAIL) return 'another_person';
  return !alone && name !== committerName(agentName) ? 'another_branch' : null;
}

const without = ({ base, head }: Range): string[] => (base === null ? [head] : [head, `^${base}`]);

async function factsOf(git: Git, cwd: string, range: Range): Promise<Map<string, Fact>> {
  const format = '--format=%H%x00%cn%x00%ce%x00%(trailers:key=Bead-ID,valueonly,separator=%x20)%x00';
  const fields = (await git({ cwd }, 'log', format, ...without(range))).out.split('\0');
  const facts = new Map<string, Fact>();
  for (let at = 0; at + 3 < fields.length; at += 4)
    facts.set(fields[at]!.trim(), {
      name: fields[at + 1]!,
      email: fields[at + 2]!,
      beads: fields[at + 3]!.split(' ').filter((id) => id !== ''),
    });
  return facts;
}

async function onThisBranchAlone(git: Git, cwd: string, branch: string, range: Range): Promise<Set<string>> {
  const others = [
    `--exclude=${branchRef(branch)}`,
    '--glob=refs/heads/gt/*',
    `--exclude=${remoteRef(branch)}`,
    '--glob=refs/remotes/origin/gt/*',
  ];
  return new Set(lines((await git({ cwd }, 'rev-list', ...without(range), '--not', ...others)).out));
}
