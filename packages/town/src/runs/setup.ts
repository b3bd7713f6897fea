import { LIMITS, type Setup, type SetupCommand } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { findRig, type Rig } from '../rigs/store.ts';
import type { Run } from './store.ts';

/** The rig's lists, else the town's. */
const listsOf = (sql: Sql, rig: Rig): Setup => rig.setup ?? theTown(sql).setup;

/** What prepares the worktree of this run (AG-22). Who has no worktree needs none. */
export function setupOf(sql: Sql, run: Pick<Run, 'rigId' | 'agentId'>): SetupCommand[] {
  const rig = run.rigId ? findRig(sql, run.rigId) : null;
  if (!rig || findAgent(sql, run.agentId)?.role !== 'polecat') return [];
  const { shared, polecat } = listsOf(sql, rig);
  return [...shared, ...polecat];
}
/** What prepares the tree of a merge in this rig for its gates (AG-22). */
export function setupOfMerge(sql: Sql, rig: Rig): SetupCommand[] {
  const { shared, refinery } = listsOf(sql, rig);
  return [...shared, ...refinery];
}
export const setupMs = (setup: readonly SetupCommand[]): number => setup.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
/** How long the worktree of this run may be in the making, whatever its runner says. */
export const preparingMs = (sql: Sql, run: Pick<Run, 'rigId' | 'agentId'>): number => LIMITS.preparingMs.value + setupMs(setupOf(sql, run));
