/** The one retry of this Worker: full jitter, bounded, and an overloaded object is left in peace (style §2.14). Throws what the last try threw. */
export interface Tries {
  readonly tries: number;
  readonly baseMs: number;
  readonly pause?: (ms: number) => Promise<void>;
}

export async function tryAgain<T>(work: () => Promise<T>, { tries, baseMs, pause = sleep }: Tries): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (tried >= tries || isOverload(error)) throw error;
      await pause(Math.random() * baseMs * 2 ** tried);
    }
  }
}

export const isOverload = (error: unknown): boolean => error instanceof Error && 'overloaded' in error && error.overloaded === true;

/** What the place where the objects keep their state says: no input is at fault, and nobody's code. Null: it is something else. */
export function storageFailure(error: unknown): 'disk_full' | 'state_unwritable' | null {
  const words = error instanceof Error ? error.message : '';
  if (/SQLITE_FULL|database or disk is full/.test(words)) return 'disk_full';
  return /SQLITE_(?:READONLY|IOERR|CANTOPEN)|readonly database|disk I\/O error/.test(words) ? 'state_unwritable' : null;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
