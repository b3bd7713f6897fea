import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConversationInfo, Generation, NudgeId, RunId } from '@gastown/protocol';
import { startModel, storyLibrary } from '@gastown/rehearsal';
import { openFakeTown } from '../testing/fake-town.ts';
import { context, MAYOR, runStart, tempFolder } from '../testing/fixtures.ts';
import { reportsOf, startRunnerProcess } from '../testing/runner-process.ts';
import { until } from '../testing/until.ts';

/** The model knows what was agreed only from what it is shown: asked, it looks for it in the request. */
const scene = (id: string, asked: string, steps: unknown[], find = {}) => ({ id, when: { role: 'mayor', asked }, find, steps });
const STORIES = storyLibrary([
  {
    id: 'memory',
    title: 'What was agreed',
    scenes: [
      scene('asked', 'what did we agree', [{ text: 'We agreed on {{it}}.' }], {
        it: { said: 'we agree to paint the fence (\\w+)', otherwise: 'I do not know of any agreement.' },
      }),
      scene('agreed', 'so we agree', [{ text: 'Agreed.' }]),
      scene('looks', 'look around', [{ tool: 'gt_prime', args: {} }, { text: 'I looked.' }]),
      scene('talks', 'turn', [{ text: 'Heard.' }]),
    ],
  },
]);

const FIRST = RunId.parse('run-00000000000a');
const SECOND = RunId.parse('run-00000000000b');
const agent = { id: MAYOR, name: 'Mayor', role: 'mayor' as const, identity: 'mayor' };
const desk = context({ agent, rig: null, bead: null, branch: null, targetBranch: null });

async function mayorOf(agentKind: string) {
  const folder = tempFolder();
  const model = await startModel({ stories: STORIES });
  const town = await openFakeTown({ modelUrl: model.url });
  onTestFinished(async () => {
    await model.close();
    await town.close();
  });
  const state = join(folder, 'state');
  let nudges = 0;
  const start = async (runId: RunId, resumeSessionId: string | null, isFull = false): Promise<{ sessionId: string; resumed: boolean }> => {
    const outcome = await town.perform(runStart(null, { agentKind, agentId: MAYOR, runId, resumeSessionId, isFull, context: desk }));
    if (outcome.state !== 'succeeded' || outcome.value.kind !== 'session') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };
  /** Says something, and resolves with the last answer. */
  const say = async (runId: RunId, text: string): Promise<string> => {
    const ended = reportsOf(town, 'turn.ended').length;
    const nudgeId = NudgeId.parse(`nu-${(++nudges).toString(16).padStart(12, '0')}`);
    await town.perform({
      kind: 'run.prompt',
      runId,
      generation: Generation.parse(1),
      nudgeId,
      text,
      source: 'person',
      mode: 'wait-idle',
      again: false,
    });
    await until('the end of the turn', () => reportsOf(town, 'turn.ended')[ended], 60_000);
    const answers = () => [...town.items.values()].filter((item) => item.kind === 'assistant' && item.runId === runId);
    return until(
      'the answer',
      () =>
        answers()
          .map((item) => ('text' in item ? item.text : ''))
          .at(-1),
      10_000,
    );
  };
  const infoKept = () => {
    const kept = town.conversations.get(MAYOR);
    return kept && ConversationInfo.parse(JSON.parse(kept.header));
  };
  return { town, state, start, say, infoKept };
}

/** Ten turns, one of them with a tool, one in which something is agreed. */
async function tenTurns({ say }: Awaited<ReturnType<typeof mayorOf>>): Promise<void> {
  for (let turn = 1; turn <= 10; turn += 1) {
    await say(FIRST, turn === 3 ? 'so we agree to paint the fence turquoise' : turn === 5 ? 'look around' : `turn ${turn}`);
  }
}

test.each(['kilo', 'opencode'])(
  '%s: ten turns, the runner killed and its disk lost: the session goes on where it was, and knows what was agreed (DR-20, DR-22, DR-25, MY-12)',
  { timeout: 240_000 },
  async (agentKind) => {
    const mayor = await mayorOf(agentKind);
    const runner = startRunnerProcess(mayor.town.url, mayor.state);
    const { sessionId } = await mayor.start(FIRST, null);
    await tenTurns(mayor);
    await until('it is kept', () => runner.output().split('conversation.kept').length > 5, 20_000);
    runner.child.kill('SIGKILL');
    await runner.exit;
    rmSync(mayor.state, { recursive: true, force: true });
    startRunnerProcess(mayor.town.url, mayor.state);
    await until('a second hello', () => mayor.town.hellos[1]);
    expect(await mayor.start(SECOND, sessionId)).toMatchObject({ sessionId, resumed: true });
    expect(await mayor.say(SECOND, 'what did we agree?')).toBe('We agreed on turquoise.');
    expect([...mayor.town.items.values()].find(({ id }) => id === `${SECOND}-n-start`)).toMatchObject({ code: 'resumed' });
  },
);

test(
  'a conversation that the model takes no more: a new session is told the transcript, and knows what was agreed (AG-24)',
  { timeout: 240_000 },
  async () => {
    const mayor = await mayorOf('kilo');
    startRunnerProcess(mayor.town.url, mayor.state);
    const { sessionId } = await mayor.start(FIRST, null);
    await tenTurns(mayor);
    await mayor.town.perform({ kind: 'run.stop', runId: FIRST, generation: Generation.parse(1) });
    const opened = await mayor.start(SECOND, null, true);
    expect(opened).toMatchObject({ resumed: false });
    expect(opened.sessionId).not.toBe(sessionId);
    expect(await mayor.say(SECOND, 'what did we agree?')).toBe('We agreed on turquoise.');
    expect([...mayor.town.items.values()].find(({ id }) => id === `${SECOND}-n-start`)).toMatchObject({ code: 'session_full' });
  },
);

test.each(['lost', 'damaged'])(
  'its store %s as well: a new session is told the transcript, and knows what was agreed (DR-22, DR-23)',
  { timeout: 240_000 },
  async (how) => {
    const mayor = await mayorOf('kilo');
    const runner = startRunnerProcess(mayor.town.url, mayor.state);
    const { sessionId } = await mayor.start(FIRST, null);
    await tenTurns(mayor);
    runner.child.kill('SIGKILL');
    await runner.exit;
    rmSync(mayor.state, { recursive: true, force: true });
    const kept = mayor.town.conversations.get(MAYOR)!;
    if (how === 'lost') mayor.town.conversations.clear();
    else kept.bytes = kept.bytes.subarray(0, kept.bytes.length - 50);
    const second = startRunnerProcess(mayor.town.url, mayor.state);
    await until('a second hello', () => mayor.town.hellos[1]);
    const opened = await mayor.start(SECOND, sessionId);
    expect(opened.resumed).toBe(false);
    expect(await mayor.say(SECOND, 'what did we agree?')).toBe('We agreed on turquoise.');
    expect([...mayor.town.items.values()].find(({ id }) => id === `${SECOND}-n-start`)).toMatchObject({ code: 'session_lost' });
    expect(second.output().includes('conversation.not_brought')).toBe(how === 'damaged');
  },
);

test(
  'at drain it is kept before the end; another model is another process, and the session goes on there (CT-5, DR-20)',
  { timeout: 240_000 },
  async () => {
    const mayor = await mayorOf('kilo');
    const runner = startRunnerProcess(mayor.town.url, mayor.state);
    const { sessionId } = await mayor.start(FIRST, null);
    await mayor.say(FIRST, 'so we agree to paint the fence green');
    mayor.town.conversations.clear();
    runner.child.kill('SIGTERM');
    expect(await runner.exit).toBe(0);
    expect(mayor.infoKept()).toMatchObject({ sessionId, agentKind: 'kilo' });
    startRunnerProcess(mayor.town.url, mayor.state);
    await until('a second hello', () => mayor.town.hellos[1]);
    const outcome = await mayor.town.perform(
      runStart(null, { agentId: MAYOR, runId: SECOND, resumeSessionId: sessionId, context: desk, model: 'another' }),
    );
    expect(outcome).toMatchObject({ state: 'succeeded', value: { sessionId, resumed: true } });
    expect(await mayor.say(SECOND, 'what did we agree?')).toBe('We agreed on green.');
  },
);

test(
  'a new session that is lost before anything was said to it is told the transcript when it goes on (DR-23)',
  { timeout: 240_000 },
  async () => {
    const mayor = await mayorOf('kilo');
    startRunnerProcess(mayor.town.url, mayor.state);
    await mayor.start(FIRST, null);
    await mayor.say(FIRST, 'so we agree to paint the fence ochre');
    const stop = (runId: RunId) => mayor.town.perform({ kind: 'run.stop', runId, generation: Generation.parse(1) });
    await stop(FIRST);
    const { sessionId } = await mayor.start(SECOND, null, true);
    await until('its first line', () => mayor.town.items.get(`${SECOND}-n-start`));
    await stop(SECOND);
    const third = RunId.parse('run-00000000000c');
    expect(await mayor.start(third, sessionId)).toMatchObject({ sessionId, resumed: true });
    expect(await mayor.say(third, 'what did we agree?')).toBe('We agreed on ochre.');
    expect(mayor.town.items.get(`${third}-n-start`)).toMatchObject({ code: 'session_lost' });
  },
);
