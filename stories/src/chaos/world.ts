import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadId, BeadRow, RigId } from '@gastown/protocol';
import { rehearsalAgentRow } from '@gastown/rehearsal';
import type { Client } from '../client.ts';
import { GIT_TOKEN, House } from '../house.ts';
import type { Replica } from '../replica.ts';
import { createErrandRepo, errandStories, GATE, titleOf, type Trouble } from './errands.ts';

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A town of real processes, and all its errands said. */
export interface World {
  readonly house: House;
  readonly town: string;
  readonly replica: Replica;
  /** By the names of their repositories. */
  readonly rigs: ReadonlyMap<string, RigId>;
  readonly beads: BeadId[];
  /** Signed in anew after the server was killed. */
  client: Client;
  /** The token that the forge takes now. */
  token: string;
}

interface RigWish {
  readonly name: string;
  /** Without a gate a merge is built and landed; the verdict asks it of every commit all the same. */
  readonly gated: boolean;
}

export interface WorldWish {
  readonly beads: number;
  readonly rigs: readonly RigWish[];
  readonly agentsPerRig: number;
  /** What the provider does to an errand, by its number. */
  readonly troubleOf: (number: number) => Trouble;
  /** How long the model thinks before an answer. */
  readonly thinkMs: number;
  /** Before the launcher starts for the first time. */
  readonly prepare?: (house: House) => Promise<void>;
}

export async function openWorld({ beads, rigs: wished, agentsPerRig, troubleOf, thinkMs, prepare }: WorldWish): Promise<World> {
  const house = await House.open({
    repos: wished.map(({ name }) => name),
    createRepo: createErrandRepo,
    stories: errandStories(thinkMs),
    environment,
    ...(prepare !== undefined && { prepare }),
  });
  const client = await house.signIn();
  const { id: town } = await client.createTown('Chaos');
  await client.command(town, { kind: 'town.configure', agentKind: 'rehearsal', maxPolecats: agentsPerRig * wished.length });
  const replica = client.watch(town);
  const rigs = new Map<string, RigId>();
  for (const { name, gated } of wished) {
    const gitUrl = house.git.repoUrl(`acme/${name}`);
    const gates = gated ? [GATE] : [];
    const added = await client.command(town, { kind: 'rig.add', name, gitUrl, token: GIT_TOKEN, gates, maxPolecats: agentsPerRig });
    rigs.set(name, (added as { rigId: RigId }).rigId);
  }
  const world: World = { house, town, replica, rigs, beads: [], client, token: GIT_TOKEN };
  for (let number = 1; number <= beads; number += 1) await sayErrand(world, number, troubleOf(number));
  return world;
}

/** One more, for the rigs by turns. */
export async function sayErrand({ client, town, rigs, beads }: World, number: number, trouble: Trouble): Promise<void> {
  const ids = [...rigs.values()];
  const created = await client.command(town, { kind: 'bead.create', rigId: ids[number % ids.length]!, title: titleOf(number, trouble) });
  beads.push((created as { beadId: BeadId }).beadId);
}

function environment(folder: string): Record<string, string> {
  const agents = path.join(folder, 'agents.json');
  writeFileSync(agents, JSON.stringify([rehearsalAgentRow()]));
  return { GASTOWN_AGENTS_FILE: agents };
}

export const issues = (world: World): BeadRow[] => world.beads.flatMap((id) => world.replica.get('beads', id) ?? []);
export const closedOf = (world: World): number => issues(world).filter(({ status }) => status === 'closed').length;
/** Their agents have done what they can; it is for the merges now. */
export const handedInOf = (world: World): number =>
  issues(world).filter(({ status }) => status === 'in_review' || status === 'closed').length;
export const isOver = (world: World): boolean => closedOf(world) === world.beads.length;
/** Who has nothing to do has nothing to lose. */
export const agentsAtWork = ({ replica }: Pick<World, 'replica'>): boolean =>
  replica.all('runs').some((run) => run.beadId !== null && run.state === 'working');
