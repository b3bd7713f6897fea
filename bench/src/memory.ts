import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LIMITS } from '@gastown/protocol';
import { createErrandRepo, House } from '@gastown/stories';
import { BareAgent } from './bare-agent.ts';
import { makeBead, withCrew, script } from './crew.ts';
import type { Crew } from './crew.ts';
import { memoryOf, partsOf } from './memory-of.ts';
import type { MemoryOf } from './memory-of.ts';
import type { Measured } from './measured.ts';

const GOALS = { runnerMib: 150, mibASession: 60, tenAgentsMib: 2_048, thirtyAgentsMib: 4_096 };
const SETTLE_MS = 5_000;
const ALL_MS = 600_000;
const ASK_EVERY_MS = 100;
/** Some work, and then a model that thinks for longer than it takes to look. */
const HOLD = script([
  { text: 'I begin.', tool: 'bash', args: { command: 'git log --oneline && ls', description: 'Look around' } },
  ...Array.from({ length: 20 }, () => ({ tool: 'bash', args: { command: 'true', description: 'Wait' }, delayMs: 100_000 })),
]);

interface Held {
  readonly sessions: number;
  readonly runner: MemoryOf;
  /** All that the runner started. */
  readonly agents: MemoryOf;
  readonly workerd: MemoryOf;
}

/**
 * P19: memory of the runner (with what starts its programs, as it would be alone on the machine) and of the agents it started, with more and more sessions that are all in a turn; beside it Kilo alone with as many sessions, in as many processes. What a session costs over the
 * agent's own is what runner and agents have more than bare Kilo, by session.
 */
export async function memory(n: number): Promise<Measured> {
  const sizes = [1, 10, 20, 30].filter((size) => size < n).concat(n);
  const rehearsal = await grown('rehearsal', sizes);
  const kilo = await grown('kilo', sizes);
  const bare = await bareKilo(sizes);
  const idle = kilo[0]!.runner.alone;
  const sessions = kilo.slice(1).map(({ sessions: count, runner, agents, workerd }, at) => ({
    sessions: count,
    runner,
    agents,
    workerd,
    bareKilo: bare[at]!,
    mibASessionOverKilo: perSession(runner.alone - idle + agents.proportional - bare[at]!.proportional, count),
    mibASessionOfKilo: perSession(bare[at]!.proportional, count),
    /** What the container has to hold: PSS, so that pages which processes share count once. */
    containerMib: Math.round(runner.proportional + agents.proportional),
  }));
  const largest = sessions.at(-1)!;
  const runnerGrowth = perSession(rehearsal.at(-1)!.runner.alone - rehearsal[0]!.runner.alone, rehearsal.at(-1)!.sessions);
  const most = Math.max(...[...rehearsal, ...kilo].map(({ runner }) => runner.alone));
  const why = [
    ...(most <= GOALS.runnerMib ? [] : [`the runner itself takes ${most} MiB; at most ${GOALS.runnerMib}`]),
    ...(largest.mibASessionOverKilo <= GOALS.mibASession
      ? []
      : [`a session takes ${largest.mibASessionOverKilo} MiB over Kilo’s own; at most ${GOALS.mibASession}`]),
  ];
  return {
    ok: why.length === 0,
    why,
    figures: {
      goals: GOALS,
      runnerIdleMib: { rehearsal: rehearsal[0]!.runner, kilo: kilo[0]!.runner },
      runnerMibASession: runnerGrowth,
      rehearsal,
      kilo: sessions,
    },
  };
}

const perSession = (mib: number, sessions: number): number => Math.round((mib / sessions) * 10) / 10;

async function grown(agent: 'rehearsal' | 'kilo', sizes: readonly number[]): Promise<Held[]> {
  return withCrew({ rigs: 1, agentsPerRig: sizes.at(-1)!, agent }, async (crew) => {
    const held = [await look(crew, 0)];
    for (const size of sizes) {
      for (let number = held.at(-1)!.sessions; number < size; number += 1) await makeBead(crew, number, HOLD);
      await thinking(crew.house, size);
      held.push(await look(crew, size));
      console.error(agent, JSON.stringify(held.at(-1)));
    }
    return held;
  });
}

async function look({ house }: Crew, sessions: number): Promise<Held> {
  await after(SETTLE_MS);
  const parts = partsOf(house.processes());
  return { sessions, runner: memoryOf(parts.runner), agents: memoryOf(parts.agents), workerd: memoryOf(parts.workerd) };
}

/** As many sessions have done their work and wait for the model. */
async function thinking({ model }: House, sessions: number): Promise<void> {
  // The door tells the provider nothing of sessions; each asks for its second step once.
  const begun = (): number => model.requests().filter(({ plan }) => plan.step === 1).length;
  const until = Date.now() + ALL_MS;
  while (begun() < sessions) {
    if (Date.now() > until) throw new Error(`only ${begun()} of ${sessions} sessions are at work`);
    await after(ASK_EVERY_MS);
  }
}

/** Kilo with nothing of ours, as many sessions in a process as a pool gives it. */
async function bareKilo(sizes: readonly number[]): Promise<MemoryOf[]> {
  const house = await House.open({ repos: ['rig1'], createRepo: createErrandRepo });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  const agents: BareAgent[] = [];
  try {
    const held: MemoryOf[] = [];
    let sessions = 0;
    for (const size of sizes) {
      for (; sessions < size; sessions += 1) {
        if (sessions % LIMITS.agentProcessSessions.value === 0)
          agents.push(await BareAgent.open(mkdtempSync(path.join(folder, 'agent-')), house.model.url));
        const tree = path.join(folder, `tree-${sessions}`);
        await promisify(execFile)('git', ['clone', '-q', house.bare('rig1'), tree]);
        await agents.at(-1)!.begin(tree, HOLD);
      }
      await thinking(house, size);
      await after(SETTLE_MS);
      held.push(memoryOf(agents.flatMap(({ pid }) => [pid, ...below(pid)])));
      console.error('bare', size, JSON.stringify(held.at(-1)));
    }
    return held;
  } finally {
    for (const agent of agents) agent.close();
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function below(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...below(child)]);
}
