import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentId, Generation, RunId, workBranch } from '@gastown/protocol';
import { createBareRepo, seedRepo, startModel } from '@gastown/rehearsal';
import { openFakeTown } from './testing/fake-town.ts';
import { context, RUN, runStart, tempFolder } from './testing/fixtures.ts';
import { reportsOf, script, startRunnerProcess } from './testing/runner-process.ts';
import { runningRunner } from './testing/running.ts';
import { until } from './testing/until.ts';

const agentProcesses = (state: string): number =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0acp\0') &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${state}/`)
      );
    } catch {
      return false;
    }
  }).length;

test(
  'two workers at once share one agent process, and each has its own worktree, tools, session and signature (AG-10)',
  { timeout: 120_000 },
  async () => {
    const folder = tempFolder();
    const state = join(folder, 'state');
    const forge = await createBareRepo(join(folder, 'forge.git'));
    await seedRepo(forge, [{ path: 'README.md', content: '# web\n' }], 'first');
    const model = await startModel({ stories: { stories: [] } });
    const town = await openFakeTown({ modelUrl: model.url });
    onTestFinished(async () => {
      await model.close();
      await town.close();
    });
    startRunnerProcess(town.url, state);
    const begin = (name: string, digit: string) => {
      const bead = { ...context().bead!, id: `gt-${digit.repeat(8)}` as never };
      const body = script([
        { tool: 'bash', args: { command: `echo ${name} > ${name}.txt && git add -A && git commit -qm "${name}"`, description: 'commit' } },
        { tool: 'gt_done', args: { summary: name } },
        { text: 'Handed in.' },
      ]);
      const agent = { id: AgentId.parse(`ag-${digit.repeat(8)}`), name, role: 'polecat' as const, identity: `web/polecat/${name}` };
      return town.perform(
        runStart(forge, {
          runId: RunId.parse(`run-${digit.repeat(12)}`),
          agentId: agent.id,
          context: context({ agent, bead: { ...bead, body }, branch: workBranch(name, bead.id) }),
        }),
      );
    };
    const started = await Promise.all([begin('Toast', '1'), begin('Maple', '2')]);
    expect(started).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
    await until('both turns end', () => reportsOf(town, 'turn.ended').length === 2, 60_000);
    expect(agentProcesses(state)).toBe(1);
    const handedIn = town.calls.map((call) => ({
      run: call.runId,
      commits: call.evidence?.commits.map((commit) => commit.subject),
      args: call.args,
    }));
    expect(handedIn.toSorted((a, b) => (a.run < b.run ? -1 : 1))).toEqual([
      { run: 'run-111111111111', commits: ['Toast'], args: { summary: 'Toast' } },
      { run: 'run-222222222222', commits: ['Maple'], args: { summary: 'Maple' } },
    ]);
    expect(new Set(town.modelCalls.map((call) => call.sessionId?.replace('title-', ''))).size).toBe(2);
  },
);

test(
  'a run that is stopped while its transcript cannot reach the town is told whole afterwards (WS-3, WS-12)',
  { timeout: 120_000 },
  async () => {
    let isAway = true;
    const { town, forge, runner } = await runningRunner({ town: { refusesStreams: () => (isAway ? 'silence' : null) } });
    const body = script([{ tool: 'bash', args: { command: 'echo seen', description: 'look' } }, { text: 'All **done**.' }]);
    expect(await town.perform(runStart(forge, { context: context({ bead: { ...context().bead!, body } }) }))).toMatchObject({
      state: 'succeeded',
    });
    await until('the turn ends', () => reportsOf(town, 'turn.ended').length === 1, 60_000);
    expect(await town.perform({ kind: 'run.stop', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
    expect(town.items.size).toBe(0);
    isAway = false;
    await until('the transcript is stored', () => [...town.items.values()].some(({ kind }) => kind === 'turn_end'));
    const items = [...town.items.values()];
    expect(items.find(({ kind }) => kind === 'tool')).toMatchObject({
      tool: 'bash',
      state: 'completed',
      output: expect.stringContaining('seen'),
    });
    expect(items.find(({ kind }) => kind === 'assistant')).toMatchObject({ text: 'All **done**.' });
    await until('no stream is left', () => town.openStreams().length === 0);
    expect(runner.output()).not.toContain('transcript.dropped');
  },
);
