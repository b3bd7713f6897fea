import { z } from 'zod';
import { Failure } from '../failures.ts';
import { AgentId, BeadId, MergeId, RigId, RunId, RunnerId, Sha } from '../ids.ts';
import { MergePhase } from '../states.ts';
import { time } from './time.ts';

export const GateResult = z.object({
  command: z.string(),
  exitCode: z.number().int().nullable(),
  timedOut: z.boolean(),
  durationMs: z.number().int(),
  output: z.string(),
  truncated: z.boolean(),
});
export type GateResult = z.infer<typeof GateResult>;

export const MergeRow = z.object({
  id: MergeId,
  beadId: BeadId,
  rigId: RigId,
  runId: RunId,
  agentId: AgentId,
  branch: z.string(),
  targetBranch: z.string(),
  headCommit: Sha,
  phase: MergePhase,
  /** Where it is tested and landed; null while it waits in line. */
  runnerId: RunnerId.nullable(),
  position: z.number().int().nullable(),
  builds: z.number().int(),
  baseCommit: Sha.nullable(),
  mergeCommit: Sha.nullable(),
  gates: z.array(GateResult),
  failure: Failure.nullable(),
  createdAt: time,
  updatedAt: time,
  landedAt: time.nullable(),
});
export type MergeRow = z.infer<typeof MergeRow>;
