import { AsyncLocalStorage } from 'node:async_hooks';
import { refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import type { KeyedLock } from './keyed-lock.ts';

/** Whether what is done is wanted still: what takes long in it ends when it is not, however deep inside that was begun. The reason of `off` is a failure. */
const wanted = new AsyncLocalStorage<AbortSignal>();

/** Of the job that asks. */
export const offSignal = (): AbortSignal | null => wanted.getStore() ?? null;
/** Of what nobody stops. */
export const NEVER_OFF = new AbortController().signal;

/** A job in its turn; one that is off while it waits for that has none. */
export function inTurn<T>(locks: KeyedLock, key: string, off: AbortSignal, job: () => Promise<Result<T>>): Promise<Result<T>> {
  const { promise, resolve } = Promise.withResolvers<Result<T>>();
  const leave = (): void => resolve(refuse(off.reason as Failure));
  off.addEventListener('abort', leave, { once: true });
  const turn = locks.run(key, async (): Promise<Result<T>> => {
    off.removeEventListener('abort', leave);
    return off.aborted ? refuse(off.reason as Failure) : wanted.run(off, job);
  });
  return Promise.race([turn, promise]);
}
