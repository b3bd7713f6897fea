import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { LIMITS, type BeadId, type PersonCommand, type RunRow } from '@gastown/protocol';
import { makeBead, withCrew, script } from './crew.ts';
import type { Crew } from './crew.ts';
import { figures } from './figures.ts';
import { ticksUntilSettled } from './leases.ts';
import type { Measured } from './measured.ts';
import { partsOf } from './memory-of.ts';
import { onWorkerd } from './runtime.ts';

const GOALS = { firstAnswerMs: 500, ticks: 2, requeuedMs: 90_000 };
const HOLDERS = 2;
const ASK_EVERY_MS = 5;
/** After five losses in a row the town takes its container for broken and waits (PT-11). */
const MOST_LOSSES = 4;
/** A turn that needs neither model nor town while it lasts: with a kill every second agents would give up over a model that never stays. */
const LONG = script([{ tool: 'bash', args: { command: 'tail -f /dev/null', description: 'Wait' } }, { text: 'Never said.' }]);

/**
 * P18. The server is killed with `kill -9` while agents are in their turns: until it gives the right answer to a command that was acknowledged before, and until it has its runner and the same runs again. Beside it the
 * same with a workerd whose only object inserts rows. Then the runner is killed with a run at work: until its bead is in line again, and until the next run is at work; beside it a process that is killed and started again
 * by its parent.
 */
export async function recovery(n: number): Promise<Measured> {
  const ticks = ticksUntilSettled();
  const bare = await bareServer(n);
  return withCrew({ rigs: 1, agentsPerRig: HOLDERS, agent: 'rehearsal' }, async (crew) => {
    await holdAnew(crew, 0);
    const server: Server[] = [];
    for (let round = 0; round < n; round += 1) server.push(await killServer(crew));
    const runner: Runner[] = [];
    for (let round = 0; round < Math.min(n, MOST_LOSSES); round += 1) {
      // A bead whose runner is lost again and again is given up: each loss meets fresh ones.
      await holdAnew(crew, round + 1);
      runner.push(await killRunner(crew));
    }
    const beads = crew.replica.all('beads').filter(({ type }) => type === 'issue');
    const rightTicks = Object.values(ticks).every((one) => one.ticks <= GOALS.ticks);
    const kept = server.filter(({ kept: runs }) => runs === HOLDERS).length;
    const charged = beads.filter(({ attempts }) => attempts > 0).length;
    const late = runner.filter(({ requeuedMs }) => requeuedMs > GOALS.requeuedMs).length;
    const why = [
      ...(rightTicks ? [] : [`leases were not settled within ${GOALS.ticks} ticks`]),
      ...(kept === n ? [] : [`${n - kept} of ${n} times a run did not outlive the server`]),
      ...(charged === 0 ? [] : [`${charged} beads were charged an attempt for a lost runner`]),
      ...(late === 0 ? [] : [`${late} of ${runner.length} times a bead was not in line again within ${GOALS.requeuedMs / 1_000} s`]),
    ];
    const answer = figures(server.map(({ answerMs }) => answerMs));
    return {
      ok: why.length === 0,
      why,
      figures: {
        goals: GOALS,
        ticksUntilLeasesAreSettled: ticks,
        serverKilled: {
          firstRightAnswerMs: answer,
          bareServerMs: figures(bare),
          ratioOfMedians: Math.round((answer.median / figures(bare).median) * 100) / 100,
          runnerAndRunsAgainMs: figures(server.map(({ settledMs }) => settledMs)),
          runsKept: `${kept * HOLDERS} of ${n * HOLDERS}`,
        },
        runnerKilled: {
          requeuedMs: figures(runner.map(({ requeuedMs }) => requeuedMs)),
          nextRunAtWorkMs: figures(runner.map(({ nextMs }) => nextMs)),
          bareProcessMs: figures(await bareProcesses(n)),
          leaseMs: LIMITS.leaseMs.value,
        },
      },
    };
  });
}

/** Beads that are worked on without an end, instead of those before. */
async function holdAnew(crew: Crew, round: number): Promise<void> {
  const { client, town, replica } = crew;
  for (const { beadId } of working(crew)) await client.command(town, { kind: 'bead.set_status', beadId: beadId!, status: 'closed' });
  await replica.until('nothing is worked on', () => replica.all('runs').every(({ beadId, state }) => beadId === null || state === 'ended'));
  for (let holder = 0; holder < HOLDERS; holder += 1) await makeBead(crew, round * HOLDERS + holder, LONG);
  await replica.until('the runs are at work', () => working(crew).length === HOLDERS);
}

const working = ({ replica }: Crew): RunRow[] => replica.all('runs').filter(({ beadId, state }) => beadId !== null && state === 'working');

interface Server {
  readonly answerMs: number;
  readonly settledMs: number;
  readonly kept: number;
}

async function killServer(crew: Crew): Promise<Server> {
  const { client, town, house, rigs } = crew;
  const before = working(crew).map(({ id }) => id);
  const written: PersonCommand = { kind: 'bead.create', rigId: rigs[0]!, title: `Written before ${randomUUID()}`, staged: true };
  const key = randomUUID();
  const acknowledged = JSON.stringify(await client.command(town, written, key));
  const [pid] = partsOf(house.processes()).workerd;
  const began = performance.now();
  process.kill(pid!, 'SIGKILL');
  const answer = await patiently(() => client.command(town, written, key));
  const answerMs = performance.now() - began;
  if (JSON.stringify(answer) !== acknowledged) throw new Error(`the town said ${JSON.stringify(answer)}, and before ${acknowledged}`);
  const fresh = client.watch(town);
  const isSettled = (): boolean =>
    fresh.all('town')[0]?.runnerConnected === true &&
    fresh.all('runs').every(({ beadId, state }) => beadId === null || state !== 'starting');
  await fresh.until('the runner is linked again', isSettled, GOALS.requeuedMs);
  const settledMs = performance.now() - began;
  const kept = fresh.all('runs').filter(({ id, state }) => before.includes(id) && state === 'working').length;
  fresh.close();
  await crew.replica.until('the replica is linked again', () => crew.replica.get('beads', (answer as { beadId: BeadId }).beadId));
  return { answerMs, settledMs, kept };
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (cause) {
      if (tries === 4_000) throw cause;
      await after(ASK_EVERY_MS);
    }
  }
}

interface Runner {
  readonly requeuedMs: number;
  readonly nextMs: number;
}

async function killRunner(crew: Crew): Promise<Runner> {
  const { replica, house } = crew;
  const [lost] = await replica.until('runs at work', () => working(crew).length === HOLDERS && working(crew));
  const began = performance.now();
  if (house.kill(/apps\/runner\/src\/main\.ts/) === 0) throw new Error('there is no runner');
  await replica.until('the run is over', () => replica.get('runs', lost!.id)?.state === 'ended', 2 * GOALS.requeuedMs);
  const requeuedMs = performance.now() - began;
  const next = (): boolean => working(crew).some(({ beadId, id }) => beadId === lost!.beadId && id !== lost!.id);
  await replica.until('the next run is at work', next, 2 * GOALS.requeuedMs);
  const nextMs = performance.now() - began;
  // What is not at work yet could not be told to end: the next round waits for all.
  await replica.until('all runs are at work again', () => working(crew).length === HOLDERS, 2 * GOALS.requeuedMs);
  return { requeuedMs, nextMs };
}

/** The same machine and runtime with an object that does the least that is durable. */
const bareServer = (n: number): Promise<number[]> =>
  onWorkerd(async (_ask, base) => {
    const insert = async (): Promise<unknown> => (await fetch(new URL('/insert', base))).json();
    await insert();
    const times: number[] = [];
    for (let round = 0; round < n; round += 1) {
      const began = performance.now();
      process.kill(workerdBelow(), 'SIGKILL');
      await patiently(insert);
      times.push(performance.now() - began);
    }
    return times;
  });

function workerdBelow(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workerd'));
  if (found === undefined) throw new Error('there is no workerd');
  return found;
}

/** Killed, noticed by its parent, started again, until it says a word. */
async function bareProcesses(n: number): Promise<number[]> {
  const start = async () => {
    const child = spawn(process.execPath, ['-e', 'console.log("here"); setInterval(() => {}, 1_000)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    return child;
  };
  const times: number[] = [];
  let child = await start();
  for (let round = 0; round < n; round += 1) {
    const began = performance.now();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = await start();
    times.push(performance.now() - began);
  }
  child.kill('SIGKILL');
  return times;
}
