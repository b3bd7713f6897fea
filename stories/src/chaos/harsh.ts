import path from 'node:path';
import { openClock, type Clock } from './clock.ts';
import { mountDisk, type Disk } from './disk.ts';
import { TROUBLE_NAMES, type Trouble } from './errands.ts';
import { openNetwork, type Network } from './network.ts';
import { openWorld, wait, type World } from './world.ts';

/** A world on a network, a disk and by a clock of its own. */
export interface HarshWorld extends World {
  readonly network: Network;
  readonly disk: Disk;
  readonly clock: Clock;
}

const DISK_MIB = 400;

export async function openHarshWorld(wish: { readonly beads: number; readonly agentsPerRig: number }): Promise<HarshWorld> {
  const network = await openNetwork(wait);
  const clock = await openClock();
  let disk: Disk | null = null;
  const world = await openWorld({
    ...wish,
    rigs: ['alpha', 'beta'].map((name) => ({ name, gated: true })),
    troubleOf: mixed,
    thinkMs: 300,
    prepare: async (opening) => {
      // The launcher makes its state folder itself; what is mounted into it comes after.
      await opening.up();
      await opening.stop();
      disk = await mountDisk(path.join(opening.state, 'towns'), DISK_MIB, wait);
    },
  });
  if (disk === null) throw new Error('the disk is not mounted');
  return { ...world, network, disk, clock };
}

/** Half of the errands meet no trouble of the provider's. */
export const mixed = (number: number): Trouble => (number % 2 === 0 ? 'plain' : TROUBLE_NAMES[(number >> 1) % TROUBLE_NAMES.length]!);
