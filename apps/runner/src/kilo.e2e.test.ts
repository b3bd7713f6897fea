import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentId, Generation, NudgeId, RunId } from '@gastown/protocol';
import { createBareRepo, seedRepo, startGitServer, startModel } from '@gastown/rehearsal';
import { openFakeTown } from './testing/fake-town.ts';
import { reportsOf as seen, script, startRunnerProcess } from './testing/runner-process.ts';
import { BRANCH, context, MAYOR, mergeTest, RIG, RUN, runStart, tempFolder } from './testing/fixtures.ts';
import { until } from './testing/until.ts';

const AGENT_KIND = process.env['GASTOWN_E2E_AGENT'] ?? 'kilo';
const SHAPE = process.env['GASTOWN_E2E_SHAPE'] === 'anthropic' ? 'anthropic' : 'openai';
const nudge = (digit: string) => NudgeId.parse(`nu-${digit.repeat(12)}`);

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test(
  'one bead from run.start to landed, with the real agent, real git over HTTP with a token, and no secret left on disk (AG-13, GT-7, I4, I5)',
  { timeout: 120_000 },
  async () => {
    const folder = tempFolder();
    const state = join(folder, 'state');
    mkdirSync(state);
    const bare = await createBareRepo(join(folder, 'forge', 'acme', 'web.git'));
    await seedRepo(bare, [{ path: 'README.md', content: '# web\n' }], 'first');
    const forge = await startGitServer({ root: join(folder, 'forge'), tokens: { 'forge-token-1234': { user: 'toast', push: true } } });
    const model = await startModel({ stories: { stories: [] } });
    const town = await openFakeTown({ modelUrl: model.url, token: () => 'forge-token-1234' });
    onTestFinished(async () => {
      await forge.close();
      await model.close();
      await town.close();
    });
    const runner = startRunnerProcess(town.url, state);
    const gitUrl = forge.repoUrl('acme/web');

    expect(await town.perform({ kind: 'rig.connect', rigId: RIG, gitUrl })).toMatchObject({
      state: 'succeeded',
      value: { kind: 'rig', defaultBranch: 'main', empty: false },
    });

    const body = `Say hello. ${script([
      {
        text: '# Saying hello\n\nI begin.',
        tool: 'bash',
        args: { command: 'echo hello > hello.txt && git add -A && git commit -qm "Say hello"', description: 'commit' },
      },
      { tool: 'gt_done', args: { summary: 'hello is there' } },
      { text: 'Handed in.' },
    ])}`;
    const started = await town.perform(
      runStart(gitUrl, { agentKind: AGENT_KIND, modelShape: SHAPE, context: context({ bead: { ...context().bead!, body } }) }),
    );
    expect(started).toMatchObject({ state: 'succeeded', value: { kind: 'session', resumed: false } });
    if (started.state !== 'succeeded' || started.value.kind !== 'session') throw new Error('no session');
    const { sessionId } = started.value;
    const ended = await until('the turn ends', () => seen(town, 'turn.ended')[0], 60_000);
    expect(ended).toMatchObject({ runId: RUN, stopReason: 'end_turn', failure: null });
    expect(seen(town, 'turn.started')).toMatchObject([{ nudgeId: null }]);
    expect(seen(town, 'status')).toMatchObject([{ statusLine: 'Saying hello' }]);

    const call = town.calls[0];
    expect.soft([...town.items.values()].filter((item) => item.kind === 'tool' && item.state === 'failed')).toEqual([]);
    expect(call).toMatchObject({
      tool: 'done',
      args: { summary: 'hello is there' },
      evidence: { branch: BRANCH, ahead: 1, commits: [{ subject: 'Say hello', author: 'Ada' }] },
    });
    const head = call!.evidence!.headCommit;
    expect(town.modelCalls.length).toBeGreaterThanOrEqual(3);
    for (const { path, sessionId: named, key } of town.modelCalls) {
      expect(path).toMatch(SHAPE === 'openai' ? /^\/llm\/openai\/chat\/completions$/ : /^\/llm\/anthropic\/messages$/);
      expect(named).toContain(sessionId);
      expect(key).toContain('gtd.door-token.');
    }
    await until('the transcript is stored', () => [...town.items.values()].some((item) => item.kind === 'turn_end'));
    const items = [...town.items.values()];
    expect(items.map((item) => item.kind)).toEqual(['notice', 'user', 'assistant', 'tool', 'tool', 'assistant', 'turn_end']);
    expect(items.filter((item) => item.kind === 'tool').map(({ tool, state: how }) => [tool, how])).toEqual([
      ['bash', 'completed'],
      ['gt_done', 'completed'],
    ]);

    const tested = await town.perform(mergeTest(gitUrl, head, { gates: ['test "$(cat hello.txt)" = hello'] }));
    expect(tested).toMatchObject({ state: 'succeeded', value: { kind: 'tested', passed: true } });
    if (tested.state !== 'succeeded' || tested.value.kind !== 'tested') throw new Error('not tested');
    const { baseCommit, mergeCommit } = tested.value;
    expect(
      await town.perform({
        kind: 'merge.land',
        mergeId: mergeTest(gitUrl, head).mergeId,
        rigId: RIG,
        gitUrl,
        targetBranch: 'main',
        baseCommit,
        mergeCommit,
      }),
    ).toMatchObject({ state: 'succeeded', value: { kind: 'landed', mergeCommit } });
    expect(await town.perform({ kind: 'run.stop', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
    expect(await town.perform({ kind: 'branch.delete', rigId: RIG, gitUrl, branch: BRANCH, headCommit: head })).toMatchObject({
      state: 'succeeded',
    });

    runner.child.kill('SIGTERM');
    expect(await runner.exit).toBe(0);
    expect(runner.output()).not.toMatch(/forge-token-1234|runner-secret-token/);
    const leaked = filesUnder(state).filter((file) => statSync(file).size < 5_000_000 && readFileSync(file).includes('forge-token-1234'));
    expect(leaked).toEqual([]);
  },
);

test(
  'the Mayor waits for messages, answers one, and a new runner resumes its session with its memory (MY-3, MY-12)',
  { timeout: 120_000 },
  async () => {
    const folder = tempFolder();
    const model = await startModel({ stories: { stories: [] } });
    const links = [{ kind: 'rig' as const, id: RIG }];
    const town = await openFakeTown({
      modelUrl: model.url,
      answer: () => ({ ok: true, value: { summary: 'One rig.', data: [{ rig_id: RIG, name: 'web' }], links } }),
    });
    onTestFinished(async () => {
      await model.close();
      await town.close();
    });
    const first = startRunnerProcess(town.url, folder);
    const mayor = context({
      agent: { id: AgentId.parse(MAYOR), name: 'Mayor', role: 'mayor', identity: 'mayor' },
      rig: null,
      bead: null,
      branch: null,
      targetBranch: null,
      gates: [],
    });
    const start = runStart(null, { agentKind: AGENT_KIND, modelShape: SHAPE, agentId: MAYOR, context: mayor });
    const opened = await town.perform(start);
    if (opened.state !== 'succeeded' || opened.value.kind !== 'session') throw new Error(JSON.stringify(opened));
    const tell = (runId: RunId, digit: string, text: string) =>
      town.perform({
        kind: 'run.prompt',
        runId,
        generation: Generation.parse(1),
        nudgeId: nudge(digit),
        text,
        source: 'person',
        mode: 'wait-idle',
        again: false,
      });
    await tell(RUN, '1', `remember the word marzipan ${script([{ tool: 'gt_list_rigs', args: {} }, { text: 'I will.' }])}`);
    await until('the first answer', () => seen(town, 'turn.ended')[0], 60_000);
    expect(town.calls.map((call) => call.tool)).toEqual(['list_rigs']);
    const told = await until('the call is told', () =>
      [...town.items.values()].find((item) => item.kind === 'tool' && item.state === 'completed'),
    );
    expect(told).toMatchObject({ tool: 'gt_list_rigs', output: expect.stringContaining(RIG), answer: { summary: 'One rig.', links } });
    first.child.kill('SIGKILL');
    await first.exit;

    startRunnerProcess(town.url, folder);
    await until('a second hello', () => town.hellos[1]);
    const again = RunId.parse('run-000000000002');
    const resumed = await town.perform(
      { ...start, runId: again, generation: Generation.parse(2), resumeSessionId: opened.value.sessionId },
      'ef-0000000000ff',
    );
    expect(resumed).toMatchObject({ state: 'succeeded', value: { kind: 'session', resumed: true, sessionId: opened.value.sessionId } });
    await tell(again, '2', `which word? ${script([{ text: 'It was marzipan.' }])}`);
    await until('the second answer', () => seen(town, 'turn.ended')[1], 60_000);
    const last = model.requests().findLast((request) => request.conversation.turns.some((turn) => turn.text.includes('which word')));
    expect(last?.conversation.turns.some((turn) => turn.text.includes('marzipan') && turn.role === 'user')).toBe(true);
  },
);
