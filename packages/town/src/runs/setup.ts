import type { SetupCommand } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { Sql } from '../api.ts';
import { theTown } from '../config/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Run } from './store.ts';

/** What prepares the worktree of this run (AG-22): the rig's lists, else the town's. Who has no worktree needs none. */
export function setupOf(sql: Sql, run: Pick<Run, 'rigId' | 'agentId'>): SetupCommand[] {
  const rig = run.rigId ? findRig(sql, run.rigId) : null;
  const role = findAgent(sql, run.agentId)?.role;
  if (!rig || (role !== 'polecat' && role !== 'refinery')) return [];
  const setup = rig.setup ?? theTown(sql).setup;
  return [...setup.shared, ...setup[role]];
}
export const setupMs = (setup: readonly SetupCommand[]): number => setup.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
