import { appendFileSync, renameSync, statSync } from 'node:fs';
import { errnoOf } from '../machine/errno.ts';

/** Size at which a log begins anew; the one before is kept as `.1`, so a log never takes more than twice this. */
const LOG_BYTES = 5 * 1024 * 1024;

export interface LogFile {
  readonly file: string;
  write(text: string | Uint8Array): void;
}

/** A log with a cap on its size, readable by this user only. Writing never fails the town: a disk that is full, broken or read-only is said once where it matters, by the databases. */
export function openLog(file: string, capBytes: number = LOG_BYTES): LogFile {
  let size = sizeOf(file);
  return {
    file,
    write: (text) => {
      const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
      try {
        if (size > 0 && size + bytes > capBytes) {
          renameSync(file, `${file}.1`);
          size = 0;
        }
        appendFileSync(file, text, { mode: 0o600 });
        size += bytes;
      } catch (cause) {
        if (errnoOf(cause) === null) throw cause;
        // Somebody removed it: the next write begins it anew.
        if (errnoOf(cause) === 'ENOENT') size = 0;
      }
    },
  };
}

/** One line with the time in front. */
export const logLine = (log: LogFile, text: string): void => log.write(`${new Date().toISOString()} ${text}\n`);

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return 0;
    throw cause;
  }
}
