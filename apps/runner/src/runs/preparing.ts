import { ok, refuse } from '@gastown/protocol';
import type { Failure, Generation, Result, RunId } from '@gastown/protocol';
import type { Phases } from './phases.ts';
import { makePlace } from './place.ts';
import type { Place, RunStart } from './place.ts';
import { setUp } from './run-setup.ts';
import type { RunsSurroundings } from './surroundings.ts';

/** The part of a start that may rightly take long: what a repository has is fetched and checked out, and its setup commands run. Each git command and each setup command has its own limit. */
export interface Preparing {
  place(start: RunStart, pool: string, phases: Phases): Promise<Result<Place>>;
  /** The starts that are at it: the town is told, and gives them time. */
  starts(): { runId: RunId; generation: Generation }[];
}

/** `offReason`: why a start goes on no further; null: it does. */
export function makePreparing(around: RunsSurroundings, offReason: (runId: RunId) => Failure | null): Preparing {
  const underWay = new Set<RunStart>();
  const prepare = async (start: RunStart, pool: string, phases: Phases): Promise<Result<Place>> => {
    const place = await makePlace(around, start, pool);
    phases.end('place');
    if (!place.ok) return place;
    const off = offReason(start.runId);
    if (off !== null) return refuse(off);
    const ready = await setUp(around, start, place.value);
    phases.end('setup');
    return ready.ok ? ok(place.value) : ready;
  };
  return {
    place(start, pool, phases) {
      underWay.add(start);
      return prepare(start, pool, phases).finally(() => underWay.delete(start));
    },
    starts: () => [...underWay].map(({ runId, generation }) => ({ runId, generation })),
  };
}
