import { open } from 'node:fs/promises';

const PIECE_BYTES = 4_096;

/** A file of `/proc`, '' where it cannot be read. In small pieces: `readFile` takes 64 KB for each, and every look at the machine's processes reads hundreds. */
export const readProc = (path: string): Promise<string> => lookInto(path).catch(() => '');

/** The same, but '' only where there is none: its process has gone or is another's. Throws when the machine has no descriptor left, say. */
export async function lookInto(path: string): Promise<string> {
  try {
    return await read(path);
  } catch (error) {
    if (isCode(error, ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])) return '';
    throw error;
  }
}

/** A look at the machine reads hundreds of files, several times a second: memory that is thrown away each time keeps the collector busy. */
const free: Buffer[] = [];

async function read(path: string): Promise<string> {
  const file = await open(path);
  const buffer = free.pop() ?? Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return Buffer.concat(pieces).toString('utf8');
      pieces.push(Buffer.from(buffer.subarray(0, bytesRead)));
    }
  } finally {
    await file.close();
    free.push(buffer);
  }
}

export const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
