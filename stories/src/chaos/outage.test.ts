import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Dice } from './dice.ts';
import { killAtWork } from './kills.ts';
import { outage } from './outage.ts';
import type { Flow } from './flow.ts';
import { isDue } from './pace.ts';
import { totalOf } from './total.ts';
import type { World } from './world.ts';

/** A git server that only is there, or is not. */
async function doorway(): Promise<Parameters<typeof outage>[0] & { said: string[] }> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  const said: string[] = [];
  const close = async (): Promise<void> => {
    said.push('down');
    probe.close();
    await once(probe, 'close');
  };
  return { port, said, down: close, up: async () => void said.push('up') };
}

async function callAt(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
  const [cause] = (await once(socket, 'close').catch((error: unknown) => [error])) as [unknown];
  return cause instanceof Error ? 'refused' : 'closed';
}

test('an outage counts who called meanwhile, and none when nobody did; the server is up again after it', async () => {
  const nobody = await doorway();
  expect(await outage(nobody, async () => undefined)).toBe(0);
  expect(nobody.said).toEqual(['down', 'up']);
  const two = await doorway();
  const calls: string[] = [];
  const met = await outage(two, async () => {
    calls.push(await callAt(two.port), await callAt(two.port));
  });
  expect(met).toBe(2);
  expect(calls).toEqual(['refused', 'refused']);
});

/** What the kills use of a world. */
function worldWith({ at, processes }: { at: 'runs' | 'merges' | null; processes: number }): { world: World; killed: string[][] } {
  const killed: string[][] = [];
  const found = Array.from({ length: processes }, (_, at) => ({ pid: at + 1 }));
  const world = {
    replica: { all: (table: string) => (table === at ? [{ beadId: 'gt-1', state: 'working', phase: 'testing' }] : []) },
    house: {
      kill(what: RegExp, choose = (all: readonly object[]): readonly object[] => all) {
        const chosen = choose(found);
        killed.push(chosen.map(() => what.source));
        return chosen.length;
      },
      killEverything: async () => processes,
      up: async () => 'link',
      signIn: async () => ({}),
    },
  };
  return { world: world as unknown as World, killed };
}

test.each([
  ['agent', false],
  ['agents', false],
  ['runner', true],
  ['container', true],
  ['everything', true],
] as const)('kill of %s counts while something that it ends is at work, and else not', async (name, endsMerges) => {
  const ask = (...wish: Parameters<typeof worldWith>): Promise<boolean> => killAtWork(worldWith(...wish).world, name, new Dice(1));
  expect(await ask({ at: 'runs', processes: 3 })).toBe(true);
  expect(await ask({ at: 'runs', processes: 0 })).toBe(false);
  expect(await ask({ at: 'merges', processes: 3 })).toBe(endsMerges);
  expect(await ask({ at: null, processes: 3 })).toBe(false);
});

test('one agent is one process; a container is the runner with its agents', async () => {
  const { world, killed } = worldWith({ at: 'runs', processes: 3 });
  await killAtWork(world, 'agent', new Dice(1));
  await killAtWork(world, 'container', new Dice(1));
  expect(killed.map((each) => each.length)).toEqual([1, 3]);
  const container = new RegExp(killed[1]![0]!);
  expect(['node apps/runner/src/main.ts', 'node packages/rehearsal/src/agent/main.ts'].every((command) => container.test(command))).toBe(
    true,
  );
  expect(container.test('workerd serve')).toBe(false);
});

test('troubles are spread over the work: none before its time, all before the end', () => {
  const duesOf = (troubles: number, beads: number): number[] => {
    const dues: number[] = [];
    for (let closed = 0; closed < beads; closed += 1)
      while (dues.length < troubles && isDue(dues.length, troubles, closed, beads)) dues.push(closed);
    return dues;
  };
  expect(duesOf(4, 200)).toEqual([20, 60, 100, 140]);
  expect(duesOf(20, 200)).toHaveLength(20);
});

const whole: Flow = {
  outages: 4,
  refused: 30,
  kills: { agent: 15, runner: 5 },
  runs: 240,
  retriedByAPerson: 0,
  resumedByAPerson: 0,
  broken: [],
};

test('the end is good when every town had its outages and its kills and broke no promise, and only then', () => {
  const of = (...flows: readonly Flow[]) => totalOf({ beads: 200, outages: 4, kills: 20 }, flows);
  expect(of(whole, whole)).toMatchObject({ ok: true, beads: 400, outages: 8, refused: 60, kills: 40, byKill: { agent: 30, runner: 10 } });
  expect(of().ok).toBe(false);
  expect(of(whole, { ...whole, broken: ['a bead is not there any more'] })).toMatchObject({ ok: false, broken: 1 });
  expect(of(whole, { ...whole, outages: 3 }).ok).toBe(false);
  expect(of(whole, { ...whole, kills: { agent: 19 } }).ok).toBe(false);
});
