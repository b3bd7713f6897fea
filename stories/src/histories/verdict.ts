import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MergeRow } from '@gastown/protocol';
import type { History } from './history.ts';
import { markOf } from './tree.ts';

const run = promisify(execFile);

/** What must be so of main, whatever happened. Each line is a promise that was broken. */
export async function broken(history: History): Promise<string[]> {
  const { forge, town, beads } = history;
  const rows = town.rows();
  const main = await commitsOf(history);
  const ours = main.filter(({ sha }) => !forge.pushed.includes(sha));
  const there = new Set(main.map(({ sha }) => sha));
  const lines = forge.pushed.filter((sha) => !there.has(sha)).map((sha) => `What others pushed is gone from main: ${sha} (I4)`);
  const landed = new Map<string, string>();
  for (const { sha, tree, request } of ours) {
    const merge = rows.merges.find(({ id }) => id === request);
    if (!merge) lines.push(`${sha} is on main and names no merge request of the town (I4)`);
    else if (landed.has(request)) lines.push(`${request} landed twice, as ${landed.get(request)} and ${sha} (I4)`);
    else if (!(await isMerged(history, sha, tree, merge))) lines.push(`${sha} is not what was handed in, merged (I5, H12)`);
    landed.set(request, sha);
  }
  for (const [beadId, wish] of beads) {
    const bead = rows.beads.find(({ id }) => id === beadId);
    const brought = main.filter(({ added }) => added.includes(markOf(wish))).map(({ sha }) => sha);
    if (!bead) lines.push(`The bead of wish ${wish.number} is not there any more (I1)`);
    else if (brought.join(' ') !== bead.landedCommit)
      lines.push(
        `“${bead.title}” is ${bead.status} with ${bead.landedCommit}, and came to main with ${brought.join(' and ') || 'nothing'} (I4)`,
      );
  }
  lines.push(...(await redCommits(forge.bare, [...landed.values()])));
  const movedUnder = rows.merges.reduce((sum, { builds }) => sum + Math.max(0, builds - 1), 0);
  Object.assign(history.counts, { beads: beads.size, runs: rows.runs.length, landed: ours.length, movedUnder });
  return lines;
}

interface Landed {
  readonly sha: string;
  readonly tree: string;
  /** The merge request that it names; empty: none. */
  readonly request: string;
  /** Files that it brought. */
  readonly added: readonly string[];
}

/** Main, oldest first. */
async function commitsOf({ forge }: History): Promise<Landed[]> {
  const format = '--format=%x00%H %T %(trailers:key=Merge-Request,valueonly,separator=%x2C)';
  const log = await forge.git('log', '--reverse', '--first-parent', '--diff-filter=A', '--name-only', format, 'main');
  return log
    .split('\0')
    .slice(1)
    .map((entry) => {
      const [head = '', ...added] = entry.split('\n').filter(Boolean);
      const [sha = '', tree = '', request = ''] = head.split(' ');
      return { sha, tree, request, added };
    });
}

/** What landed is what git makes of what was handed in and the commit before, and nothing else. */
async function isMerged({ forge }: History, sha: string, tree: string, { headCommit }: MergeRow): Promise<boolean> {
  const [merged] = (await forge.git('merge-tree', '--write-tree', `${sha}^`, headCommit)).split('\n');
  return merged === tree;
}

/** The gate says yes to every commit that the town put on main, also today (I5). */
async function redCommits(bare: string, commits: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gastown-regate-'));
  const red: string[] = [];
  try {
    await run('git', ['clone', '--quiet', '--shared', '--no-checkout', bare, folder]);
    for (const commit of commits) {
      await run('git', ['-C', folder, 'checkout', '--quiet', '--detach', commit]);
      await run('sh', ['check.sh'], { cwd: folder }).catch(() => red.push(`main is red at ${commit} (I5)`));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return red;
}
