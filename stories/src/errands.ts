import type { BeadRow, MergeRow, RigId, RigRow, RunRow } from '@gastown/protocol';
import type { Client } from './client.ts';
import { GIT_TOKEN, git, type House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

/** What most stories begin with: signed in, a town, its rigs connected. */
export async function openTown(
  house: House,
  name: string,
  repos: readonly string[],
): Promise<{ client: Client; town: string; replica: Replica; rigs: RigRow[] }> {
  const client = await house.signIn();
  const { id: town } = await client.createTown(name);
  const replica = client.watch(town);
  const rigs: RigRow[] = [];
  for (const repo of repos) {
    const { rigId } = (await client.command(town, {
      kind: 'rig.add',
      name: repo,
      gitUrl: house.git.repoUrl(`acme/${repo}`),
      token: GIT_TOKEN,
      gates: [house.gate],
    })) as { rigId: RigId };
    rigs.push(await replica.until(`rig ${repo} is connected`, () => ready(replica.get('rigs', rigId)), 90_000));
  }
  return { client, town, replica, rigs };
}

function ready(rig: RigRow | undefined): RigRow | undefined {
  if (rig?.state === 'unreachable') throw new Error(`rig ${rig.name}: ${rig.failure?.message}`);
  return rig?.state === 'ready' ? rig : undefined;
}

export const slung = (replica: Replica, title: string, withinMs = 90_000): Promise<BeadRow> =>
  replica.until(
    `a bead “${title}”`,
    () => replica.all('beads').find((bead) => bead.type === 'issue' && bead.title.includes(title)),
    withinMs,
  );

export const closed = (replica: Replica, beadId: string, withinMs = 120_000): Promise<BeadRow> =>
  replica.until(
    `bead ${beadId} is closed`,
    () => {
      const bead = replica.get('beads', beadId);
      if (bead?.status === 'failed') throw new Error(`bead ${beadId} failed: ${bead.failure?.message}`);
      return bead?.status === 'closed' ? bead : undefined;
    },
    withinMs,
  );

/** What must hold of every landed bead, whatever happened on the way: once, and exactly what passed (I4, I5). */
export async function checkLanded(telling: Telling, house: House, replica: Replica, repo: string, bead: BeadRow): Promise<MergeRow> {
  const merges = replica.all('merges').filter((merge) => merge.beadId === bead.id && merge.phase === 'landed');
  telling.check(`“${bead.title}” landed in exactly one merge request (I4)`, merges.length === 1);
  const merge = merges[0]!;
  telling.check('the bead names the landed commit', bead.landedCommit !== null && bead.landedCommit === merge.mergeCommit);
  const bare = house.bare(repo);
  const trailers = await git(bare, 'log', 'main', `--grep=^Merge-Request: ${merge.id}$`, '--format=%H');
  telling.check('the target branch holds that commit exactly once', trailers === merge.mergeCommit);
  telling.check(
    'it stands on the commit that the gates were run on (I5)',
    (await git(bare, 'rev-parse', `${merge.mergeCommit}^`)) === merge.baseCommit,
  );
  telling.check('its gates passed', merge.gates.length > 0 && merge.gates.every((gate) => gate.exitCode === 0));
  return merge;
}

/** The runs of a bead, oldest first. */
export const runsOf = (replica: Replica, beadId: string): RunRow[] =>
  replica
    .all('runs')
    .filter((run) => run.beadId === beadId)
    .sort((a, b) => a.generation - b.generation);

/** Nothing may be left over once a story is told. */
export function checkQuiet(telling: Telling, replica: Replica): void {
  telling.check('no effect is parked', replica.all('parked').length === 0);
  const live = replica.all('runs').filter((run) => run.state !== 'ended' && run.beadId !== null);
  telling.check('no run of a bead is left', live.length === 0);
}
