import { readTown } from '../../config/store.ts';
import { effectsFor, type Effect } from '../../outbox/store.ts';
import { rigTarget } from '../../rigs/looks.ts';
import { allRigs } from '../../rigs/store.ts';
import { finding, type Check } from './check.ts';

/** I10: a rig that is away says when the town looks at it again by itself, and that is what its outbox has planned. */
export const looksCheck: Check = {
  tables: ['rigs', 'outbox'],
  open: () => (sql, now) => {
    if (readTown(sql)?.deletedAt !== null) return [];
    return allRigs(sql).flatMap((rig) => {
      const look = effectsFor(sql, rigTarget(rig.id)).find(({ kind, state }) => kind === 'rig.connect' && state !== 'parked');
      return rig.state === 'unreachable' && !isTold(look, rig.looksAgainAt, now)
        ? [finding('I10', `${rig.name} says ${said(rig.looksAgainAt)}; its outbox has ${said(look ? look.dueAt : null)}`)]
        : [];
    });
  },
};

/** A moment that is over is “now”, whenever it was. */
function isTold(look: Effect | undefined, told: number | null, now: number): boolean {
  if (!look || told === null) return !look && told === null;
  return look.state === 'sent' || look.dueAt === told || (look.dueAt <= now && told <= now);
}
const said = (at: number | null): string => (at === null ? 'no look' : `a look at ${new Date(at).toISOString()}`);
