/** One build or installation at a time in a checkout; the script `gastown` takes the same lock around npm. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '@gastown/protocol';
import { lockFolder } from '../machine/flock.ts';
import type { Screen } from '../terminal/screen.ts';

/** `work` gets the descriptor that holds the lock, for children that must keep it should this process be killed. */
export async function aloneInCheckout<T>(
  root: string,
  screen: Screen,
  work: (descriptor: number) => Promise<Result<T>>,
): Promise<Result<T>> {
  const folder = path.join(root, '.gastown');
  mkdirSync(folder, { recursive: true });
  const descriptor = openSync(folder, 'r');
  try {
    const free = await lockFolder(descriptor, false);
    if (!free.ok) return free;
    if (!free.value) {
      const mine = await screen.during('Waiting for another installation or build in this checkout', lockFolder(descriptor, true));
      if (!mine.ok) return mine;
    }
    return await work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
