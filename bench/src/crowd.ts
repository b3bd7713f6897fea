import { setTimeout as after } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { errand, makeBead, withCrew } from './crew.ts';
import type { Crew } from './crew.ts';
import { figures } from './figures.ts';
import { Inspected } from './inspected.ts';
import { memoryOf, partsOf } from './memory-of.ts';
import type { Part } from './memory-of.ts';
import type { Measured } from './measured.ts';

const RIGS = 5;
const LOOK_MS = 1_000;
const ALL_MS = 1_800_000;
const INSPECTOR = 19_233;
/** What a model takes to think, roughly: without it agents would do nothing but wait for the machine. */
const THINK_MS = 5_000;

/**
 * ED-1, ED-12: `n` agents over five rigs in one runner, a bead each, all at once: until every one has landed. Beside it the least that it could take: the thinking of one agent.
 * `kilo` is the same with the full agent.
 */
export const crowd =
  (agent: 'rehearsal' | 'kilo') =>
  async (n: number): Promise<Measured> => {
    return withCrew({ rigs: RIGS, agentsPerRig: Math.ceil(n / RIGS), agent }, async (crew) => {
      const frames = await countFrames(crew);
      const cpuBefore = cpuSeconds(crew);
      const began = performance.now();
      const watch = watchMemory(crew);
      const beads = await Promise.all(Array.from({ length: n }, (_, at) => makeBead(crew, at + 1, errand(at + 1, THINK_MS))));
      const [landed, working]: [number[], number[]] = [[], []];
      await Promise.all(
        beads.map(async (id) => {
          await crew.replica.until(
            `${id} is worked on`,
            () => crew.replica.all('runs').some((run) => run.beadId === id && run.state !== 'starting'),
            ALL_MS,
          );
          working.push(performance.now() - began);
          await crew.replica.until(
            `${id} is over`,
            () => ['closed', 'failed'].includes(crew.replica.get('beads', id)?.status ?? ''),
            ALL_MS,
          );
          landed.push(performance.now() - began);
        }),
      );
      const cpu = cpuSeconds(crew);
      const peaks = watch();
      const closed = beads.filter((id) => crew.replica.get('beads', id)?.status === 'closed').length;
      const merges = crew.replica.all('merges').filter(({ phase }) => phase === 'landed').length;
      const runs = crew.replica.all('runs').filter(({ beadId }) => beadId !== null);
      const ends = Object.groupBy(runs, ({ failure, endReason, state }) => failure?.code ?? endReason ?? state);
      const why = [
        ...(closed === n ? [] : [`${closed} of ${n} beads landed`]),
        ...(merges === n ? [] : [`${merges} merges for ${n} beads`]),
      ];
      return {
        ok: why.length === 0,
        why,
        figures: {
          agent,
          beads: n,
          rigs: RIGS,
          runs: Object.fromEntries(Object.entries(ends).map(([how, all]) => [how, all.length])),
          allLandedMs: Math.round(performance.now() - began),
          thinkingOfOneMs: THINK_MS * 4,
          atWorkMs: figures(working),
          landedMs: figures(landed),
          ...peaks,
          cpuSeconds: Object.fromEntries(
            Object.entries(cpu).map(([part, seconds]) => [part, Math.round((seconds - cpuBefore[part as Part]) * 10) / 10]),
          ),
          frames: await frames(),
        },
      };
    });
  };

/** The highest that was seen, looked at each second; of reasons to wait, how many beads had each at once: what to raise first. */
function watchMemory(crew: Crew): () => object {
  const peaks: Record<string, { resident: number; proportional: number; processes: number }> = {};
  let ended = false;
  let [load, atOnce] = [0, 0];
  const mostWaiting: Record<string, number> = {};
  const look = async (): Promise<void> => {
    while (!ended) {
      const parts = partsOf(crew.house.processes());
      for (const part of ['runner', 'agents', 'workerd', 'launcher'] as const) {
        const now = memoryOf(parts[part]);
        const peak = peaks[part];
        if (!peak || now.proportional > peak.proportional) peaks[part] = now;
      }
      const waits = Object.groupBy(
        crew.replica.all('beads').flatMap(({ wait }) => wait?.code ?? []),
        (code) => code,
      );
      for (const [code, all] of Object.entries(waits)) mostWaiting[code] = Math.max(mostWaiting[code] ?? 0, all.length);
      load = Math.max(load, os.loadavg()[0]!);
      atOnce = Math.max(atOnce, crew.replica.all('runs').filter(({ beadId, state }) => beadId !== null && state === 'working').length);
      await after(LOOK_MS);
    }
  };
  void look();
  return () => {
    ended = true;
    return { peakMib: peaks, peakLoad: Math.round(load * 10) / 10, mostAtWorkAtOnce: atOnce, mostWaiting };
  };
}

/** Of live processes and of those they waited for: agents that have ended are in their runner's sum. */
function cpuSeconds({ house }: Crew): Record<Part, number> {
  const parts = partsOf(house.processes());
  const of = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / 100;
  return { launcher: of(parts.launcher), workerd: of(parts.workerd), runner: of(parts.runner), agents: of(parts.agents) };
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  } catch (cause) {
    if (['ENOENT', 'ESRCH'].includes((cause as NodeJS.ErrnoException).code ?? '')) return 0;
    throw cause;
  }
}

/** Counts what the runner's sockets carry, from inside the runner: link and streams apart. */
async function countFrames({ house }: Crew): Promise<() => Promise<unknown>> {
  const [pid] = partsOf(house.processes()).runner;
  const inside = await Inspected.open(pid!, INSPECTOR);
  await inside.evaluate(`(() => {
    const WebSocket = process.getBuiltinModule('node:module').createRequire(process.argv[1])('ws');
    const counts = (globalThis.benchFrames = {});
    const add = (socket, way, data) => {
      const what = socket.url.endsWith('/link') ? 'link' : 'streams';
      const one = ((counts[what] ??= {})[way] ??= { frames: 0, bytes: 0 });
      one.frames += 1;
      one.bytes += data.length;
    };
    const { send, emit } = WebSocket.prototype;
    WebSocket.prototype.send = function (data, ...rest) { add(this, 'sent', data); return send.call(this, data, ...rest); };
    WebSocket.prototype.emit = function (name, data, ...rest) { if (name === 'message') add(this, 'received', data); return emit.call(this, name, data, ...rest); };
  })()`);
  return () => inside.evaluate('globalThis.benchFrames');
}
