import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEFAULT_PERMISSIONS, failure, ok } from '@gastown/protocol';
import type { Failure, FailureCode, Report, Result, ToolAnswer, TranscriptItem } from '@gastown/protocol';
import { createBareRepo, seedRepo } from '@gastown/rehearsal';
import { AGENT_KINDS } from '../agents/catalogue.ts';
import type { SessionWish } from '../agents/driver.ts';
import { makeHolds } from '../agents/holds.ts';
import { poolName } from '../agents/pool-need.ts';
import type { Git } from '../git/git.ts';
import type { Link } from '../link/link.ts';
import type { CheckedCall } from '../mcp/tools.ts';
import { OWN } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { makeKeyedLock } from '../system/keyed-lock.ts';
import { agentGit, BRANCH, gitSurroundings, person, RUN, runStart, tempFolder } from './fixtures.ts';
import { until } from './until.ts';
import type { Leftovers } from '../runs/leftovers.ts';
import { needOf } from '../runs/open-run.ts';
import { makeRuns } from '../runs/runs.ts';

/** What the agent does in one turn, in its worktree and with its tools. */
export type Turn = (cwd: string, use: (call: CheckedCall) => Promise<Result<ToolAnswer>>) => Ended | Promise<Ended>;
/** Nothing: the turn ended well. */
type Ended = Failure | void;

export const commit = (cwd: string, name: string): string => {
  writeFileSync(join(cwd, name), name);
  agentGit(cwd, 'add', '-A');
  agentGit(cwd, 'commit', '-qm', `Add ${name}`);
  return agentGit(cwd, 'rev-parse', 'HEAD');
};

/** Live runs with real git and an agent that plays the given turns. */
export async function setUpRuns(...turns: Turn[]) {
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
  let isOpen = false;
  let sessions = 0;
  let admitted = 0;
  /** What was said to the agent. */
  const prompts: string[] = [];
  const holds = makeHolds(() => undefined);
  /** What was done as the agent's user while nothing kept that from being ended. */
  const unheld: string[] = [];
  /** Whether commits cannot be taken over at the moment, and what a command of git as the runner waits for. */
  const breaks = { takes: (): boolean => false, waits: (): Promise<void> => Promise.resolve() };
  /** When the agent answers that a session is closed. */
  const closes = { after: (): Promise<void> => Promise.resolve() };
  /** The runs whose sessions were opened. */
  const opened: string[] = [];
  const pool = poolName(needOf(runStart(forge)), DEFAULT_PERMISSIONS);
  const look = (args: readonly string[]): void => {
    if (!isOpen && !holds.isHeld(pool)) unheld.push(args.join(' '));
  };
  const gitOf = (cell: Cell): Git => {
    const git = around.gitOf(cell);
    return (call, ...args) => (look(args), git(call, ...args));
  };
  const git: Git = async (call, ...args) => {
    await breaks.waits();
    if (!args.some((arg) => arg.startsWith('--upload-pack='))) return around.git(call, ...args);
    look(args);
    if (!breaks.takes()) return around.git(call, ...args);
    return { ok: false, exitCode: 128, timedOut: false, out: '', error: 'the remote end hung up' };
  };
  const openSession = (wish: SessionWish) => ({
    id: `ses-${++sessions}`,
    cell: OWN,
    liveView: () => Promise.resolve(null),
    resumed: false,
    model: null,
    async prompt(text: string) {
      prompts.push(text);
      const ended = new Promise<void>((resolve) => (cancelled = resolve));
      const broken = await Promise.race([turns.shift()?.(wish.cwd, guests.get(wish.toolUrl)!), ended]);
      return { stopReason: 'end_turn', usage: null, failure: broken ?? null };
    },
    async cancel() {
      cancelled();
    },
    async close() {
      await closes.after();
      isOpen = false;
      return true;
    },
    abandon: () => undefined,
  });
  const left: Pick<Leftovers, 'of'> = { of: () => Promise.resolve([]) };
  const runs = makeRuns({
    ...around,
    git,
    gitOf,
    holding: holds.holding,
    state,
    locks: makeKeyedLock(),
    log: (event, fields = {}) => void logged.push({ event, ...fields }),
    installed: [{ kind: AGENT_KINDS[0]!, program: '/nowhere', before: [] }],
    pool: {
      open(_need, wish, onGone) {
        crash = onGone;
        isOpen = true;
        opened.push(basename(wish.cwd));
        return Promise.resolve(ok(openSession(wish)));
      },
      holding: holds.holding,
      stop: () => Promise.resolve(),
    },
    askDoor: () => Promise.resolve('no token'),
    leftovers: { of: (...wanted) => left.of(...wanted) },
    tools: {
      admit(guest) {
        const url = `guest ${++admitted}`;
        guests.set(url, guest.call);
        return { url, from: () => undefined, dismiss: () => void guests.delete(url) };
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
      past: ({ why, runId }) => Promise.resolve(`The past of ${runId}, ${why}.`),
      untold: () => Promise.resolve(false),
    },
    openStream: () => ({
      put: (item: TranscriptItem) => void items.push(item),
      live: () => undefined,
      grow: () => undefined,
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
    prompts,
    addresses: () => [...guests.keys()],
    unheld,
    breaks,
    closes,
    opened,
    left,
    crash: (code: FailureCode) => crash(failure(code)),
    storeAfter: (until: Promise<void>) => void (stored = until),
    start,
    turnsOver,
    atForge: () => person(forge, 'for-each-ref', '--format=%(objectname)', `refs/heads/${BRANCH}`),
  };
}

/** A turn that never ends, with a commit and something beside it. */
export function working() {
  const made = { head: '' };
  const turn: Turn = async (cwd) => {
    const head = commit(cwd, 'b');
    writeFileSync(join(cwd, 'half'), 'half done');
    made.head = head;
    await new Promise(() => undefined);
  };
  return { made, turn, begun: () => until('the work', () => made.head !== '') };
}
export const half = (at: string): string => person(at, 'show', `refs/gastown/rescue/${RUN}:half`);
