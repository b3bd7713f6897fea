import { errnoOf } from '../machine/errno.ts';
import { isAlive, memoryOf, signal } from '../machine/processes.ts';
import type { ProcessIdentity } from '../machine/processes.ts';

/**
 * workerd grows with each request, whatever its Worker does: V8 collects only what it runs short of, and the allocator keeps what came free
 * (cloudflare/workerd issue 6894). All that a town knows is on its disk, and every socket comes back, so one that grew too large is ended and started
 * anew, before the machine runs out of memory (H15). It costs what a crash costs: model calls under way are cut, and what they cost is not booked.
 */
export interface MemoryGuard {
  /** Why the last end was: null, not because of us. Asking forgets it. */
  reason(): string | null;
  stop(): void;
}

export interface GuardWish {
  readonly process: () => ProcessIdentity | null;
  /** Hears once, until a look succeeds again, why nothing could be looked at. */
  readonly log: (text: string) => void;
  readonly mostBytes?: number;
  readonly lookMs?: number;
  /** One that is this young needs its memory: ended again and again, nobody would be served. */
  readonly youngMs?: number;
}

const MOST_BYTES = 2_147_483_648;
const LOOK_MS = 60_000;
const YOUNG_MS = 1_800_000;

export function guardMemory({ process, log, mostBytes = MOST_BYTES, lookMs = LOOK_MS, youngMs = YOUNG_MS }: GuardWish): MemoryGuard {
  let known: { readonly identity: ProcessIdentity; readonly since: number } | null = null;
  let why: string | null = null;
  let blind = false;
  const look = (): void => {
    try {
      lookOnce();
      blind = false;
    } catch (cause) {
      // No more files, say: it is looked again.
      const code = errnoOf(cause);
      if (code === null) throw cause;
      if (!blind) log(`the memory of the Workers runtime cannot be looked at (${code}); it is looked again`);
      blind = true;
    }
  };
  const lookOnce = (): void => {
    if (known === null || !isAlive(known.identity)) {
      const identity = process();
      known = identity && { identity, since: performance.now() };
    }
    if (known === null || performance.now() - known.since < youngMs) return;
    const held = memoryOf(known.identity.pid);
    if (held <= mostBytes) return;
    why = `held ${Math.round(held / 1_048_576)} MiB of memory`;
    signal(known.identity, 'SIGKILL');
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  look();
  return {
    reason() {
      const said = why;
      why = null;
      return said;
    },
    stop: () => clearInterval(timer),
  };
}
