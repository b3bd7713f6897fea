/** The file of an import: read whole, no more of it than one import takes, and judged before anything is sent. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { failure, LIMITS, ok, refuse, SPLIT_IMPORT } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';

const MOST_BYTES = LIMITS.importBytes.value;
export const INPUT = 'the standard input';

export function fileBytes(file: string): Result<Uint8Array> {
  try {
    if (statSync(file).isDirectory()) return refuse(failure('invalid_input', `${file} is a folder; name the file in it.`));
    return judged(firstBytes(file, MOST_BYTES + 1), file, `bd export > ${file} fills it`);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return refuse(failure('invalid_input', `file: there is no ${file}; bd export > ${file} makes one.`));
    return refuse(unreadable(file, cause));
  }
}

/** Whoever writes it may never end: what is over the limit is not waited for. */
export async function inputBytes(input: AsyncIterable<Uint8Array>): Promise<Result<Uint8Array>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of input) {
      parts.push(part);
      size += part.length;
      if (size > MOST_BYTES) break;
    }
  } catch (cause) {
    return refuse(unreadable(INPUT, cause));
  }
  return judged(Buffer.concat(parts), INPUT, 'bd export | ./gastown beads import - … fills it');
}

const unreadable = (name: string, cause: unknown) =>
  failure('invalid_input', `file: ${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`);

function judged(bytes: Uint8Array, name: string, filling: string): Result<Uint8Array> {
  if (new TextDecoder().decode(bytes).trim() === '')
    return refuse(failure('invalid_input', `file: there is nothing in ${name}; ${filling}.`));
  if (bytes.length > MOST_BYTES) return refuse(tooLarge(`${name} is larger than ${MOST_BYTES / 1_048_576} MB`));
  const lines = LIMITS.importLines.value;
  return isLonger(bytes, lines) ? refuse(tooLarge(`${name} has more than ${lines} lines`)) : ok(bytes);
}

const tooLarge = (what: string) => failure('too_large', `${what}; nothing came in.`, undefined, SPLIT_IMPORT);

/** As the town counts, before anything is sent. */
function isLonger(bytes: Uint8Array, lines: number): boolean {
  let from = 0;
  for (let line = 0; line < lines; line++) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (end === -1) return false;
    from = end + 1;
  }
  return new TextDecoder().decode(bytes.subarray(from)).trim() !== '';
}
const LINE_FEED = 10;

/** Not more than is taken: a device or a pipe has no size, and may never end. */
function firstBytes(file: string, most: number): Uint8Array {
  const opened = openSync(file, 'r');
  try {
    const parts: Uint8Array[] = [];
    for (let size = 0; size < most;) {
      const part = new Uint8Array(Math.min(most - size, 1_048_576));
      const read = readSync(opened, part);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      size += read;
    }
    return Buffer.concat(parts);
  } finally {
    closeSync(opened);
  }
}
