import type { Dice } from './dice.ts';
import { agentsAtWork, type World } from './world.ts';

export const AGENT = /rehearsal\/src\/agent\/main\.ts/;
export const RUNNER = /apps\/runner\/src\/main\.ts/;
const CONTAINER = new RegExp(`${AGENT.source}|${RUNNER.source}`);

/** `kill -9`, of how many processes. */
const KILLS = {
  agent: async ({ house }, dice) => house.kill(AGENT, (found) => (found.length === 0 ? [] : [dice.pick(found)])),
  agents: async ({ house }) => house.kill(AGENT),
  runner: async ({ house }) => house.kill(RUNNER),
  /** As when the machine of the runner is taken away: nothing in it ends by itself. */
  container: async ({ house }) => house.kill(CONTAINER),
  /** Launcher and workerd too: the town's own database is out until they are back. */
  async everything(world) {
    const killed = await world.house.killEverything();
    await world.house.up();
    world.client = await world.house.signIn();
    return killed;
  },
} as const satisfies Record<string, (world: World, dice: Dice) => Promise<number>>;
export type KillName = keyof typeof KILLS;

const mergeAtWork = ({ replica }: World): boolean => replica.all('merges').some(({ phase }) => phase === 'testing' || phase === 'landing');

/** False: nothing that it ends was at work, or there was nothing to kill. */
export async function killAtWork(world: World, name: KillName, dice: Dice): Promise<boolean> {
  const agentsAlone = name === 'agent' || name === 'agents';
  const atWork = agentsAtWork(world) || (!agentsAlone && mergeAtWork(world));
  return atWork && (await KILLS[name](world, dice)) > 0;
}
