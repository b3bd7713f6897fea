import { mkdtempSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { git } from '../house.ts';
import { GATE } from './errands.ts';
import { issues, type World } from './world.ts';

const run = promisify(execFile);

/** What was promised, looked at from outside: in the repositories, in the town, by its own audit. Each line is a promise that was broken. */
export async function brokenPromises(world: World): Promise<string[]> {
  const broken: string[] = [];
  const beads = issues(world);
  if (beads.length !== world.beads.length) broken.push(`${world.beads.length - beads.length} accepted beads are not there any more (I1)`);
  for (const bead of beads) if (bead.status !== 'closed') broken.push(`“${bead.title}” is ${bead.status}`);
  for (const [name, rigId] of world.rigs) {
    const bare = world.house.bare(name);
    const own = beads.filter((bead) => bead.rigId === rigId);
    const log = (await git(bare, 'log', '--reverse', '--format=%H %(trailers:key=Merge-Request,valueonly,separator=%x20)', 'main')).split(
      '\n',
    );
    const landed = log.slice(1).map((line) => line.trim().split(' '));
    const requests = landed.map(([, request]) => request);
    if (new Set(requests).size !== requests.length) broken.push(`${name}: a merge request landed twice (I4)`);
    if (landed.length !== own.length) broken.push(`${name}: ${own.length} errands, ${landed.length} commits on main (I4)`);
    for (const bead of own) {
      const landings = landed.filter(([commit]) => commit === bead.landedCommit).length;
      if (landings !== 1) broken.push(`${name}: “${bead.title}” is on main ${landings} times`);
    }
    broken.push(
      ...(await redCommits(
        bare,
        name,
        landed.map(([commit]) => commit!),
      )),
    );
  }
  const audit = await world.house.gastown('doctor', '--town', world.town);
  if (audit.code !== 0) broken.push(`the doctor: ${audit.said.slice(-2_000)}`);
  return broken;
}

/** Every commit of main passes its gate, also today (I5). */
async function redCommits(bare: string, name: string, commits: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-regate-'));
  const red: string[] = [];
  try {
    await run('git', ['clone', '--quiet', '--no-checkout', bare, folder]);
    for (const commit of commits) {
      await run('git', ['-C', folder, 'checkout', '--quiet', '--detach', commit]);
      await run('sh', ['-c', GATE], { cwd: folder }).catch(() => red.push(`${name}: main is red at ${commit} (I5)`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return red;
}
