import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadId, BeadRow, RigId } from '@gastown/protocol';
import { rehearsalAgentRow } from '@gastown/rehearsal';
import type { Client } from '../client.ts';
import { GIT_TOKEN, House } from '../house.ts';
import type { Replica } from '../replica.ts';
import { openClock, type Clock } from './clock.ts';
import { mountDisk, type Disk } from './disk.ts';
import { createErrandRepo, errandStories, GATE, titleOf, TROUBLE_NAMES, type Trouble } from './errands.ts';
import { openNetwork, type Network } from './network.ts';

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const DISK_MIB = 400;
const RIGS = ['alpha', 'beta'];

export interface World {
  readonly house: House;
  readonly town: string;
  readonly replica: Replica;
  readonly disk: Disk;
  readonly network: Network;
  readonly clock: Clock;
  readonly rigs: readonly RigId[];
  readonly beads: readonly BeadId[];
  /** Signed in anew after the server was killed. */
  client: Client;
  /** The token that the forge takes now. */
  token: string;
}

export interface WorldWish {
  readonly beads: number;
  readonly agentsPerRig: number;
}

/** A town with two rigs and all its errands said, on a network, a disk and a clock of its own. */
export async function openWorld({ beads, agentsPerRig }: WorldWish): Promise<World> {
  const network = await openNetwork(wait);
  const clock = await openClock();
  let disk: Disk | null = null;
  const house = await House.open({
    repos: RIGS,
    createRepo: createErrandRepo,
    stories: errandStories,
    environment,
    prepare: async (opening) => {
      // The launcher makes its state folder itself; what is mounted into it comes after.
      await opening.up();
      await opening.stop();
      disk = await mountDisk(path.join(opening.state, 'towns'), DISK_MIB, wait);
    },
  });
  if (disk === null) throw new Error('the disk is not mounted');
  const client = await house.signIn();
  const { id: town } = await client.createTown('Chaos');
  await client.command(town, { kind: 'town.configure', agentKind: 'rehearsal', maxPolecats: agentsPerRig * RIGS.length });
  const replica = client.watch(town);
  const rigs: RigId[] = [];
  for (const name of RIGS) {
    const gitUrl = house.git.repoUrl(`acme/${name}`);
    const added = await client.command(town, { kind: 'rig.add', name, gitUrl, token: GIT_TOKEN, gates: [GATE], maxPolecats: agentsPerRig });
    rigs.push((added as { rigId: RigId }).rigId);
  }
  const made: BeadId[] = [];
  for (let number = 1; number <= beads; number += 1) {
    const title = titleOf(number, troubleOf(number));
    const created = await client.command(town, { kind: 'bead.create', rigId: rigs[number % rigs.length]!, title });
    made.push((created as { beadId: BeadId }).beadId);
  }
  return {
    house,
    town,
    replica,
    disk,
    network,
    clock,
    rigs,
    beads: made,
    client,
    token: GIT_TOKEN,
  };
}

/** Half of the errands meet no trouble of the provider's. */
const troubleOf = (number: number): Trouble => (number % 2 === 0 ? 'plain' : TROUBLE_NAMES[(number >> 1) % TROUBLE_NAMES.length]!);

function environment(folder: string): Record<string, string> {
  const agents = path.join(folder, 'agents.json');
  writeFileSync(agents, JSON.stringify([rehearsalAgentRow()]));
  return { GASTOWN_AGENTS_FILE: agents };
}

export const issues = (world: World): BeadRow[] => world.beads.flatMap((id) => world.replica.get('beads', id) ?? []);
