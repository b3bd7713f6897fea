import type { Sql } from '../api.ts';
import { findMerge, mergesUnderWay } from '../merges/store.ts';
import { allEffects, type Effect } from '../outbox/store.ts';
import { parseRunSubject } from '../runs/begin.ts';
import { findRun, liveRuns } from '../runs/store.ts';
import { takesRig } from './view.ts';

/** What cannot be done without the repository. A stop of a run that is over can: what a runner lists in its hello gives it no credentials. */
const OF_THE_REPOSITORY: readonly Effect['kind'][] = ['rig.connect', 'branch.delete', 'merge.test', 'merge.land'];

/** May this runner have the rig's credentials? Who takes it may, and who still has something of it that was begun there. */
export const mayUseRig = (sql: Sql, runnerId: string, rigId: string): boolean =>
  takesRig(sql, runnerId, rigId) ||
  liveRuns(sql).some((run) => run.runnerId === runnerId && run.rigId === rigId) ||
  mergesUnderWay(sql).some((merge) => merge.runnerId === runnerId && merge.rigId === rigId) ||
  allEffects(sql).some((effect) => effect.runnerId === runnerId && OF_THE_REPOSITORY.includes(effect.kind) && rigOf(sql, effect) === rigId);

export function rigOf(sql: Sql, { kind, subject }: Effect): string | null {
  if (kind === 'rig.connect') return subject;
  if (kind === 'merge.test' || kind === 'merge.land' || kind === 'branch.delete') return findMerge(sql, subject)?.rigId ?? null;
  return findRun(sql, parseRunSubject(subject).runId)?.rigId ?? null;
}
