import { writeSync } from 'node:fs';
import { isCode } from '../system/proc-file.ts';

/** What is on its way into a program, in order. */
export interface Feed {
  add(bytes: Uint8Array): void;
  /** Bytes that the program's side did not take yet. */
  readonly unwritten: () => number;
}

/** The end of the pseudo-terminal that is ours. It never waits: what does not fit is refused with EAGAIN. */
export interface OurEnd {
  readonly fd: number;
  /** False: the number may be another file's by now. */
  readonly isOpen: () => boolean;
}

/** A terminal holds 4 KiB for a program that does not read. */
const AGAIN_MS = 10;
const MOST_BYTES = 1_048_576;

/** Written here and not by the library, whose writes wait for the program to read, and the whole runner with them. Over a megabyte nothing more is taken. */
export function makeFeed({ fd, isOpen }: OurEnd): Feed {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const drop = (): void => {
    waiting = [];
    bytes = 0;
  };
  const work = (): void => {
    timer = undefined;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (!isOpen()) return drop();
      const written = writeSome(fd, first);
      if (written === 0) return void (timer = setTimeout(work, AGAIN_MS));
      bytes -= written;
      if (written < first.byteLength) waiting[0] = first.subarray(written);
      else waiting.shift();
    }
  };
  return {
    unwritten: () => bytes,
    add(more) {
      if (more.byteLength === 0 || bytes + more.byteLength > MOST_BYTES) return;
      waiting.push(more);
      bytes += more.byteLength;
      if (timer === undefined) work();
    },
  };
}

/** A program that is gone takes everything. */
function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (isCode(error, ['EAGAIN', 'EINTR'])) return 0;
    if (isCode(error, ['EIO', 'EBADF'])) return bytes.byteLength;
    throw error;
  }
}
