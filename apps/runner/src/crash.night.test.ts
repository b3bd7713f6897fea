import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, Generation, NudgeId, RunId } from '@gastown/protocol';
import { asAgent, context, person, RIG, RUN, runStart } from './testing/fixtures.ts';
import { reportsOf, script, startRunnerProcess } from './testing/runner-process.ts';
import { runningRunner } from './testing/running.ts';
import { until } from './testing/until.ts';

/** A town with one rig and a runner, and a worker whose turn hangs in a shell command after it wrote a file. */
async function hangingWorker(environment: Record<string, string> = {}) {
  const one = await runningRunner({ environment });
  const { forge, state, town } = one;
  const body = script([
    { tool: 'bash', args: { command: 'echo half > half.txt; sleep 311 & sleep 312', description: 'hang' } },
    { text: 'never' },
  ]);
  const start = runStart(forge, { context: context({ bead: { ...context().bead!, body } }) });
  expect(await town.perform(start)).toMatchObject({ state: 'succeeded' });
  await until('the shell of the agent runs', () => processesOf(state).some(({ command }) => command.includes('sleep 312')), 40_000);
  return { ...one, start };
}

/** Processes that live on this state folder, by their environment. */
function processesOf(state: string): { pid: number; command: string; environment: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return environment.includes(`HOME=${state}/`) ? [{ pid: Number(pid), command, environment }] : [];
      } catch {
        return [];
      }
    });
}

const agentPid = (state: string): number => processesOf(state).find(({ command }) => command.includes(' acp '))!.pid;
const rescued = (state: string, file: string): string =>
  person(join(state, 'rigs', RIG, 'mirror.git'), 'show', `refs/gastown/rescue/${RUN}:${file}`);

test(
  "no variable of the runner, and no key but the door's, reaches the agent and its shells (CT-15, I16)",
  { timeout: 90_000 },
  async () => {
    const { state } = await hangingWorker();
    const processes = processesOf(state);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    for (const { environment } of processes) expect(environment).not.toMatch(/GASTOWN_|runner-secret-token/);
    expect(processes.filter(({ command }) => command.includes('sleep')).some(({ environment }) => environment.includes('door-token'))).toBe(
      false,
    );
  },
);

test(
  'kill -9 of the agent: its run is lost as crashed, its shells end, and a new run works in a fresh process (AG-12)',
  { timeout: 120_000 },
  async () => {
    const { state, town, start } = await hangingWorker();
    process.kill(agentPid(state), 'SIGKILL');
    const lost = await until('the loss', () => reportsOf(town, 'run.lost')[0]);
    expect(lost).toMatchObject({ runId: RUN, failure: { code: 'agent_crashed' } });
    expect(reportsOf(town, 'turn.ended')).toEqual([]);
    await until('nothing of it runs', () => processesOf(state).length === 0);
    expect(await town.perform({ kind: 'run.stop', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
    expect(rescued(state, 'half.txt')).toBe('half');
    const again = RunId.parse('run-000000000002');
    const body = script([{ text: 'back again' }]);
    expect(await town.perform({ ...start, runId: again, context: context({ bead: { ...context().bead!, body } }) })).toMatchObject({
      state: 'succeeded',
    });
    expect(await until('its turn', () => reportsOf(town, 'turn.ended')[0], 40_000)).toMatchObject({ runId: again, failure: null });
  },
);

test('SIGTERM in the middle of a turn: work is kept, everything ends, exit 0 within 15 s', { timeout: 90_000 }, async () => {
  const { state, runner, town } = await hangingWorker();
  const began = Date.now();
  runner.child.kill('SIGTERM');
  expect(await runner.exit).toBe(0);
  expect(Date.now() - began).toBeLessThan(15_000);
  expect(processesOf(state)).toEqual([]);
  expect(rescued(state, 'half.txt')).toBe('half');
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
  expect(reportsOf(town, 'turn.ended')).toEqual([]);
});

test('kill -9 of the runner: the next one ends what was left, keeps the work, and knows no run', { timeout: 90_000 }, async () => {
  const { state, runner, town } = await hangingWorker();
  runner.child.kill('SIGKILL');
  await runner.exit;
  startRunnerProcess(town.url, state);
  const hello = await until('a second hello', () => town.hellos[1]);
  expect(hello.instance).not.toBe(town.hellos[0]!.instance);
  expect(hello.runs).toEqual([]);
  expect(processesOf(state)).toEqual([]);
  expect(rescued(state, 'half.txt')).toBe('half');
});

test('an agent was killed while it held its locks: the next one does not wait for them (AG-12)', { timeout: 150_000 }, async () => {
  const { state, town, start } = await hangingWorker();
  const pool = readdirSync(join(state, 'agents')).find((name) => existsSync(join(state, 'agents', name, 'state')))!;
  const locks = join(state, 'agents', pool, 'state', 'kilo', 'locks');
  const names = new Set<string>();
  const watched = watch(locks, (_event, name) => name !== null && name.endsWith('.lock') && names.add(name));
  const second = { ...start, runId: RunId.parse('run-000000000002'), agentId: AgentId.parse('ag-00000002') };
  expect(await town.perform(second)).toMatchObject({ state: 'succeeded' });
  await until('a lock was taken', () => names.size > 0);
  watched.close();
  process.kill(agentPid(state), 'SIGKILL');
  await until('the loss', () => reportsOf(town, 'run.lost').some((lost) => 'runId' in lost && lost.runId === second.runId));
  for (const name of names) asAgent(locks, `mkdir -p ${name} && touch ${name}/of-the-dead && touch -d tomorrow ${name}/heartbeat`);
  const body = script([{ text: 'back again' }]);
  const third = { ...start, runId: RunId.parse('run-000000000003'), agentId: AgentId.parse('ag-00000003') };
  expect(await town.perform({ ...third, context: context({ bead: { ...context().bead!, body } }) })).toMatchObject({ state: 'succeeded' });
  expect(await until('its turn', () => reportsOf(town, 'turn.ended')[0], 20_000)).toMatchObject({ runId: third.runId, failure: null });
  expect([...names].filter((name) => existsSync(join(locks, name, 'of-the-dead')))).toEqual([]);
});

test(
  'a worktree in which git hangs keeps the next runner from its link for some seconds, not for its whole time; a stop meanwhile loses nothing of it (DR-7, DR-9)',
  { timeout: 120_000 },
  async () => {
    const { state, runner, town } = await hangingWorker();
    const path = join(state, 'worktrees', RUN);
    asAgent(path, `echo '* filter=x' > .gitattributes; git config filter.x.clean 'sleep 9999'; touch -d tomorrow README.md`);
    runner.child.kill('SIGKILL');
    await runner.exit;
    const next = startRunnerProcess(town.url, state);
    await until('a second hello', () => town.hellos[1], 45_000);
    expect(existsSync(path)).toBe(true);
    next.child.kill('SIGTERM');
    expect(await next.exit).toBe(0);
    expect(processesOf(state)).toEqual([]);
    expect(readFileSync(join(path, 'half.txt'), 'utf8')).toBe('half\n');
    expect(readdirSync(join(state, 'worktrees'))).toContain(`${RUN}.json`);
  },
);

test('a lost link changes nothing for a run: the same instance says hello with it', { timeout: 90_000 }, async () => {
  const { state, town } = await hangingWorker();
  town.dropLink();
  const hello = await until('a second hello', () => town.hellos[1]);
  expect(hello).toMatchObject({ instance: town.hellos[0]!.instance, runs: [{ runId: RUN, turnInFlight: true }] });
  expect(processesOf(state).length).toBeGreaterThan(0);
});

test('an interrupt ends the turn and its shell, and the session takes the next message', { timeout: 120_000 }, async () => {
  const { state, town } = await hangingWorker();
  expect(await town.perform({ kind: 'run.interrupt', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
  expect(await until('the end of the turn', () => reportsOf(town, 'turn.ended')[0])).toMatchObject({
    stopReason: 'cancelled',
    failure: null,
  });
  await until('the shell is gone', () => !processesOf(state).some(({ command }) => command.includes('sleep 312')));
  const nudgeId = NudgeId.parse('nu-111111111111');
  await town.perform({
    kind: 'run.prompt',
    runId: RUN,
    generation: Generation.parse(1),
    nudgeId,
    text: script([{ text: 'still here' }]),
    source: 'person',
    mode: 'wait-idle',
    again: false,
  });
  expect(await until('the next turn', () => reportsOf(town, 'turn.ended')[1], 30_000)).toMatchObject({ failure: null });
});

test('bye: the runner stops its agents and leaves with exit code 3', { timeout: 90_000 }, async () => {
  const { state, town, runner } = await hangingWorker();
  town.send({ t: 'bye', failure: { code: 'stale_generation', message: 'replaced' } });
  expect(await runner.exit).toBe(3);
  expect(processesOf(state)).toEqual([]);
});

test('a model that is refused ends the turn with the reason, and is not asked again and again', { timeout: 90_000 }, async () => {
  const { forge, town } = await runningRunner({ keys: ['another-key'] });
  await town.perform(runStart(forge));
  expect(await until('the end of the turn', () => reportsOf(town, 'turn.ended')[0], 40_000)).toMatchObject({
    failure: { code: 'model_key_refused' },
  });
  expect(town.modelCalls.length).toBeLessThanOrEqual(3);
});

test('a bug ends the runner with what it started: no agent and no shell is left behind', { timeout: 120_000 }, async () => {
  const bug = "process.on('SIGUSR2', () => void Promise.reject(new Error('a bug')))";
  const { state, runner, town } = await hangingWorker({ NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(bug)}` });
  runner.child.kill('SIGUSR2');
  expect(await runner.exit).toBe(1);
  expect(runner.output()).toContain('"event":"runner.broken"');
  expect(processesOf(state)).toEqual([]);
  expect(reportsOf(town, 'run.lost')).toEqual([]);
});
