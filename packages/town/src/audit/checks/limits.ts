import { readTown } from '../../config/store.ts';
import { allEffects } from '../../outbox/store.ts';
import { parseRunSubject } from '../../runs/begin.ts';
import { findRun, liveRuns } from '../../runs/store.ts';
import { hardFor, sentenceOf } from '../../spend/reached.ts';
import { finding, type Check } from './check.ts';

/** I9: where a hard limit is reached, and in a stopped town, no run lives and nothing waits to be sent to an agent. */
export const limitsCheck: Check = {
  tables: ['spend', 'spend_limits', 'runs', 'town', 'outbox'],
  open: () => (sql) => {
    const town = readTown(sql);
    if (!town || town.deletedAt !== null) return [];
    const lives = liveRuns(sql).flatMap((run) => {
      const spent = hardFor(sql, run);
      if (spent) return [finding('I9', `${run.id} lives. ${sentenceOf(sql, spent)}`)];
      return town.stopped ? [finding('I9', `${run.id} lives in a stopped town`)] : [];
    });
    const queued = allEffects(sql).filter(
      ({ kind, state, target }) =>
        (kind === 'run.start' || kind === 'run.prompt') &&
        state !== 'parked' &&
        findRun(sql, parseRunSubject(target.replace(/^run:/, '')).runId)?.state === 'ended',
    );
    return [...lives, ...queued.map(({ kind, target }) => finding('I9', `${kind} waits for ${target}, which has ended`))];
  },
};
