import { expect, test, vi } from 'vitest';
import { Dice } from './dice.ts';
import { FAULTS, type FaultName } from './faults.ts';
import { storm, type StormWish } from './storm.ts';
import type { HarshWorld } from './harsh.ts';

const wish = (changes: Partial<StormWish<string>>): StormWish<string> => ({
  faults: 3,
  chosen: ['agent', 'runner'],
  pick: () => 'agent',
  isOver: () => false,
  inTime: () => undefined,
  happen: async () => true,
  rest: async () => undefined,
  ...changes,
});

test('a town that is stuck under faults that cannot be done fails when its time is over', async () => {
  let looks = 0;
  const inTime = (): void => {
    looks += 1;
    if (looks > 5) throw new Error('not every errand is closed');
  };
  await expect(storm(wish({ happen: async () => false, inTime }))).rejects.toThrow('not every errand is closed');
});

test('a town is left alone longer, the more faults in a row nobody met', async () => {
  const rests: number[] = [];
  const met = [false, false, true, true, true];
  await storm(wish({ happen: async () => met.shift()!, rest: async (misses) => void rests.push(misses) }));
  expect(rests).toEqual([1, 2, 0, 0, 0]);
});

test('each chosen fault happens once, then as the dice say; one that was not met comes again', async () => {
  const names: string[] = [];
  await storm(
    wish({
      happen: async (name) => {
        names.push(name);
        return names.length > 1;
      },
    }),
  );
  expect(names).toEqual(['agent', 'runner', 'agent', 'agent']);
});

/** A town where nobody meets anything, or somebody does. */
function worldWhere(met: { atWork: boolean; processes: number; packets: number; asks: boolean }): HarshWorld {
  const requests: object[] = [{ status: 200 }];
  const events: object[] = [];
  const world = {
    rigs: new Map([['alpha', 'rig-00000001']]),
    client: { command: async () => undefined },
    replica: {
      all: (table: string) => {
        if (table === 'events') return events;
        return met.atWork ? [{ beadId: 'gt-1', state: 'working' }] : [];
      },
    },
    clock: { set: (offBy: number) => void (met.asks && events.push({ id: events.length + 1, at: Date.now() + offBy * 1_000 })) },
    house: {
      runnerLog: () => '',
      port: 1,
      kill: () => met.processes,
      freeze: () => met.processes,
      git: {
        port: 2,
        down: async () => undefined,
        up: async () => undefined,
        inject: ({ status }: { status?: number }) => void (met.asks && status !== undefined && requests.push({ status })),
        setTokens: () => void (met.asks && requests.push({ status: 200 })),
        requests: () => [...requests],
      },
      model: { port: 3, requests: () => [...requests] },
    },
    network: {
      cut: async () => met.packets,
      calls: async (_port: number, meanwhile: () => Promise<void>) => {
        await meanwhile();
        return met.packets;
      },
    },
    disk: {
      full: async () => void (met.asks && requests.push({ status: 200 })),
      readOnly: async () => {
        if (met.asks) requests.push({ status: 200 });
        return true;
      },
    },
  };
  return world as unknown as HarshWorld; // what the faults use of it
}

const MET: readonly FaultName[] = [
  'agent',
  'runner',
  'forge',
  'forge errors',
  'link cut',
  'forge cut',
  'provider cut',
  'runner hangs',
  'agent hangs',
  'disk full',
  'disk read-only',
  'clock',
  'token',
];

test.each(MET)('%s counts when somebody met it, and not when nobody did', async (name) => {
  vi.useFakeTimers();
  try {
    const happen = async (world: HarshWorld): Promise<boolean> => {
      const done = FAULTS[name].happen(world, new Dice(1));
      await vi.advanceTimersByTimeAsync(60_000);
      return done;
    };
    expect(await happen(worldWhere({ atWork: true, processes: 1, packets: 1, asks: true }))).toBe(true);
    expect(await happen(worldWhere({ atWork: true, processes: 0, packets: 0, asks: false }))).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test('a disk that fails is met when the runner says that it could not write, though no model was asked', async () => {
  const world = worldWhere({ atWork: true, processes: 1, packets: 1, asks: false });
  let log = '"reason":"EROFS: read-only file system"';
  const house = {
    runnerLog: () => log,
    model: { requests: () => [] },
  };
  const disk = { readOnly: async () => Boolean((log += log)) };
  expect(await FAULTS['disk read-only'].happen({ ...world, house, disk } as unknown as HarshWorld, new Dice(1))).toBe(true);
});

test.each(['agent', 'runner', 'runner hangs', 'agent hangs', 'disk full', 'disk read-only', 'clock', 'server'] as const)(
  '%s does not count while nobody is at work',
  async (name) => {
    const idle = worldWhere({ atWork: false, processes: 1, packets: 1, asks: true });
    expect(await FAULTS[name].happen(idle, new Dice(1))).toBe(false);
  },
);
