import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_PERMISSIONS, failure, ok, refuse, RigId } from '@gastown/protocol';
import type { Failure, Role } from '@gastown/protocol';
import type { Cell } from '../system/cell.ts';
import { readProc } from '../system/proc-file.ts';
import { makeRedactor } from '../system/redact.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { AGENT_KINDS } from './catalogue.ts';
import { CEILINGS } from './ceilings.ts';
import type { PoolCeilings } from './ceilings.ts';
import type { AgentProcess, SessionWish } from './driver.ts';
import { poolName } from './pool-need.ts';
import { homeOf } from './pool-process.ts';
import { makePool } from './pool.ts';

const NEED = { agentKind: 'kilo', model: 'm', shape: 'openai', rigId: null } as const;
const END = { stopReason: 'end_turn', usage: null, failure: null };

interface FakeProcess {
  readonly pid: number;
  readonly home: string;
  readonly at: number;
  readonly alone: boolean;
  /** Sessions in it now, with what each was told here. */
  readonly sessions: Map<string, string[]>;
  readonly die: () => void;
  ended: boolean;
}

/** A pool over processes that exist in this test only; a turn ends when the test says so. */
function setUp(ceilings: Partial<PoolCeilings> = {}, { resumes = true, starts = (): boolean => true, opens = (): boolean => true } = {}) {
  const processes: FakeProcess[] = [];
  const turns = new Map<string, () => void>();
  const logged: string[] = [];
  /** Pools of which all that runs as their user was ended. */
  const ended: string[] = [];
  let endOfUser: Promise<void> = Promise.resolve();
  let ids = 0;
  const bytes = new Map<number, number>();
  let free = Number.MAX_SAFE_INTEGER;
  const pool = makePool({
    installed: AGENT_KINDS.map((kind) => ({ kind, program: '/nowhere', before: [] })),
    folder: tempFolder(),
    mirrorFolder: () => '/nowhere/mirror.git',
    cells: {
      agent: (name: string) => ({ name, user: null }),
      end: (_folder: string, { name }: Cell) => (ended.push(name), endOfUser),
    } as never,
    doorUrl: 'http://127.0.0.1:1',
    askDoor: () => Promise.resolve('token'),
    passwordOf: () => 'sesame',
    path: '/usr/bin:/bin',
    lang: 'C',
    redactor: makeRedactor(),
    log: (event) => void logged.push(event),
    ceilings: { ...CEILINGS, ...ceilings },
    bytesOf: (pid) => Promise.resolve(bytes.get(pid) ?? 1),
    freeBytes: () => free,
    start: ({ folder }, { name, at, alone }) => {
      if (!starts()) return Promise.reject(new Error('no space left on device'));
      const gone = Promise.withResolvers<Failure>();
      const fake: FakeProcess = {
        pid: 100 + processes.length,
        home: homeOf(folder, { name, at }),
        at,
        alone,
        sessions: new Map(),
        ended: false,
        die() {
          fake.ended = true;
          gone.resolve(failure('agent_crashed'));
        },
      };
      processes.push(fake);
      const process: AgentProcess = {
        pid: fake.pid,
        gone: gone.promise,
        stop: () => (fake.die(), Promise.resolve()),
        openSession(wish) {
          if (!opens()) return Promise.resolve(refuse(failure('dispatch_failed', 'The agent refused: its folder is closed')));
          const resumed = wish.resumeSessionId !== null && resumes;
          const id = resumed ? wish.resumeSessionId! : `s${++ids}`;
          fake.sessions.set(id, []);
          return Promise.resolve(
            ok({
              id,
              resumed,
              model: null,
              prompt(text) {
                fake.sessions.get(id)!.push(text);
                return new Promise((resolve) => turns.set(id, () => resolve(END)));
              },
              cancel: () => Promise.resolve(),
              close: () => Promise.resolve(fake.sessions.delete(id)),
              abandon: () => void fake.sessions.delete(id),
            }),
          );
        },
      };
      return Promise.resolve(ok(process));
    },
  });
  const lost: Failure[] = [];
  const pids: (number | null)[] = [];
  const open = async (role: Role = 'polecat', need: Parameters<typeof pool.open>[0] = NEED) =>
    pool.open(need, wish(role, pids), (why) => lost.push(why));
  const must = async (role: Role = 'polecat') => {
    const opened = await open(role);
    if (!opened.ok) throw new Error(opened.failure.message);
    return opened.value;
  };
  const turn = async (session: { id: string; prompt(text: string): Promise<unknown> }, text: string) => {
    const over = session.prompt(text);
    await until('the turn began', () => turns.has(session.id));
    return {
      async end() {
        turns.get(session.id)!();
        turns.delete(session.id);
        await over;
      },
    };
  };
  const endUserAfter = (over: Promise<void>) => (endOfUser = over);
  return { pool, processes, bytes, lost, pids, logged, ended, endUserAfter, open, must, turn, setFree: (left: number) => (free = left) };
}

const wish = (role: Role, pids: (number | null)[]): SessionWish => ({
  kind: AGENT_KINDS[0]!,
  cwd: '/',
  role,
  rolePrompt: '',
  toolUrl: 'http://127.0.0.1:1',
  resumeSessionId: null,
  permissions: DEFAULT_PERMISSIONS,
  onProcess: (pid) => pids.push(pid),
  onUpdate: () => undefined,
});

test('sessions of one need share a process up to its ceiling; the next begins in a process beside it, with a HOME of its own (AG-10)', async () => {
  const { must, processes } = setUp({ sessions: 2 });
  await Promise.all([must(), must(), must()]);
  expect(processes.map(({ sessions, at }) => [sessions.size, at])).toEqual([
    [2, 0],
    [1, 1],
  ]);
});

test('a process over its ceiling of memory is replaced: each session goes on in the next one when its turn is over, and no run is lost', async () => {
  const { must, turn, processes, bytes, lost, pids } = setUp({ bytes: 1_000 });
  const [one, two] = [await must(), await must()];
  await (await turn(one, 'a')).end();
  const long = await turn(two, 'b');
  const again = await turn(one, 'c');
  bytes.set(100, 5_000);
  await again.end();
  await until('the idle session has moved', () => processes[1]?.sessions.has(one.id));
  expect(processes[0]!.sessions.get(two.id)).toEqual(['b']);
  await must();
  expect([processes.length, processes[0]!.sessions.size]).toEqual([2, 1]);
  await (await turn(one, 'd')).end();
  expect(processes[1]!.sessions.get(one.id)).toEqual(['d']);
  expect(processes[0]!.ended).toBe(false);
  await long.end();
  await until('the old process has ended', () => processes[0]!.ended);
  await (await turn(two, 'e')).end();
  expect(processes[1]!.sessions.get(two.id)).toEqual(['e']);
  expect([processes.length, lost]).toEqual([2, []]);
  expect(pids).toEqual([100, 100, 101, 101, 101]);
});

test('a session that cannot move because nothing starts any more is lost, gives its place back, and the old process ends (I10)', async () => {
  let starts = true;
  const { must, turn, processes, bytes, lost } = setUp({ bytes: 1_000 }, { starts: () => starts });
  const one = await must();
  await (await turn(one, 'a')).end();
  const last = await turn(one, 'b');
  bytes.set(100, 5_000);
  starts = false;
  await last.end();
  await until('the old process has ended', () => processes[0]!.ended);
  expect(lost).toMatchObject([{ code: 'agent_crashed', message: expect.stringContaining('no space left') }]);
  starts = true;
  await must();
  expect(processes.map(({ sessions }) => sessions.has(one.id))).toEqual([false, false]);
});

test('where a process owns its sessions they move together, when it has ended and no turn was under way', async () => {
  const { pool, turn, processes, bytes, lost } = setUp({ bytes: 1_000 });
  const codex = { ...NEED, agentKind: 'codex' };
  const open = async () => {
    const opened = await pool.open(codex, wish('polecat', []), (why) => lost.push(why));
    if (!opened.ok) throw new Error(opened.failure.message);
    return opened.value;
  };
  const [one, two] = [await open(), await open()];
  await (await turn(two, 'a')).end();
  const long = await turn(two, 'b');
  const short = await turn(one, 'c');
  bytes.set(100, 5_000);
  await short.end();
  expect([processes.length, processes[0]!.ended]).toEqual([1, false]);
  await long.end();
  await until('both are in the next process', () => processes[1]?.sessions.size === 2);
  expect([processes.length, processes[0]!.ended, lost]).toEqual([2, true, []]);
  await (await turn(one, 'd')).end();
  expect(processes[1]!.sessions.get(one.id)).toEqual(['d']);
});

test('a prompt that comes while its session moves waits for it, and is not lost', async () => {
  const { must, turn, processes, bytes } = setUp({ bytes: 1_000 });
  const session = await must();
  await (await turn(session, 'a')).end();
  const second = await turn(session, 'b');
  bytes.set(100, 5_000);
  const ended = second.end();
  const third = ended.then(() => turn(session, 'c'));
  await (await third).end();
  expect(processes.map(({ sessions }) => sessions.get(session.id))).toEqual([undefined, ['c']]);
});

test('a session that cannot be resumed is lost, and told so; one that begins above the ceiling is not replaced for ever', async () => {
  const lossy = setUp({ bytes: 1_000 }, { resumes: false });
  const session = await lossy.must();
  await (await lossy.turn(session, 'a')).end();
  const second = await lossy.turn(session, 'b');
  lossy.bytes.set(100, 5_000);
  await second.end();
  await until('the loss is told', () => lossy.lost.length > 0);
  expect(lossy.lost).toMatchObject([{ code: 'agent_crashed' }]);
  expect(lossy.processes.map(({ sessions }) => sessions.size)).toEqual([0, 0]);

  const large = setUp({ bytes: 1 });
  large.bytes.set(100, 5_000);
  const fat = await large.must();
  for (const text of ['a', 'b', 'c']) await (await large.turn(fat, text)).end();
  expect(large.processes).toHaveLength(1);
});

test('a process that dies takes its sessions with it, and no others', async () => {
  const { must, processes, lost } = setUp({ sessions: 1 });
  await must();
  await must();
  processes[0]!.die();
  await until('its run is told', () => lost.length > 0);
  expect(lost).toHaveLength(1);
});

test('a process knows at its start whether others of its pool run: only then their locks hold (AG-12)', async () => {
  const { must, processes, lost } = setUp({ sessions: 1 });
  await must();
  await must();
  processes.forEach(({ die }) => die());
  await until('both are told', () => lost.length === 2);
  await must();
  expect(processes.map(({ alone }) => alone)).toEqual([true, false, true]);
});

test('what a process left running ends with it, and nothing of the one beside it', async () => {
  const { must, processes } = setUp({ sessions: 1 });
  await must();
  await must();
  const strays = processes.map(({ home }) => spawn('sleep', ['300'], { env: { PATH: process.env['PATH'], HOME: home }, stdio: 'ignore' }));
  onTestFinished(() => strays.forEach((stray) => stray.kill('SIGKILL')));
  await until('they run', async () => {
    const homes = await Promise.all(strays.map(({ pid }) => readProc(`/proc/${pid}/environ`)));
    return homes.every((environ, at) => environ.includes(`HOME=${processes[at]!.home}\0`));
  });
  processes[1]!.die();
  await until('its stray has ended', () => strays[1]!.signalCode === 'SIGKILL');
  expect(strays[0]!.signalCode).toBe(null);
});

const POLECATS = { ...NEED, rigId: RigId.parse('rig-00000001') };
const NAME = poolName(POLECATS, DEFAULT_PERMISSIONS);
const got = <T>(result: { ok: true; value: T } | { ok: false }): T => {
  if (!result.ok) throw new Error('no session');
  return result.value;
};

test('sessions of two models have two processes, of one model one (CF-1)', async () => {
  const { open, processes } = setUp();
  got(await open('polecat', POLECATS));
  got(await open('polecat', { ...POLECATS, model: 'small' }));
  got(await open('polecat', { ...POLECATS, model: 'small' }));
  expect(processes.map(({ sessions }) => sessions.size)).toEqual([1, 2]);
});

test('what is done as the user of a pool is not ended with the last session of another run; the process stays for the one that is on its way (AG-22)', async () => {
  const { pool, open, must, processes, ended } = setUp();
  await must('mayor');
  const before = got(await open('polecat', POLECATS));
  const setup = Promise.withResolvers<void>();
  const next = pool.holding(NAME, async () => {
    await setup.promise;
    return got(await open('polecat', POLECATS));
  });
  await before.close();
  processes[1]!.die();
  await new Promise(setImmediate);
  expect(ended).toEqual([]);
  setup.resolve();
  const session = await next;
  expect([processes.length, processes[2]!.sessions.has(session.id), ended]).toEqual([3, true, []]);
  await session.close();
  await until('its user has ended', () => ended.includes(NAME));
});

test('a process without a session stays while one is on its way, and is stopped with its user when that does not come', async () => {
  const { pool, open, must, processes, ended } = setUp();
  await must('mayor');
  const before = got(await open('polecat', POLECATS));
  await pool.holding(NAME, async () => {
    await before.close();
    expect(processes[1]!.ended).toBe(false);
  });
  await until('it is over', () => processes[1]!.ended && ended.length > 0);
  expect([processes[0]!.ended, ended]).toEqual([false, [NAME]]);
});

test('who comes while the user of a pool is being ended waits for that', async () => {
  const { pool, open, must, ended, endUserAfter } = setUp();
  await must('mayor');
  const over = Promise.withResolvers<void>();
  endUserAfter(over.promise);
  await got(await open('polecat', POLECATS)).close();
  await until('the end is under way', () => ended.length > 0);
  let began = false;
  const held = pool.holding(NAME, () => Promise.resolve((began = true)));
  await new Promise(setImmediate);
  expect(began).toBe(false);
  over.resolve();
  expect(await held).toBe(true);
});

test('one that does not end its turn is let go of; its process takes nobody new and ends with its last session', async () => {
  const { must, turn, processes } = setUp();
  const [deaf, other] = [await must(), await must()];
  await (await turn(other, 'a')).end();
  await turn(deaf, 'b');
  deaf.abandon();
  await until('the process ends', () => processes[0]!.ended);
  expect(processes[1]?.sessions.has(other.id)).toBe(true);
});

test('a full runner refuses a start, and never the Mayor’s (CT-13)', async () => {
  const { open, must, setFree } = setUp({ agents: 1, freeBytes: 1_000 });
  const first = await must();
  expect(await open()).toMatchObject({ failure: { code: 'runner_full' } });
  expect(await open('mayor')).toMatchObject({ ok: true });
  await first.close();
  setFree(10);
  expect(await open()).toMatchObject({ failure: { code: 'runner_full' } });
});

test('an agent that does not speak to this model, and one that is not here, are refused at once', async () => {
  const { open, processes } = setUp();
  expect(await open('polecat', { ...NEED, agentKind: 'claude' })).toEqual(
    refuse(failure('agent_model_unfit', 'Claude Code does not speak to models of the openai shape.')),
  );
  expect(await open('polecat', { ...NEED, agentKind: 'nobody' })).toMatchObject({ failure: { code: 'agent_unknown' } });
  expect(processes).toEqual([]);
});

test('sessions that are opened at once share the start of one process, its failure too; the next one begins anew (CT-11)', async () => {
  let tries = 0;
  const { open, must, processes } = setUp({}, { starts: () => (tries += 1) > 1 });
  const began = await Promise.allSettled([open(), open(), open()]);
  expect([began.map(({ status }) => status), tries]).toEqual([['rejected', 'rejected', 'rejected'], 1]);
  await Promise.all([must(), must(), must()]);
  expect([processes.map(({ sessions }) => sessions.size), tries]).toEqual([[3], 2]);
});

test('a process that opens no session is replaced before the next try, unless it serves others', async () => {
  let broken = true;
  const { open, must, processes } = setUp({}, { opens: () => !broken });
  expect(await open()).toMatchObject({ ok: false, failure: { code: 'dispatch_failed' } });
  await until('it is stopped', () => processes[0]!.ended);
  broken = false;
  await must();
  expect(processes).toHaveLength(2);
  broken = true;
  expect(await open()).toMatchObject({ ok: false });
  broken = false;
  await must();
  expect(processes).toHaveLength(2);
  expect(processes[1]).toMatchObject({ ended: false });
});
