import { HOME_RUNNER, type RunRow } from '@gastown/protocol';
import type { Container } from '../container/store.ts';
import type { Link } from '../links/store.ts';
import type { Run } from './store.ts';

/**
 * The runner of a live run is not there: since when, and when the run is given up unless it comes back (I10). What is to be started by the container waits for that, and a
 * session that nobody writes to misses nothing.
 */
export function awayOfRun(run: Run, link: Link | undefined, container: Container): RunRow['away'] {
  if (!link || link.connected || link.since === null || run.state === 'ended') return null;
  if (run.state === 'starting' && run.runnerId === HOME_RUNNER) return null;
  if (run.state === 'idle' && run.beadId === null) return null;
  const ends = [run.leaseUntil, run.runnerId === HOME_RUNNER ? givenUpAt(container) : link.awayUntil].filter((at) => at !== null);
  return { since: link.since, until: ends.length === 0 ? null : Math.min(...ends) };
}
/** A container has what it has until it is found to be down. */
const givenUpAt = ({ state, dueAt }: Container): number | null => (state === 'running' || state === 'stopping' ? dueAt : null);
