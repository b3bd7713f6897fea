import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { AgentId, Failure, LastScreen, Result, RunId, TerminalKind } from '@gastown/protocol';
import { openSocket, socketUrl } from '../link/socket.ts';
import type { Cell } from '../system/cell.ts';
import { makePassage } from '../system/cell.ts';
import type { Log } from '../system/log.ts';
import type { Redactor } from '../system/redact.ts';
import { within } from '../system/within.ts';
import { shellProgram, startPty } from './pty.ts';
import { makeTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** The terminals of this runner. Each belongs to a live run, has a socket of its own to the agent's object, and ends with the run at the latest. */
export interface Terminals {
  of(run: TerminalRun): RunTerminals;
  stopAll(): Promise<void>;
}

interface RunTerminals {
  /** Opens one, or nothing when it is open already. */
  open(kind: TerminalKind): Promise<Result<null>>;
  /** Ends all of this run; resolves when what they showed last is on its way. */
  end(): Promise<void>;
}

export interface TerminalRun {
  readonly agentId: AgentId;
  readonly runId: RunId;
  readonly cwd: string;
  readonly cell: Cell;
  /** The program that shows the session, null where the agent program has none. */
  readonly live: () => Promise<Program | null>;
}

interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Not the run's, which then is not where the program runs either: it may not look into the worktree. */
  readonly cell?: Cell;
}

export interface TerminalsSurroundings {
  readonly url: string;
  readonly token: string;
  /** Where homes of terminals lie. */
  readonly folder: string;
  readonly path: string;
  readonly lang: string;
  readonly log: Log;
  readonly redactor: Pick<Redactor, 'inBytes'>;
  readonly now: () => number;
  readonly idleMs?: number;
}

interface Open {
  readonly terminal: Terminal;
  readonly run: RunId;
  /** Settles when what it showed last is stored, or could not be within the time. */
  readonly closed: Promise<unknown>;
}

/** A new terminal has this size until its first watcher says its own. */
const SIZE = { cols: 80, rows: 24 };
/** How long the end of a terminal waits until what it showed last is stored. */
const FAREWELL_MS = 3_000;

export function makeTerminals(around: TerminalsSurroundings): Terminals {
  const open = new Map<string, Open>();
  const opening = new Map<string, Promise<Result<null>>>();

  const start = async (run: TerminalRun, kind: TerminalKind, key: string): Promise<Result<null>> => {
    const full = isFull(kind, [...open.keys(), ...opening.keys()]);
    if (full !== null) return refuse(full);
    const program = await programOf(run, kind);
    if (!program.ok) return program;
    await makePassage(around.folder);
    await makePassage(join(around.folder, run.agentId));
    const folder = join(around.folder, run.agentId, kind);
    const environment = { PATH: around.path, LANG: around.lang, ...program.value.environment };
    const { cell = run.cell } = program.value;
    const cwd = cell.user?.uid === run.cell.user?.uid ? run.cwd : '/';
    const pty = await startPty({ ...program.value, room: { cell, cwd, folder, environment }, ...SIZE });
    if (!pty.ok) return pty;
    const id = randomBytes(9).toString('base64url');
    const socket = openSocket({
      url: () => socketUrl(around.url, `/runner/agents/${run.agentId}/terminal?kind=${kind}`),
      headers: { authorization: `Bearer ${around.token}` },
      name: `terminal ${run.agentId} ${kind}`,
      log: around.log,
      compressed: false,
      onOpen: () => terminal.opened(),
      onText: (text) => terminal.hear(text),
      onBytes: (bytes) => terminal.hear(bytes),
      onLost: () => terminal.lost(),
    });
    const terminal = makeTerminal({
      id,
      pty: pty.value,
      ...SIZE,
      now: around.now,
      secrets: around.redactor.inBytes,
      send: (frame) => void socket.send(frame),
      ...(around.idleMs !== undefined && { idleMs: around.idleMs }),
    });
    const closed = terminal.over.then(async (last) => {
      around.log('terminal.ended', { runId: run.runId, kind, terminal: id, reason: last.reason, exitCode: last.exitCode });
      await pty.value.end();
      await within(FAREWELL_MS, terminal.kept);
      socket.close();
      open.delete(key);
    });
    open.set(key, { terminal, run: run.runId, closed });
    around.log('terminal.opened', { runId: run.runId, kind, terminal: id });
    return ok(null);
  };
  const endThose = async (which: (one: Open) => boolean, reason: LastScreen['reason']): Promise<void> => {
    await Promise.all(opening.values());
    await Promise.all([...open.values()].filter(which).map((one) => one.terminal.end(reason).then(() => one.closed)));
  };

  return {
    of(run) {
      let over = false;
      return {
        open(kind) {
          const key = `${run.agentId} ${kind}`;
          if (over) return Promise.resolve(refuse(failure('run_over')));
          if (open.has(key)) return Promise.resolve(ok(null));
          const same =
            opening.get(key) ??
            start(run, kind, key)
              .catch(notStarted)
              .finally(() => opening.delete(key));
          opening.set(key, same);
          return same;
        },
        end() {
          over = true;
          return endThose((one) => one.run === run.runId, 'run_over');
        },
      };
    },
    stopAll: () => endThose(() => true, 'runner_stopped'),
  };
}

/** The disk is full, say: no reason to end the runner. */
const notStarted = (cause: unknown): Result<null> =>
  refuse(failure('terminal_failed', `The terminal could not be started: ${String(cause)}`));

/** `keys` end with the kind. */
function isFull(kind: TerminalKind, keys: readonly string[]): Failure | null {
  const most = LIMITS.terminalsPerRunner.value;
  if (keys.length >= most) return failure('terminals_full', `${most} terminals are open in this runner.`);
  const views = LIMITS.liveViewsPerRunner.value;
  if (kind === 'live' && keys.filter((key) => key.endsWith(' live')).length >= views)
    return failure('terminals_full', `${views} live views are open in this runner.`);
  return null;
}

async function programOf(run: TerminalRun, kind: TerminalKind): Promise<Result<Program>> {
  if (kind === 'shell') return ok(shellProgram());
  const program = await run.live();
  return program === null ? refuse(failure('no_live_view')) : ok(program);
}
