import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** The text of a file that an agent may have put there: no link is followed, nothing is waited for, and only a regular file of at most `most` bytes is read. Throws for every other. */
export async function readSmallFile(path: string, most: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > most) throw new Error(`${path} is no file of at most ${most} bytes`);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(most), 0, most, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
