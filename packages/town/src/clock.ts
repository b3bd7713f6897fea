import { shortenEffects } from './effects/outcomes.ts';
import { shortenLinks } from './links/commands.ts';
import { shortenNudges } from './messages/store.ts';
import { shortenLeases } from './runs/starts.ts';
import type { Tx } from './tx.ts';

/**
 * A clock that was ahead and was put right leaves times behind that lie further away than they are ever set: leases that nobody keeps, waits of hours. Each is brought back to what it would be
 * from now on; holds and waits to try again are over at once, where they are looked at (`isOver`). What a person or a file has set, a deferral, stays as it was said.
 */
export function keepToClock(tx: Tx): void {
  shortenLeases(tx);
  shortenEffects(tx);
  shortenLinks(tx);
  shortenNudges(tx);
}
