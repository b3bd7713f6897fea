import { open } from 'node:fs/promises';

const PIECE_BYTES = 4_096;

/** A file of `/proc`, '' where there is none or its process has gone. In small pieces: `readFile` takes 64 KB for each, and every look at the machine's processes reads hundreds. */
export async function readProc(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return '';
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, null);
      if (bytesRead === 0) return Buffer.concat(pieces).toString('utf8');
      pieces.push(buffer.subarray(0, bytesRead));
    }
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
