import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The wall clock of everything that is started in this mount namespace from now on: server, runner, agents, git. */
export interface Clock {
  /** So many seconds from the true time, at once. 0 puts it right. */
  set(offBy: number): void;
  close(): Promise<void>;
}

/** Builds `clock.c` and has the loader load it into every program, by an `/etc` of our own. */
export async function openClock(): Promise<Clock> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-clock-'));
  chmodSync(folder, 0o755);
  const [file, library, etc] = ['off-by', 'clock.so', 'etc'].map((name) => path.join(folder, name)) as [string, string, string];
  const set = (offBy: number): void => {
    const seconds = Buffer.alloc(8);
    seconds.writeBigInt64LE(BigInt(offBy));
    writeFileSync(file, seconds, { flag: 'r+' });
  };
  writeFileSync(file, Buffer.alloc(8));
  const source = path.join(import.meta.dirname, 'clock.c');
  await run('cc', ['-shared', '-fPIC', '-O2', `-DCLOCK_FILE="${file}"`, '-o', library, source]);
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true });
  writeFileSync(path.join(etc, 'ld.so.preload'), `${library}\n`);
  await run('mount', ['--bind', etc, '/etc']);
  return {
    set,
    async close() {
      await run('umount', ['-l', '/etc']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
