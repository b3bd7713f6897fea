import { renewContainer } from './container/rule.ts';
import { renewEffects } from './effects/outcomes.ts';
import { renewLinks } from './links/commands.ts';
import { renewLeases } from './runs/starts.ts';
import type { Tx } from './tx.ts';

/**
 * A clock that was wrong and was put right leaves times behind that lie further away than they are ever set, or that are over for long without anybody having been able to keep them; so does a machine that slept. What somebody has
 * to keep counts from now on (`renewed`); holds and waits to try again are over, where they are looked at (`isOver`). What a person or a file has set, a deferral, stays as it was said (decision 0011).
 */
export function keepToClock(tx: Tx): void {
  renewLeases(tx);
  renewEffects(tx);
  renewLinks(tx);
  renewContainer(tx);
}
