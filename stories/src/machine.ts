import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

/** Somebody's own machine: a home of its own, in which the line that the page gave is run as a person would, from a shell. */
export class Machine {
  readonly home: string;
  #command: ChildProcess | null = null;
  #said = '';

  constructor(folder: string) {
    this.home = path.join(folder, 'machine');
    mkdirSync(this.home, { recursive: true });
  }

  /** The folder of its runner of this town. */
  folder(town: string): string {
    return path.join(this.home, '.gastown', 'runners', town);
  }

  run(line: string): void {
    this.#said = '';
    const command = spawn('sh', ['-c', `exec ${line}`], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: this.home, LANG: 'C.UTF-8', NO_COLOR: '1', GASTOWN_NO_INSTALL: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#command = command;
    for (const stream of [command.stdout, command.stderr]) stream.on('data', (part: Buffer) => (this.#said += part.toString()));
  }

  said(): string {
    return this.#said;
  }

  /** Of the command; its end is its exit code, or the signal that ended it. */
  async gone(): Promise<number | string | null> {
    const command = this.#command!;
    if (command.exitCode === null && command.signalCode === null) await new Promise((resolve) => command.once('close', resolve));
    return command.exitCode ?? command.signalCode;
  }

  signal(name: NodeJS.Signals): void {
    this.#command!.kill(name);
  }

  /** `kill -9` of the runner alone: whoever started it is there to start it anew. */
  killRunner(): number {
    const runners = this.processes().filter(({ command }) => command.includes('apps/runner/src/main.ts'));
    for (const { pid } of runners) process.kill(pid, 'SIGKILL');
    return runners.length;
  }

  /** As a power cut would. */
  killAll(): number {
    this.signal('SIGKILL');
    const all = this.processes();
    for (const { pid } of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
      }
    }
    return all.length;
  }

  /** Does any program of this machine, or any small file that one was set up with, hold this text? */
  mentions(text: string): boolean {
    const files = readdirSync(this.home, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && /\.(?:json|toml|log)$/.test(entry.name),
    );
    const texts = [
      ...files.map((entry) => read(path.join(entry.parentPath, entry.name))),
      ...this.processes().map(({ environment }) => environment),
    ];
    return texts.some((each) => each?.includes(text));
  }

  /** What has its home, or its state, on this machine. */
  processes(): { pid: number; command: string; environment: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .flatMap((pid) => {
        const [environment, command] = ['environ', 'cmdline'].map((name) => read(`/proc/${pid}/${name}`));
        return environment?.includes(this.home) ? [{ pid, command: command ?? '', environment }] : [];
      });
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended meanwhile, or is another's.
    return null;
  }
}
