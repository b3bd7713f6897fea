import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MIB = 1_048_576;

/** A small disk of its own for the containers of the town. */
export interface Disk {
  full(ms: number): Promise<void>;
  /** False: a file was open for writing at every try, and the system would not. */
  readOnly(ms: number): Promise<boolean>;
  unmount(): Promise<void>;
}

export async function mountDisk(folder: string, mebibytes: number, wait: (ms: number) => Promise<void>): Promise<Disk> {
  mkdirSync(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=711`, 'tmpfs', folder]);
  return {
    async full(ms) {
      const ballast = path.join(folder, 'ballast');
      fill(ballast);
      try {
        await wait(ms);
      } finally {
        rmSync(ballast, { force: true });
      }
    },
    async readOnly(ms) {
      for (let tries = 0; tries < 20; tries += 1) {
        const done = await run('mount', ['-o', 'remount,ro', folder]).then(
          () => true,
          () => false,
        );
        if (!done) {
          await wait(100);
          continue;
        }
        await wait(ms);
        await run('mount', ['-o', 'remount,rw', folder]);
        return true;
      }
      return false;
    },
    unmount: async () => void (await run('umount', ['-l', folder])),
  };
}

function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (let size = MIB; size >= 4_096;) {
      try {
        writeSync(handle, Buffer.alloc(size));
      } catch (cause) {
        if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC')) throw cause;
        size /= 2;
      }
    }
  } finally {
    closeSync(handle);
  }
}
