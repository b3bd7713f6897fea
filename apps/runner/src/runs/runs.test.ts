import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, failure, Generation, NudgeId, ok, refuse, RunId } from '@gastown/protocol';
import type { Failure, FailureCode, Report, Result, ToolAnswer, TranscriptItem } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { AGENT_KINDS } from '../agents/catalogue.ts';
import type { SessionWish } from '../agents/driver.ts';
import type { Link } from '../link/link.ts';
import type { CheckedCall } from '../mcp/tools.ts';
import { OWN } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, BRANCH, gitSurroundings, person, RIG, RUN, runStart, tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { makeRuns } from './runs.ts';

/** What the agent does in one turn, in its worktree and with its tools. */
type Turn = (cwd: string, use: (call: CheckedCall) => Promise<Result<ToolAnswer>>) => void | Promise<void>;

const commit = (cwd: string, name: string): string => {
  writeFileSync(join(cwd, name), name);
  agentGit(cwd, 'add', '-A');
  agentGit(cwd, 'commit', '-qm', `Add ${name}`);
  return agentGit(cwd, 'rev-parse', 'HEAD');
};

/** Live runs with real git and an agent that plays the given turns. */
async function setUp(...turns: Turn[]) {
  const folder = tempFolder();
  const forge = join(folder, 'forge.git');
  await seedRepo(await createBareRepo(forge), [{ path: 'a.txt', content: 'a\n' }], 'first');
  const state = join(folder, 'state');
  const around = await gitSurroundings(state);
  const reports: Report[] = [];
  const items: TranscriptItem[] = [];
  const logged: Record<string, unknown>[] = [];
  const recorded = ok({ summary: 'Recorded.', data: null, links: [] }) as Result<ToolAnswer>;
  const town = {
    recorded,
    answer: (_call: { tool: string }): Result<ToolAnswer> | Promise<Result<ToolAnswer>> => recorded,
    hear: (_report: Report): void => undefined,
  };
  const link = {
    report(report: Report) {
      reports.push(report);
      town.hear(report);
    },
    call: async (call: { tool: string }) => town.answer(call),
  };
  let crash: (why: Failure) => void = () => undefined;
  let stored: Promise<void> = Promise.resolve();
  const guests = new Map<string, (call: CheckedCall) => Promise<Result<ToolAnswer>>>();
  let cancelled: () => void = () => undefined;
  const openSession = (wish: SessionWish) => ({
    id: 'ses-1',
    cell: OWN,
    liveView: () => Promise.resolve(null),
    resumed: false,
    model: null,
    async prompt() {
      const ended = new Promise<void>((resolve) => (cancelled = resolve));
      await Promise.race([turns.shift()?.(wish.cwd, guests.get(wish.toolUrl)!), ended]);
      return { stopReason: 'end_turn', usage: null, failure: null };
    },
    async cancel() {
      cancelled();
    },
    close: () => Promise.resolve(),
    abandon: () => undefined,
  });
  const runs = makeRuns({
    ...around,
    state,
    locks: makeKeyedLock(),
    log: (event, fields = {}) => void logged.push({ event, ...fields }),
    installed: [{ kind: AGENT_KINDS[0]!, program: '/nowhere', before: [] }],
    pool: {
      open(_need, wish, onGone) {
        crash = onGone;
        return Promise.resolve(ok(openSession(wish)));
      },
      stop: () => Promise.resolve(),
    },
    tools: {
      admit(guest) {
        const url = `guest ${guests.size}`;
        guests.set(url, guest.call);
        return { url, from: () => undefined, dismiss: () => undefined };
      },
      close: () => Promise.resolve(),
    },
    link: () => link as unknown as Link,
    now: Date.now,
    path: process.env['PATH'] ?? '',
    lang: 'C.UTF-8',
    redact: (text) => text,
    silenceMs: 60_000,
    terminals: {
      of: () => ({ open: () => Promise.resolve(ok(null)), end: () => Promise.resolve() }),
      stopAll: () => Promise.resolve(),
    },
    conversations: {
      of: () => ({ keep: () => Promise.resolve(), bring: () => Promise.resolve('none' as const) }),
      past: () => Promise.resolve(null),
    },
    openStream: () => ({
      put: (item: TranscriptItem) => void items.push(item),
      live: () => undefined,
      refuseTerminal: () => undefined,
      stored: () => stored,
      close: () => undefined,
    }),
  });
  const start = async (changes: Parameters<typeof runStart>[1] = {}): Promise<void> => {
    const started = await runs.start(runStart(forge, changes));
    if (!started.ok) throw new Error(started.failure.message);
    started.value.begin();
  };
  const turnsOver = (count: number) => until('turns end', () => reports.filter(({ kind }) => kind === 'turn.ended').length >= count);
  return {
    ...around,
    runs,
    state,
    forge,
    town,
    items,
    logged,
    reports,
    crash: (code: FailureCode) => crash(failure(code)),
    storeAfter: (until: Promise<void>) => void (stored = until),
    start,
    turnsOver,
    atForge: () => person(forge, 'for-each-ref', '--format=%(objectname)', `refs/heads/${BRANCH}`),
  };
}

test('what a turn committed is in the repository after its end (architecture §4)', async () => {
  let head = '';
  const { start, atForge, runs } = await setUp((cwd) => void (head = commit(cwd, 'b')));
  await start();
  await until('the push', () => atForge() !== '');
  expect(atForge()).toBe(head);
  await runs.stopAll();
});

test('a checkpoint brings the commits to the repository while the turn goes on', async () => {
  const seen: string[] = [];
  const { start, atForge, runs, turnsOver } = await setUp(async (cwd, use) => {
    const head = commit(cwd, 'b');
    expect(await use({ tool: 'checkpoint', args: { data: {} } })).toMatchObject({ ok: true });
    await until('the push', () => atForge() === head);
    seen.push(head);
  });
  await start();
  await turnsOver(1);
  expect(seen).toEqual([atForge()]);
  await runs.stopAll();
});

test('a stop in the middle of a turn pushes the commits and keeps the rest under the rescue ref', async () => {
  let head = '';
  let reached = false;
  const { start, atForge, runs, state } = await setUp(async (cwd) => {
    head = commit(cwd, 'b');
    writeFileSync(join(cwd, 'half'), 'half done');
    reached = true;
    await new Promise(() => undefined);
  });
  await start();
  await until('the work', () => reached);
  await runs.stop(RUN);
  expect(atForge()).toBe(head);
  expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  expect(person(join(state, 'rigs', RIG, 'mirror.git'), 'show', `refs/gastown/rescue/${RUN}:half`)).toBe('half done');
}, 30_000);

test('a drain pushes the commits of all live runs', async () => {
  let head = '';
  let open: (() => void) | null = null;
  const { start, atForge, runs } = await setUp((cwd) => {
    head = commit(cwd, 'b');
    return new Promise<void>((resolve) => (open = resolve));
  });
  await start();
  await until('the work', () => open);
  const drained = runs.stopAll();
  open!();
  await drained;
  expect(atForge()).toBe(head);
});

test('a run that handed in pushes no more: a branch that was landed and deleted is not made again (BR-6)', async () => {
  const { start, atForge, runs, forge, turnsOver } = await setUp(async (cwd, use) => {
    commit(cwd, 'b');
    expect(await use({ tool: 'done', args: { summary: 'b' } })).toMatchObject({ ok: true });
    person(forge, 'update-ref', '-d', `refs/heads/${BRANCH}`);
    commit(cwd, 'afterthought');
    await use({ tool: 'done', args: { summary: 'b, once more' } });
    await use({ tool: 'checkpoint', args: { data: {} } });
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe('');
});

test('a refused hand-in is followed by pushes as before', async () => {
  let head = '';
  const { start, atForge, runs, town, turnsOver } = await setUp(async (cwd, use) => {
    commit(cwd, 'b');
    town.answer = () => refuse(failure('no_hook'));
    expect(await use({ tool: 'done', args: { summary: 'b' } })).toMatchObject({ ok: false });
    head = commit(cwd, 'c');
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe(head);
});

test('a branch.delete ends the pushes of a run that still holds the branch (BR-6)', async () => {
  const { start, atForge, runs, turnsOver, forge } = await setUp(
    (cwd) => void commit(cwd, 'b'),
    (cwd) => void commit(cwd, 'c'),
  );
  await start();
  await until('the push', () => atForge() !== '');
  runs.retireBranch(RIG, BRANCH);
  const generation = Generation.parse(1);
  const nudgeId = NudgeId.parse('nu-111111111111');
  const before = atForge();
  await runs.prompt({
    kind: 'run.prompt',
    runId: RUN,
    generation,
    nudgeId,
    text: 'go on',
    source: 'town',
    mode: 'wait-idle',
    again: false,
  });
  await turnsOver(2);
  await runs.stop(RUN);
  expect(atForge()).toBe(before);
  expect(person(forge, 'log', '-1', '--format=%s', BRANCH)).toBe('Add b');
});

test("a repository that cannot be reached fails neither turn nor stop, and is logged with the failure's code", async () => {
  const { start, runs, turnsOver, logged, forge } = await setUp((cwd) => {
    commit(cwd, 'b');
    rmSync(forge, { recursive: true });
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(logged).toContainEqual(expect.objectContaining({ event: 'run.save_failed', why: 'turn', code: 'repository_not_found' }));
});

test.each([
  ['the same agent', {}, 'Toast'],
  ['another agent', { agentId: AgentId.parse('ag-00000002') }, 'Maple'],
])('after a lost disk the next run, of %s, has the commits of the last one', async (_who, changes, name) => {
  let head = '';
  let cwd = '';
  const { start, atForge, runs, state } = await setUp(
    (place) => void (head = commit(place, 'b')),
    (place) => void (cwd = place),
  );
  await start();
  await until('the push', () => head !== '' && atForge() === head);
  await runs.stop(RUN);
  rmSync(join(state, 'rigs', RIG), { recursive: true });
  const { context } = runStart(null);
  const branch = name === 'Toast' ? BRANCH : 'gt/maple/1a2b3c4d';
  await start({
    ...changes,
    runId: RunId.parse('run-000000000002'),
    startFrom: BRANCH,
    context: { ...context, agent: { ...context.agent, name }, branch },
  });
  await until('the second turn', () => cwd);
  expect(agentGit(cwd, 'rev-parse', 'HEAD')).toBe(head);
  expect(agentGit(cwd, 'symbolic-ref', '--short', 'HEAD')).toBe(branch);
  await runs.stopAll();
});

/** A turn that never ends, with a commit and something beside it. */
function working() {
  const made = { head: '' };
  const turn: Turn = async (cwd) => {
    const head = commit(cwd, 'b');
    writeFileSync(join(cwd, 'half'), 'half done');
    made.head = head;
    await new Promise(() => undefined);
  };
  return { made, turn, begun: () => until('the work', () => made.head !== '') };
}
const half = (at: string): string => person(at, 'show', `refs/gastown/rescue/${RUN}:half`);

test.each(['agent_crashed', 'agent_stalled'] as const)(
  'after %s the work is kept first, then the town is told; its stop waits for the same end and takes nothing away from it',
  async (code) => {
    const { made, turn, begun } = working();
    const { start, runs, state, crash, town, atForge, forge, logged, reports } = await setUp(turn);
    await start();
    await begun();
    const seen: string[] = [];
    let stopped: Promise<void> | null = null;
    town.hear = (report) => {
      if (report.kind !== 'run.lost') return;
      seen.push(atForge(), half(forge), half(join(state, 'rigs', RIG, 'mirror.git')));
      stopped = runs.stop(RUN);
    };
    crash(code);
    await until('the loss is told', () => stopped !== null);
    await stopped;
    expect(seen).toEqual([made.head, 'half done', 'half done']);
    expect(reports.filter(({ kind }) => kind === 'run.lost')).toMatchObject([{ failure: { code } }]);
    expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
    expect(existsSync(join(state, 'rescued'))).toBe(false);
    expect(logged.filter(({ event }) => /failed|aside|not_/.test(String(event)))).toEqual([]);
    expect(runs.live()).toEqual([]);
  },
  30_000,
);

test('one run that cannot be cleared ends no drain: the town is told of its end and of the others, and its work stays where it is', async () => {
  const { turn, begun } = working();
  const { start, runs, state, reports, logged } = await setUp(turn);
  await start();
  await begun();
  // What git cannot take whole.
  agentGit(join(state, 'worktrees', RUN), 'init', '-q', 'nested');
  // Where it would be put aside there is no place.
  writeFileSync(join(state, 'rescued'), '');
  const drained = runs.drain();
  await runs.evictAll();
  await drained;
  expect(reports.at(-1)).toMatchObject({ kind: 'run.lost', runId: RUN, failure: { code: 'runner_drained' } });
  expect(readFileSync(join(state, 'worktrees', RUN, 'half'), 'utf8')).toBe('half done');
  expect(logged).toContainEqual(expect.objectContaining({ event: 'run.end_failed', step: 'clear' }));
}, 30_000);

test('a drain waits for the end of a run that was lost just before, until its worktree is cleared', async () => {
  const { turn, begun } = working();
  const { start, runs, crash, storeAfter, reports, state } = await setUp(turn);
  let store: () => void = () => undefined;
  storeAfter(new Promise((resolve) => (store = resolve)));
  await start();
  await begun();
  crash('agent_crashed');
  let drained = false;
  const draining = runs.drain().then(() => (drained = true));
  await new Promise(setImmediate);
  expect(drained).toBe(false);
  store();
  await draining;
  expect(reports.at(-1)).toMatchObject({ kind: 'run.lost', failure: { code: 'agent_crashed' } });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
}, 30_000);

test('of two hand-ins at a time the refusal of one lets no push go while the other is looked at, nor after it (BR-6)', async () => {
  let handedIn = '';
  const { start, atForge, runs, town, turnsOver } = await setUp(async (cwd, use) => {
    handedIn = commit(cwd, 'b');
    let asked = 0;
    town.answer = async ({ tool }) => {
      if (tool !== 'done') return town.recorded;
      asked += 1;
      if (asked === 1) return refuse(failure('no_hook'));
      commit(cwd, 'afterthought');
      await use({ tool: 'checkpoint', args: { data: {} } });
      return town.recorded;
    };
    await Promise.all([use({ tool: 'done', args: { summary: 'b' } }), use({ tool: 'done', args: { summary: 'b' } })]);
  });
  await start();
  await turnsOver(1);
  await runs.stop(RUN);
  expect(atForge()).toBe(handedIn);
});

test('a start that fails leaves no folder and no note', async () => {
  const { forge, runs, state } = await setUp();
  const started = await runs.start(runStart(forge, { context: { ...runStart(null).context, branch: 'a..b' } }));
  expect(started).toMatchObject({ ok: false, failure: { code: 'setup_failed' } });
  expect(readdirSync(join(state, 'worktrees'))).toEqual([]);
});

const setup = (command: string, required = true, timeoutMs = 20_000) => ({ command, required, timeoutMs });

test('setup commands run in the worktree before the session opens, one after the other, and are told in the transcript (AG-22)', async () => {
  let seen = '';
  const { start, runs, items, turnsOver } = await setUp((cwd) => void (seen = readFileSync(join(cwd, 'made'), 'utf8')));
  await start({ setup: [setup('echo one > made'), setup('echo "no such tool" >&2; exit 3', false), setup('echo two >> made')] });
  await turnsOver(1);
  expect(seen).toBe('one\ntwo\n');
  const told = items.flatMap((item) => (item.kind === 'notice' && item.code === 'setup' ? [item.text] : []));
  expect(told).toEqual([
    'Setup: echo one > made succeeded.',
    'Setup: echo "no such tool" >&2; exit 3 ended with exit code 3.\nno such tool',
    'Setup: echo two >> made succeeded.',
  ]);
  await runs.stopAll();
});

test('a required setup command that fails or takes too long ends the start with its output; no session opens and no worktree stays (AG-22)', async () => {
  const { forge, runs, state, items } = await setUp();
  for (const [command, timeoutMs, why] of [
    ['echo broken; exit 7', 20_000, /ended with exit code 7/],
    ['echo broken; sleep 60', 1_000, /took longer than the 1 seconds/],
  ] as const) {
    const started = await runs.start(runStart(forge, { setup: [setup(command, true, timeoutMs), setup('touch never')] }));
    expect(started).toMatchObject({
      ok: false,
      failure: { code: 'setup_failed', message: expect.stringMatching(why), details: { command, output: 'broken' } },
    });
    expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
  }
  expect(items).toHaveLength(2);
  expect(runs.live()).toEqual([]);
});
