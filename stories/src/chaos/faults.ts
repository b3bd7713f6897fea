import { randomUUID } from 'node:crypto';
import type { Dice } from './dice.ts';
import type { HarshWorld } from './harsh.ts';
import { AGENT, killAtWork, RUNNER } from './kills.ts';
import { PROVIDER_FAULTS } from './provider.ts';
import { agentsAtWork, wait } from './world.ts';

/** One thing that goes wrong. It puts back what it took away; `false`: it could not be done at this moment, or nobody met it. */
interface Fault {
  readonly says: string;
  readonly happen: (world: HarshWorld, dice: Dice) => Promise<boolean>;
}

const cut = async (world: HarshWorld, dice: Dice, port: number, most: number): Promise<boolean> =>
  (await world.network.cut(port, dice.pick(['drop', 'reject']), dice.between(1_000, most))) > 0;

async function freeze(world: HarshWorld, what: RegExp, ms: number): Promise<boolean> {
  if (!agentsAtWork(world)) return false;
  const stopped = world.house.freeze(what, 'SIGSTOP');
  if (stopped > 0) await wait(ms);
  world.house.freeze(what, 'SIGCONT');
  return stopped > 0;
}

/** The runner says that it could not write, or an answer of the model came, after which an agent writes: else a disk that fails was met by nobody. */
async function whileSomebodyWrites(world: HarshWorld, trouble: () => Promise<boolean>): Promise<boolean> {
  if (!agentsAtWork(world)) return false;
  const said = (): number => world.house.runnerLog().match(/EROFS|ENOSPC|[Rr]ead-only file system|No space left/g)?.length ?? 0;
  const [asked, refused] = [world.house.model.requests().at(-1), said()];
  return (await trouble()) && (world.house.model.requests().at(-1) !== asked || said() > refused);
}

/** By minutes or hours (decision 0011). */
const FARTHEST_S = [-10_800, 10_800] as const;

/** Met when the town tells of something that happened by the wrong clock. */
async function jump(world: HarshWorld, dice: Dice): Promise<boolean> {
  if (!agentsAtWork(world)) return false;
  const { clock, replica } = world;
  const farthest = dice.pick(FARTHEST_S);
  const seconds = dice.between(farthest / 6, farthest);
  const before = Math.max(0, ...replica.all('events').map(({ id }) => id));
  clock.set(seconds);
  await wait(dice.between(4_000, 15_000));
  clock.set(0);
  return replica.all('events').some(({ id, at }) => id > before && Math.abs(at - Date.now() - seconds * 1_000) < 60_000);
}

export const FAULTS = {
  ...PROVIDER_FAULTS,
  agent: { says: 'kill -9 of an agent process', happen: (world, dice) => killAtWork(world, 'agents', dice) },
  runner: { says: 'kill -9 of the runner', happen: (world, dice) => killAtWork(world, 'runner', dice) },
  server: {
    says: 'kill -9 of everything: launcher, workerd, runner, agents',
    happen: (world, dice) => killAtWork(world, 'everything', dice),
  },
  forge: {
    says: 'the git server is down for some seconds, with every connection of it',
    async happen({ house, network }, dice) {
      const refused = await network.calls(house.git.port, async () => {
        await house.git.down();
        await wait(dice.between(3_000, 10_000));
      });
      await house.git.up();
      return refused > 0;
    },
  },
  'forge errors': {
    says: 'the git server answers with 5xx or 429, or slowly',
    async happen({ house }, dice) {
      const before = house.git.requests().length;
      const status = dice.pick([429, 500, 503]);
      house.git.inject({ failNext: dice.between(2, 8), status, delayMs: dice.between(0, 800) });
      await wait(3_000);
      house.git.inject({});
      return house.git
        .requests()
        .slice(before)
        .some((request) => request.status === status);
    },
  },
  'link cut': {
    says: 'no packet reaches the town’s server, or each is refused',
    happen: (world, dice) => cut(world, dice, world.house.port, 20_000),
  },
  'forge cut': { says: 'no packet reaches the git server', happen: (world, dice) => cut(world, dice, world.house.git.port, 10_000) },
  'provider cut': {
    says: 'no packet reaches the model provider',
    happen: (world, dice) => cut(world, dice, world.house.model.port, 10_000),
  },
  'runner hangs': {
    says: 'the runner stands still and holds its sockets',
    happen: (world, dice) => freeze(world, RUNNER, dice.between(2_000, 30_000)),
  },
  'agent hangs': { says: 'the agents stand still', happen: (world, dice) => freeze(world, AGENT, dice.between(2_000, 15_000)) },
  'disk full': {
    says: 'the disk of the containers is full',
    happen: (world, dice) =>
      whileSomebodyWrites(world, async () => {
        await world.disk.full(dice.between(2_000, 8_000));
        return true;
      }),
  },
  'disk read-only': {
    says: 'the disk of the containers cannot be written',
    happen: (world, dice) => whileSomebodyWrites(world, () => world.disk.readOnly(dice.between(1_000, 5_000))),
  },
  clock: { says: 'the clock jumps by up to three hours, either way, and is put right', happen: jump },
  token: {
    says: 'the token of the repositories ends; the town has the new one',
    async happen(world) {
      const fresh = `chaos-${randomUUID()}`;
      for (const rigId of world.rigs.values()) await world.client.command(world.town, { kind: 'rig.set_token', rigId, token: fresh });
      const before = world.house.git.requests().length;
      world.house.git.setTokens({ [fresh]: { user: 'octocat', push: true } });
      world.token = fresh;
      for (let looks = 0; looks < 20 && world.house.git.requests().length === before; looks += 1) await wait(500);
      return world.house.git.requests().length > before;
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
