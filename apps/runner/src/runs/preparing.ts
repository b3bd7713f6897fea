import { ok, refuse } from '@gastown/protocol';
import type { Failure, Generation, Result, RunId } from '@gastown/protocol';
import type { Phases } from './phases.ts';
import { makePlace } from './place.ts';
import type { Place, RunStart } from './place.ts';
import { setUp } from './run-setup.ts';
import type { RunsSurroundings } from './surroundings.ts';

/** The part of a start that may rightly take long: what a repository has is fetched and checked out, and its setup commands run. Each git command and each setup command has its own limit. */
export interface Preparing {
  /** `off`: its reason is a failure, with which it ends then. */
  place(start: RunStart, pool: string, phases: Phases, off: AbortSignal): Promise<Result<Place>>;
  /** The starts that are at it: the town is told, and gives them time. */
  starts(): { runId: RunId; generation: Generation }[];
}

export function makePreparing(around: RunsSurroundings): Preparing {
  const underWay = new Set<RunStart>();
  const prepare = async (start: RunStart, pool: string, phases: Phases, off: AbortSignal): Promise<Result<Place>> => {
    const place = await makePlace(around, start, pool, off);
    phases.end('place');
    // Whatever that ended with.
    if (off.aborted) return refuse(off.reason as Failure);
    if (!place.ok) return place;
    const ready = await setUp(around, start, place.value, off);
    phases.end('setup');
    return ready.ok ? ok(place.value) : ready;
  };
  return {
    place(start, pool, phases, off) {
      underWay.add(start);
      return prepare(start, pool, phases, off).finally(() => underWay.delete(start));
    },
    starts: () => [...underWay].map(({ runId, generation }) => ({ runId, generation })),
  };
}
