import { setTimeout as after } from 'node:timers/promises';
import { errand, makeBead, withCrew } from './crew.ts';
import type { Crew } from './crew.ts';
import { figures } from './figures.ts';
import { Inspected } from './inspected.ts';
import type { Heap } from './inspected.ts';
import { memoryOf, partsOf } from './memory-of.ts';
import type { Part } from './memory-of.ts';
import type { Measured } from './measured.ts';
import { slopeOf } from './slope.ts';
import type { Point, Slope } from './slope.ts';

const AGENTS = 10;
const RIGS = 2;
/** Four times a bead: some four beads a minute by ten agents, which leaves the machine to others. */
const THINK_MS = 35_000;
const MINUTE_MS = 60_000;
/** A full collection is asked for this often: in between, memory is what it would be without us. */
const COLLECT_EVERY = 5;
const INSPECTORS = { runner: 19_231, launcher: 19_232 } as const;
const MOST_MIB_AN_HOUR = 1;

interface Sample {
  readonly minute: number;
  readonly resident: Record<Part, number>;
  readonly heaps: Record<keyof typeof INSPECTORS, Heap> | null;
  readonly closed: number;
}

/**
 * Ten agents for `minutes`, a new bead for each that lands. Each minute the memory of our processes is looked at, every five after a full collection; after a warm-up of a quarter of the time its slope is what a
 * leak would be. What is used after a collection is the judge: resident memory moves with when the collector runs. workerd cannot be asked for a collection from outside: its resident memory is reported.
 */
export async function soak(minutes: number): Promise<Measured> {
  return withCrew({ rigs: RIGS, agentsPerRig: AGENTS / RIGS, agent: 'rehearsal' }, async (crew) => {
    const inside = await inspect(crew);
    const [first] = partsOf(crew.house.processes()).runner;
    const before = await sampleOf(crew, inside, 0, true);
    const over = keepBusy(crew);
    const samples: Sample[] = [];
    for (let minute = 1; minute <= minutes; minute += 1) {
      await after(MINUTE_MS);
      samples.push(await sampleOf(crew, inside, minute, minute % COLLECT_EVERY === 0));
      console.error(JSON.stringify(samples.at(-1)));
    }
    const made = over();
    const [last] = partsOf(crew.house.processes()).runner;
    return {
      ...verdict(crew, before, samples, made),
      ...(last !== first && { ok: false, why: ['the runner is not the one it was'] }),
    };
  });
}

type Inside = Record<keyof typeof INSPECTORS, Inspected>;

async function inspect({ house }: Crew): Promise<Inside> {
  const parts = partsOf(house.processes());
  const [runner, launcher] = [parts.runner[0], parts.launcher[0]];
  if (runner === undefined || launcher === undefined) throw new Error('there is no runner or no launcher');
  return { runner: await Inspected.open(runner, INSPECTORS.runner), launcher: await Inspected.open(launcher, INSPECTORS.launcher) };
}

/** For each bead that is over a new one. The end gives how many were made. */
function keepBusy(crew: Crew): () => number {
  let made = 0;
  let ended = false;
  const oneAfterTheOther = async (agent: number): Promise<void> => {
    await after((agent * 4 * THINK_MS) / AGENTS);
    while (!ended) {
      const number = ++made;
      const id = await makeBead(crew, number, errand(number, THINK_MS));
      const isOver = (): boolean => ended || ['closed', 'failed'].includes(crew.replica.get('beads', id)?.status ?? '');
      await crew.replica.until(`errand ${number} is over`, isOver, 30 * MINUTE_MS);
    }
  };
  for (let agent = 0; agent < AGENTS; agent += 1)
    void oneAfterTheOther(agent).catch((cause: unknown) => ended || console.error(String(cause)));
  return () => {
    ended = true;
    return made;
  };
}

async function sampleOf(crew: Crew, inside: Inside, minute: number, collect: boolean): Promise<Sample> {
  const parts = partsOf(crew.house.processes());
  const resident = Object.fromEntries(Object.entries(parts).map(([part, pids]) => [part, memoryOf(pids).resident])) as Record<Part, number>;
  const heaps = collect ? { runner: await inside.runner.heap(), launcher: await inside.launcher.heap() } : null;
  return { minute, resident, heaps, closed: closedIn(crew) };
}

/** What a leak would be: not what V8 compiled, which grows until everything was called once. */
const dataOf = ({ heapUsed, external, code }: Heap): number => heapUsed + external - code;

const closedIn = ({ replica }: Crew): number =>
  replica.all('beads').filter(({ type, status }) => type === 'issue' && status === 'closed').length;

function verdict(crew: Crew, before: Sample, samples: readonly Sample[], made: number): Measured {
  const warm = samples.filter(({ minute }) => minute > samples.length / 4);
  const collected = warm.filter(({ heaps }) => heaps !== null);
  const slope = (of: (sample: Sample) => number, among: readonly Sample[]): Slope | null =>
    among.length < 4 ? null : slopeOf(among.map((sample): Point => ({ hours: sample.minute / 60, value: of(sample) })));
  const heapSlopes = {
    runner: slope(({ heaps }) => dataOf(heaps!.runner), collected),
    launcher: slope(({ heaps }) => dataOf(heaps!.launcher), collected),
  };
  const codeSlopes = {
    runner: slope(({ heaps }) => heaps!.runner.code, collected),
    launcher: slope(({ heaps }) => heaps!.launcher.code, collected),
  };
  const failed = crew.replica.all('beads').filter(({ type, status }) => type === 'issue' && status === 'failed').length;
  const closed = closedIn(crew);
  const why = [
    ...Object.entries(heapSlopes).flatMap(([part, found]) =>
      found !== null && found.perHour - found.plusMinus > MOST_MIB_AN_HOUR
        ? [`what the ${part} holds after a collection grows by ${found.perHour} ± ${found.plusMinus} MiB an hour`]
        : [],
    ),
    ...(failed > 0 ? [`${failed} beads failed`] : []),
    ...(closed === 0 ? ['no bead landed'] : []),
  ];
  return {
    ok: why.length === 0,
    why,
    figures: {
      minutes: samples.length,
      agents: AGENTS,
      beads: { made, closed, failed },
      goalMibPerHour: MOST_MIB_AN_HOUR,
      heapAfterCollectionMibPerHour: heapSlopes,
      codeMibPerHour: codeSlopes,
      residentMibPerHour: {
        runner: slope(({ resident }) => resident.runner, warm),
        launcher: slope(({ resident }) => resident.launcher, warm),
        workerd: slope(({ resident }) => resident.workerd, warm),
        agents: slope(({ resident }) => resident.agents, warm),
      },
      residentMib: Object.fromEntries(
        (['runner', 'launcher', 'workerd', 'agents'] as const).map((part) => [
          part,
          { beforeFirstBead: before.resident[part], ...(warm.length > 0 && { warm: figures(warm.map(({ resident }) => resident[part])) }) },
        ]),
      ),
      heaps: [before, ...samples].flatMap(({ minute, heaps }) => (heaps === null ? [] : [{ minute, ...heaps }])),
    },
  };
}
