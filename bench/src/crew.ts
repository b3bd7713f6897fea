import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BeadId, RigId } from '@gastown/protocol';
import { rehearsalAgentRow } from '@gastown/rehearsal';
import { createErrandRepo, ERRAND_GATE, GIT_TOKEN, House } from '@gastown/stories';
import type { Client, Replica } from '@gastown/stories';

/** A town with several small repositories and many places for agents. */
export interface Crew {
  readonly house: House;
  readonly client: Client;
  readonly town: string;
  readonly replica: Replica;
  readonly rigs: readonly RigId[];
}

export interface CrewWish {
  readonly rigs: number;
  readonly agentsPerRig: number;
  /** `rehearsal`: the same loop as a full agent in a tenth of its memory. */
  readonly agent: 'rehearsal' | 'kilo' | 'step';
  /** More rows of the catalogue of agents. */
  readonly agents?: readonly object[];
}

const CONNECTED_MS = 120_000;

async function openCrew({ rigs: count, agentsPerRig, agent, agents = [] }: CrewWish): Promise<Crew> {
  const names = Array.from({ length: count }, (_, at) => `rig${at + 1}`);
  const environment = (folder: string): Record<string, string> => {
    const file = path.join(folder, 'agents.json');
    writeFileSync(file, JSON.stringify([rehearsalAgentRow(), ...agents]));
    return { GASTOWN_AGENTS_FILE: file };
  };
  const house = await House.open({ repos: names, createRepo: createErrandRepo, environment });
  try {
    const client = await house.signIn();
    const { id: town } = await client.createTown('Bench');
    await client.command(town, { kind: 'town.configure', agentKind: agent, maxPolecats: count * agentsPerRig });
    const replica = client.watch(town);
    const rigs: RigId[] = [];
    for (const name of names) {
      const gitUrl = house.git.repoUrl(`acme/${name}`);
      const added = await client.command(town, {
        kind: 'rig.add',
        name,
        gitUrl,
        token: GIT_TOKEN,
        gates: [ERRAND_GATE],
        maxPolecats: agentsPerRig,
      });
      const { rigId } = added as { rigId: RigId };
      await replica.until(`${name} is connected`, () => replica.get('rigs', rigId)?.state === 'ready', CONNECTED_MS);
      rigs.push(rigId);
    }
    return { house, client, town, replica, rigs };
  } catch (cause) {
    console.error(house.logs());
    await house.close();
    throw cause;
  }
}

/** Does this with a crew of its own, which is gone afterwards; what broke is told with what the town looked like. */
export async function withCrew<T>(wish: CrewWish, work: (crew: Crew) => Promise<T>): Promise<T> {
  const crew = await openCrew(wish);
  try {
    return await work(crew);
  } catch (cause) {
    console.error(crew.replica.describe(), crew.house.logs());
    throw cause;
  } finally {
    crew.replica.close();
    await crew.house.close();
  }
}

export const script = (steps: readonly object[]): string => `<<<SCRIPT ${JSON.stringify(steps)} SCRIPT>>>`;

const bash = (description: string, command: string, delayMs: number): object => ({ tool: 'bash', args: { command, description }, delayMs });

/** A small piece of work in a repository of errands: two commits, then handed in. The model thinks for `thinkMs` before each of four steps. */
export function errand(number: number, thinkMs: number): string {
  const file = `errands/${number}.txt`;
  const commit = `git add ${file} && git commit --quiet -m 'Errand ${number}'`;
  return script([
    bash('Write it', `mkdir -p errands && echo "errand ${number}" > ${file} && ${commit}`, thinkMs),
    bash('Add to it', `echo "and more" >> ${file} && ${commit}`, thinkMs),
    bash('Look at it', `cat ${file} && sh check.sh`, thinkMs),
    { tool: 'gt_done', args: { summary: `Did errand ${number}.` }, delayMs: thinkMs },
    { text: 'Handed in.' },
  ]);
}

export async function makeBead({ client, town, rigs }: Crew, number: number, body: string): Promise<BeadId> {
  const rigId = rigs[number % rigs.length]!;
  const made = await client.command(town, { kind: 'bead.create', rigId, title: `Errand ${number}`, body });
  return (made as { beadId: BeadId }).beadId;
}
