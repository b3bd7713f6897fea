import { z } from 'zod';
import { Failure } from '../failures.ts';
import { AgentId, BeadId, Generation, RigId, RunId, RunnerId, Sha } from '../ids.ts';
import { Usage } from '../models.ts';
import { Effort, RunState } from '../states.ts';
import { time } from './time.ts';

/** `foreign`: why it seems not to be made for the bead that was handed in with it (GT-17). */
export const Commit = z.object({
  sha: Sha,
  subject: z.string(),
  author: z.string(),
  at: time,
  foreign: z.enum(['another_bead', 'another_branch', 'another_person']).optional(),
});
export type Commit = z.infer<typeof Commit>;

export const RunRow = z.object({
  id: RunId,
  agentId: AgentId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  /** Where it is; a removed runner is named here still. */
  runnerId: RunnerId,
  generation: Generation,
  attempt: z.number().int(),
  state: RunState,
  /** What it is asked with, whatever the agent program calls that. */
  model: z.string().nullable(),
  /** Null: it began before there was a choice. */
  effort: Effort.nullable(),
  agentKind: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  endReason: z.enum(['done', 'no_changes', 'stopped', 'failed']).nullable(),
  /** Its runner is not connected: since when, and when it is given up unless that comes back. Null: it is connected, or this is over. */
  away: z.object({ since: time, until: time.nullable() }).nullable(),
  /** Why it ended. Of one that goes on: why the repository did not take what it handed in last. */
  failure: Failure.nullable(),
  branch: z.string().nullable(),
  headCommit: Sha.nullable(),
  commits: z.array(Commit),
  summary: z.string().nullable(),
  usage: Usage,
});
export type RunRow = z.infer<typeof RunRow>;
