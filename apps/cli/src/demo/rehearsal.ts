/**
 * The rehearsal servers of a demo, seen from the launcher. It owns their process and what they remember (ports, key, token: in the state
 * folder, so that addresses stored in a town stay valid). When the process dies it is started again; if that fails too, the terminal says so.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Failure, Price, Result } from '@gastown/protocol';
import { LAUNCHER_MARK } from '../machine/marks.ts';
import { portWithin } from '../machine/port.ts';
import { stablePort } from '../machine/stable-port.ts';
import { childPath } from '../project.ts';
import type { ModelOffer } from '../runtime/environment.ts';
import { readIfThere } from '../state/folder.ts';
import type { StateFolder } from '../state/folder.ts';
import { startCommand } from '../state/start-command.ts';
import { logLine } from '../state/log-file.ts';
import type { LogFile } from '../state/log-file.ts';
import { writeAtomically } from '../state/write.ts';
import type { Screen } from '../terminal/screen.ts';
import { DemoMemory, ServerReady } from './settings.ts';

export interface Rehearsal {
  readonly offer: ModelOffer;
  readonly suggestions: readonly string[];
  readonly sample: ServerReady['sample'];
  stop(): Promise<void>;
}

interface Parts {
  readonly state: StateFolder;
  readonly screen: Screen;
  readonly log: LogFile;
  /** How long a connection may hold a port that the demo stored. */
  readonly patienceMs?: number;
}

/** 1 USD a million tokens read, 2 written: enough for costs to be seen. In micros. */
const PRICE: Price = { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: 1_000_000 };
/** The system keeps the port of a connection that is over for a minute. */
const CONNECTION_MS = 90_000;
/** Deaths within a minute after which starting again is no help. */
const DEATHS = 3;
const WITHIN_MS = 60_000;

export async function startRehearsal(parts: Parts): Promise<Result<Rehearsal>> {
  const { state, screen } = parts;
  mkdirSync(state.demo, { recursive: true, mode: 0o700 });
  const file = path.join(state.demo, 'rehearsal.json');
  const kept = readIfThere(file);
  const memory: DemoMemory = kept === null ? await newMemory() : DemoMemory.parse(JSON.parse(kept));
  const free = kept === null ? ok(null) : await storedPortsFree(parts, memory);
  if (!free.ok) return free;
  const first = await screen.during('Starting the rehearsal model and the sample repository', startServers(parts, memory));
  if (!first.ok) return first;
  const { ready } = first.value;
  const settled = { ...memory, modelPort: ready.modelPort, gitPort: ready.gitPort };
  writeAtomically(file, JSON.stringify(settled));
  return ok({
    offer: offerOf(ready, memory.modelKey),
    suggestions: ready.suggestions,
    sample: ready.sample,
    stop: keepAlive(parts, settled, first.value.child),
  });
}

async function newMemory(): Promise<DemoMemory> {
  const modelPort = await stablePort();
  return {
    modelPort,
    gitPort: await stablePort([modelPort]),
    modelKey: `rehearsal-${randomBytes(12).toString('hex')}`,
    gitToken: `demo-${randomBytes(12).toString('hex')}`,
  };
}

/** The towns of this demo know the servers by these ports, so it cannot have others. */
async function storedPortsFree({ state, screen, patienceMs = CONNECTION_MS }: Parts, memory: DemoMemory): Promise<Result<null>> {
  for (const port of [memory.modelPort, memory.gitPort]) {
    const label = `Waiting until port ${port} is free (a connection of another program has it), at most ${patienceMs / 1000} s`;
    const free = await screen.during(label, portWithin(port, patienceMs));
    if (!free.ok) return refuse(storedPortTaken(free.failure.message, port, state));
  }
  return ok(null);
}

const storedPortTaken = (taken: string, port: number, state: StateFolder): Failure =>
  failure(
    'port_taken',
    `${taken} The towns of this demo have addresses with it, so it can take no other.`,
    { port },
    `End that program, then: ${startCommand(state, true)}. Another demo, without these towns: ./gastown demo --state DIR`,
  );

const offerOf = ({ modelUrl }: ServerReady, modelKey: string): ModelOffer => ({
  providerKeys: { custom: modelKey },
  defaultModel: { provider: 'custom', model: 'scripted', baseUrl: modelUrl, price: PRICE },
});

/** Starts the servers again when they die. Returns the stop. */
function keepAlive(parts: Parts, memory: DemoMemory, first: ChildProcess): () => Promise<void> {
  let child: ChildProcess | null = first;
  let stopping = false;
  let deaths: number[] = [];
  const watch = (each: ChildProcess): void => {
    each.once('exit', (code, name) => {
      child = null;
      if (stopping) return;
      logLine(parts.log, `the rehearsal servers ended with ${name ?? `code ${code}`}`);
      const now = performance.now();
      deaths = [...deaths.filter((at) => now - at < WITHIN_MS), now];
      if (deaths.length >= DEATHS)
        return parts.screen.warn('The rehearsal servers keep ending: the demo has no model and no repository. Stop and start it again.');
      parts.screen.warn('The rehearsal servers ended unexpectedly; they are started again.');
      void again();
    });
  };
  const again = async (): Promise<void> => {
    const started = await startServers(parts, memory);
    if (!started.ok) return parts.screen.warn(`The rehearsal servers do not start: ${started.failure.message}`);
    child = started.value.child;
    if (stopping) child.stdin?.end();
    watch(child);
  };
  watch(first);
  return async () => {
    stopping = true;
    const last = child;
    if (last === null) return;
    const gone = new Promise((resolve) => last.once('exit', resolve));
    last.stdin?.end();
    await gone;
  };
}

function startServers({ state, log }: Parts, memory: DemoMemory): Promise<Result<{ child: ChildProcess; ready: ServerReady }>> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./server.ts'))], {
    detached: true, // git children too: a signal to the terminal's group is for the launcher
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: childPath(), HOME: state.demo, LANG: 'C.UTF-8', [LAUNCHER_MARK]: state.root },
  });
  child.stdin.write(`${JSON.stringify({ folder: path.join(state.demo, 'git'), ...memory })}\n`);
  child.stderr.on('data', (part: Buffer) => log.write(part));
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(ok({ child, ready: ServerReady.parse(JSON.parse(line)) })));
    child.once('exit', (code) =>
      resolve(refuse(failure('internal', `The rehearsal servers ended with code ${code} before they were ready. See ${log.file}.`))),
    );
    child.once('error', (error) => resolve(refuse(failure('internal', `The rehearsal servers do not start: ${error.message}`))));
  });
}
