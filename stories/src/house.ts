import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  createEmptyRepo,
  createSampleRepo,
  startGitServer,
  startModel,
  stories,
  SAMPLE_GATE,
  type GitServer,
  type ModelServer,
  type StoryLibrary,
} from '@gastown/rehearsal';
import { Client } from './client.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const LINK = /(http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=[\w-]+)/;
export const GIT_TOKEN = 'rehearsal-git-token-3f9c';
/** The key of the model provider: it must never reach an agent. */
export const MODEL_KEY = 'rehearsal-model-key-b81d';

export interface HouseOptions {
  readonly repos: readonly string[];
  readonly empty?: readonly string[];
  /** What the repositories hold, the sample package if nothing else is said. */
  readonly createRepo?: (bare: string) => Promise<unknown>;
  /** What the scripted model plays. */
  readonly stories?: StoryLibrary;
  /** More for the launcher's environment; the scratch folder is there already. */
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Before the launcher starts for the first time. */
  readonly prepare?: (house: House) => Promise<void>;
}

export interface HouseProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly environment: string;
}

/** A real town from the outside: the launcher as a process, a real git server, the scripted model. Everything in one scratch folder. */
export class House {
  readonly folder: string;
  readonly git: GitServer;
  readonly model: ModelServer;
  readonly port: number;
  readonly base: string;
  #launcher: ChildProcess | null = null;
  #said = '';

  readonly #environment: Readonly<Record<string, string>>;

  private constructor(folder: string, git: GitServer, model: ModelServer, port: number, environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
    this.folder = folder;
    this.git = git;
    this.model = model;
    this.port = port;
    this.base = `http://127.0.0.1:${port}`;
  }

  static async open(options: HouseOptions): Promise<House> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-story-'));
    const root = path.join(folder, 'forge');
    mkdirSync(path.join(root, 'acme'), { recursive: true });
    const createRepo = options.createRepo ?? createSampleRepo;
    for (const name of options.repos) await createRepo(path.join(root, 'acme', `${name}.git`));
    for (const name of options.empty ?? []) await createEmptyRepo(path.join(root, 'acme', `${name}.git`));
    const git = await startGitServer({ root, tokens: { [GIT_TOKEN]: { user: 'octocat', push: true } } });
    const model = await startModel({ stories: options.stories ?? stories, keys: [MODEL_KEY] });
    const house = new House(folder, git, model, await freePort(), options.environment?.(folder) ?? {});
    await options.prepare?.(house);
    await house.up();
    return house;
  }

  /** One more of the sample repository. */
  async createRepo(name: string): Promise<void> {
    await createSampleRepo(this.bare(name));
  }

  get gate(): string {
    return SAMPLE_GATE;
  }

  get state(): string {
    return path.join(this.folder, 'state');
  }

  get launcherPid(): number {
    return this.#launcher!.pid!;
  }

  bare(name: string): string {
    return path.join(this.folder, 'forge', 'acme', `${name}.git`);
  }

  /** Starts the launcher and resolves when it has printed a sign-in link. */
  async up(): Promise<string> {
    this.#said = '';
    const launcher = spawn(path.join(ROOT, 'gastown'), ['up', '--state', this.state, '--port', String(this.port)], {
      cwd: this.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        LANG: 'C.UTF-8',
        NO_COLOR: '1',
        GASTOWN_NO_INSTALL: '1',
        GASTOWN_MODEL_URL: this.model.url,
        GASTOWN_MODEL_KEY: MODEL_KEY,
        GASTOWN_MODEL: 'scripted',
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#launcher = launcher;
    return new Promise((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        this.#said += chunk.toString();
        const link = LINK.exec(this.#said)?.[1];
        if (link) resolve(link);
      };
      launcher.stdout.on('data', take);
      launcher.stderr.on('data', take);
      launcher.once('exit', (code) => reject(new Error(`the launcher ended with ${code}:\n${this.#said}`)));
    });
  }

  link(): string {
    const link = LINK.exec(this.#said)?.[1];
    if (!link) throw new Error(`no sign-in link in:\n${this.#said}`);
    return link;
  }

  signIn(): Promise<Client> {
    return Client.signIn(this.link());
  }

  /** A new sign-in link, as `./gastown link` prints it. */
  async freshLink(): Promise<string> {
    const { stdout } = await run(path.join(ROOT, 'gastown'), ['link', '--state', this.state], {
      env: { PATH: process.env['PATH'], HOME: this.folder, NO_COLOR: '1', GASTOWN_NO_INSTALL: '1' },
    });
    const link = LINK.exec(stdout)?.[1];
    if (!link) throw new Error(`no sign-in link in:\n${stdout}`);
    return link;
  }

  /** Another command of the launcher: how it ended, and what it said. */
  async gastown(...args: string[]): Promise<{ code: number; said: string }> {
    const env = { PATH: process.env['PATH'], HOME: this.folder, NO_COLOR: '1', GASTOWN_NO_INSTALL: '1' };
    return run(path.join(ROOT, 'gastown'), [...args, '--state', this.state], { env }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
    );
  }

  async freshClient(): Promise<Client> {
    return Client.signIn(await this.freshLink());
  }

  /** What the runner was started with; nobody else has it. */
  runnerToken(): string {
    return this.#found(/GASTOWN_RUNNER_TOKEN=(\S+)/);
  }

  #found(pattern: RegExp): string {
    const found = this.processes()
      .map(({ environment }) => pattern.exec(environment)?.[1])
      .find(Boolean);
    if (!found) throw new Error(`no process of the town has ${pattern} in its environment`);
    return found;
  }

  /** Ends everything of the town at once, as a power cut would: launcher, workerd, runner and agents. */
  async killEverything(): Promise<number> {
    const pids = this.processes();
    const gone = new Promise((resolve) => this.#launcher!.once('exit', resolve));
    for (const { pid } of pids) killIfThere(pid);
    await gone;
    return pids.length;
  }

  /** Every process of this town, found by its state folder or by descent from the launcher. */
  processes(): HouseProcess[] {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .flatMap((pid) => readProcess(pid));
    const ours = new Set([this.#launcher!.pid!]);
    for (let grew = true; grew;) {
      const before = ours.size;
      for (const one of all)
        if (ours.has(one.parent) || one.environment.includes(this.state) || one.command.includes(this.state)) ours.add(one.pid);
      grew = ours.size > before;
    }
    return all.filter((one) => ours.has(one.pid));
  }

  /** All of them, or those that are chosen among them. How many there were. */
  kill(what: RegExp, choose = (found: readonly HouseProcess[]): readonly HouseProcess[] => found): number {
    const found = choose(this.processes().filter(({ command }) => what.test(command)));
    for (const { pid } of found) killIfThere(pid);
    return found.length;
  }

  /** Stops (or continues) processes without ending them: they hold their sockets and say nothing. How many there were. */
  freeze(what: RegExp, signal: 'SIGSTOP' | 'SIGCONT'): number {
    const found = this.processes().filter(({ command }) => what.test(command));
    for (const { pid } of found) signalIfThere(pid, signal);
    return found.length;
  }

  /** Asks the launcher to end, and makes sure that it does. */
  async stop(): Promise<void> {
    const launcher = this.#launcher;
    if (launcher && launcher.exitCode === null && launcher.signalCode === null) {
      const gone = new Promise((resolve) => launcher.once('exit', resolve));
      const limit = setTimeout(() => this.processes().forEach(({ pid }) => killIfThere(pid)), 30_000);
      launcher.kill('SIGTERM');
      await gone;
      clearTimeout(limit);
    }
  }

  async close(): Promise<void> {
    await this.stop();
    await this.git.close();
    await this.model.close();
    if (!process.env['GASTOWN_KEEP']) rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the runners said of themselves, all of it. */
  runnerLog(): string {
    const folder = path.join(this.state, 'logs');
    const files = readdirSync(folder).filter((name) => name.startsWith('runner-'));
    return files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
  }

  #locks(): string[] {
    const forge = path.join(this.folder, 'forge');
    const names = readdirSync(forge, { recursive: true, encoding: 'utf8' }).filter((name) => /\.lock$|packed-refs\.new$/.test(name));
    return names.map((name) => path.join(forge, name));
  }

  /** What a git that was cut off left at the git server, and a person removes there (`repository_locked`). One that is at work holds its locks for an instant. */
  removeLeftLocks(): string[] {
    const left = this.#locks().filter((lock) => (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < Date.now() - 10_000);
    for (const lock of left) rmSync(lock, { force: true });
    return left;
  }

  /** What the launcher and its processes wrote, for a failed story. */
  logs(): string {
    const folder = path.join(this.state, 'logs');
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return [
      this.#said,
      `--- locks at the git server: ${this.#locks().join(' ') || 'none'}`,
      ...files.map((entry) => `--- ${entry.name}\n${readFileSync(path.join(folder, entry.name), 'utf8').slice(-4_000)}`),
    ].join('\n');
  }
}

function readProcess(pid: number): HouseProcess[] {
  try {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const text = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ');
    return [{ pid, parent, command: text('cmdline'), environment: text('environ') }];
  } catch (cause) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) return []; // it ended meanwhile
    throw cause;
  }
}

const killIfThere = (pid: number): void => signalIfThere(pid, 'SIGKILL');

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const run = promisify(execFile);
export const git = async (bare: string, ...args: string[]): Promise<string> =>
  (await run('git', ['-C', bare, ...args], { maxBuffer: 16_777_216 })).stdout.trim();
