import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOOLS } from '@gastown/protocol';
import type { ToolName } from '@gastown/protocol';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { storyLibrary } from '../model/story.ts';
import { createSampleRepo, SAMPLE_GATE } from '../sample/sample-repo.ts';
import { stories, suggestions } from './library.ts';
import { runShell, testAgent } from '../testing/test-agent.ts';
import type { TestAgent } from '../testing/test-agent.ts';

let folder: string;
let model: ModelServer;
let clones = 0;

/** The stories as they are, without the waits that are there for people. */
const WAITS = new Set(['delayMs', 'chunkMs']);
const withoutWaits = (key: string, value: unknown): unknown => {
  if (WAITS.has(key)) return undefined;
  return typeof value === 'string' ? value.replace('sleep 2\n', '') : value;
};
const quick = storyLibrary(stories.stories.map((story): unknown => JSON.parse(JSON.stringify(story, withoutWaits))));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-stories-'));
  await createSampleRepo(join(folder, 'sample.git'));
  model = await startModel({ stories: quick });
});
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

const IDENTITY = 'git config user.name Toast && git config user.email toast@example.invalid';

function clone(): string {
  const directory = join(folder, `clone-${++clones}`);
  runShell(`git clone -q sample.git ${directory} && cd ${directory} && ${IDENTITY} && git switch -q -c work`, folder);
  return directory;
}

const POLECAT_TOOLS = ['bash', 'gt_prime', 'gt_done', 'gt_checkpoint', 'gt_escalate', 'gt_bead_status'];
const MAYOR_TOOLS = ['gt_list_rigs', 'gt_list_beads', 'gt_list_agents', 'gt_sling', 'gt_bead_status', 'gt_prime'];

function polecat(directory: string, primed: string): TestAgent {
  return testAgent({
    model: model.url,
    role: 'a polecat',
    tools: POLECAT_TOOLS,
    directory,
    town: (tool, args) => (tool === 'gt_prime' ? primed : accepted(tool, args)),
  });
}

/** Takes a call only when its arguments are what the town's own catalogue asks for. */
function accepted(tool: string, args: Record<string, unknown>): string {
  TOOLS[tool.replace(/^gt_/, '') as ToolName].args.parse(args);
  return JSON.stringify({ summary: 'Taken.', data: {} });
}

function mayor(rigs: readonly string[]): TestAgent {
  let beads = 0;
  return testAgent({
    model: model.url,
    role: 'the Mayor',
    tools: MAYOR_TOOLS,
    town: (tool, args) => {
      accepted(tool, args);
      if (tool === 'gt_list_rigs') return JSON.stringify({ summary: `${rigs.length} rigs`, data: rigs.map((id) => ({ id })), links: [] });
      if (tool === 'gt_sling')
        return JSON.stringify({ summary: `Bead gt-0000000${++beads} is in line.`, data: { id: `gt-0000000${beads}` }, links: [] });
      return JSON.stringify({ summary: `One ${tool} answer`, data: [], links: [] });
    },
  });
}

const usesOf = (agent: TestAgent, tool: string) => agent.uses.filter((use) => use.tool === tool);
const gate = (directory: string) => runShell(`${SAMPLE_GATE} > /dev/null 2>&1; echo "gate $?"; git status --short`, directory);

describe('one wish, one bead (story A)', () => {
  test('the Mayor looks at the rigs, slings one bead there and names it (MY)', async () => {
    const agent = mayor(['rig-0000000a']);
    const answer = await agent.say('Please add a format function with tests.');
    expect(agent.uses.map((use) => use.tool)).toEqual(['gt_list_rigs', 'gt_sling']);
    expect(usesOf(agent, 'gt_sling')[0]?.args).toMatchObject({ rig_id: 'rig-0000000a', title: 'Add a format function with tests' });
    expect(answer).toContain('gt-00000001');
  });

  test('without a rig the Mayor says what to do and slings nothing', async () => {
    const agent = mayor([]);
    expect(await agent.say('Add a format function with tests')).toContain('no rig yet');
    expect(usesOf(agent, 'gt_sling')).toEqual([]);
  });

  test('the polecat knows its bead from the prompt alone or from gt_prime alone, and its work passes the gate', async () => {
    for (const [prompt, primed] of [
      ['Your bead: Add a format function with tests', 'You are Toast.'],
      ['Begin.', '{"bead":{"title":"Add a format function with tests"}}'],
    ] as const) {
      const directory = clone();
      const agent = polecat(directory, primed);
      const answer = await agent.say(prompt);
      expect(answer).toMatch(/^# Handed in/);
      expect(usesOf(agent, 'gt_prime')).toHaveLength(1);
      expect(usesOf(agent, 'gt_done')).toHaveLength(1);
      expect(String(usesOf(agent, 'gt_done')[0]?.args['summary'])).toContain('104 tests pass');
      expect(gate(directory)).toBe('gate 0\n');
    }
  });
});

describe('a gate that fails and the attempt that mends it (story B)', () => {
  const title = 'Let parse accept an array of header values';
  const failure = `Bead gt-1: ${title}\n\nGates, run in this order on the merge result:\n\nnode --test\n\nAttempt 1: gate_failed.\nThe gate \`node --test\` ended with exit code 1, its output:\n\n# fail 2`;

  test('a first prompt that only names the gates, or a context whose gates passed, is no failed attempt', async () => {
    for (const primed of [
      `Gates, run in this order: node --test`,
      '{"attempt":1,"gates":["node --test"],"earlier":[{"gates":[{"command":"node --test","exitCode":0,"durationMs":12}]}]}',
    ]) {
      expect(await polecat(clone(), primed).say(title)).toMatch(/^# Handed in\n/);
    }
    const told = '{"gates":["node --test"],"earlier":[{"gates":[{"command":"node --test","exitCode":1,"durationMs":12}]}]}';
    expect(await polecat(clone(), told).say(title)).toMatch(/^# Handed in again/);
  });

  test('the first attempt is handed in although it breaks tests that were there before', async () => {
    const directory = clone();
    const agent = polecat(directory, title);
    await agent.say(`Work on: ${title}`);
    expect(usesOf(agent, 'gt_done')).toHaveLength(1);
    expect(gate(directory)).toBe('gate 1\n');
    expect(runShell(`${SAMPLE_GATE} test/index.test.js`, directory)).toContain('should reject non-strings');
  });

  test.each(['from the branch of the first attempt', 'from a fresh branch'])(
    'told of the failed gate, the next attempt mends it %s',
    async (from) => {
      const directory = clone();
      if (from === 'from the branch of the first attempt') await polecat(directory, title).say(title);
      const agent = polecat(directory, failure);
      expect(await agent.say(`Work on: ${title}`)).toMatch(/^# Handed in again/);
      expect(gate(directory)).toBe('gate 0\n');
    },
  );
});

describe('slow work and memory (story C)', () => {
  test('played again from the start on a finished or half-finished branch, the work ends the same with no commit twice', async () => {
    const directory = clone();
    const play = () => polecat(directory, 'Add a charset helper with tests').say('Begin.');
    const subjects = () => runShell('git log --format=%s main..', directory);
    await play();
    const once = subjects();
    expect(once.trim().split('\n')).toEqual(['Document charset', 'Test charset', 'Add charset']);
    expect(await play()).toMatch(/^# Handed in/);
    expect(subjects()).toBe(once);
    runShell('git reset -q --hard HEAD~2', directory);
    await play();
    expect(subjects()).toBe(once);
    expect(gate(directory)).toBe('gate 0\n');
  });

  test('the Mayor answers a fact from the conversation it is sent, the latest one', async () => {
    const agent = mayor([]);
    await agent.say('By the way, our release is called Bluebird.');
    expect(await agent.say('What is our release called?')).toContain('Bluebird');
    await agent.say('I changed my mind: our release is called Heron.');
    expect(await agent.say('What is our release called?')).toContain('Heron');
  });

  test('the Mayor says that it does not know what it was never told', async () => {
    expect(await mayor([]).say('What is our release called?')).toContain('I do not know');
  });
});

describe('three beads over two rigs (story D)', () => {
  test('two beads go out in one turn and the third depends on the first', async () => {
    const agent = mayor(['rig-0000000a', 'rig-0000000b']);
    await agent.say('Add isJson and isText helpers over both rigs, then document isJson');
    expect(usesOf(agent, 'gt_sling').map(({ args }) => [args['rig_id'], args['depends_on']])).toEqual([
      ['rig-0000000a', undefined],
      ['rig-0000000b', undefined],
      ['rig-0000000a', ['gt-00000001']],
    ]);
  });

  test('with one rig only it says that two are needed', async () => {
    const agent = mayor(['rig-0000000a']);
    expect(await agent.say('Add isJson and isText helpers over both rigs')).toContain('two rigs');
    expect(usesOf(agent, 'gt_sling')).toEqual([]);
  });

  test('the README polecat works only on a branch that holds what its bead depends on', async () => {
    const early = polecat(clone(), 'Document isJson in the README (after: Add an isJson helper)');
    expect(await early.say('Begin.')).toMatch(/^# Stopped/);
    expect(usesOf(early, 'gt_done')).toEqual([]);
    const directory = clone();
    await polecat(directory, 'Add an isJson helper').say('Begin.');
    const agent = polecat(directory, 'Document isJson in the README (after: Add an isJson helper)');
    expect(await agent.say('Begin.')).toMatch(/^# Handed in/);
    expect(runShell('git log --format=%s main..', directory)).toBe('Document isJson in the README\nAdd isJson\n');
    expect(gate(directory)).toBe('gate 0\n');
  });
});

describe('in a demo', () => {
  test('every suggestion plays: none gets the answer to an unknown wish', async () => {
    expect(suggestions.length).toBeGreaterThanOrEqual(4);
    for (const suggestion of suggestions) {
      const agent = mayor(['rig-0000000a', 'rig-0000000b']);
      expect(await agent.say(suggestion)).not.toContain('rehearsal model');
      expect(agent.uses.length).toBeGreaterThan(0);
    }
  });

  test('an unknown wish is answered as a rehearsal with what can be played, also after a story has played', async () => {
    const agent = mayor(['rig-0000000a']);
    await agent.say('Add a format function with tests');
    const answer = await agent.say('Write me a poem about Bluebirds');
    expect(answer).toContain('rehearsal model');
    for (const suggestion of suggestions) expect(answer).toContain(suggestion);
  });

  test('wishes that are worked on side by side in one rig merge without a conflict and still pass the gate', async () => {
    const directory = clone();
    const titles = [
      'Add a format function with tests',
      'Add a charset helper with tests',
      'Add an isJson helper',
      'Let parse accept an array of header values',
    ];
    for (const [index, title] of titles.entries()) {
      runShell(`git switch -q -c side-${index} main`, directory);
      await polecat(directory, `${title}\nThe gate ended with exit code 1.`).say('Begin.');
    }
    const merged = runShell(
      `git switch -q -c all main && for n in 0 1 2 3; do git merge -q --no-edit side-$n || exit 1; done && echo merged`,
      directory,
    );
    expect(merged).toContain('merged\n');
    expect(gate(directory)).toBe('gate 0\n');
  });
});
