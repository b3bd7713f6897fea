import { z } from 'zod';
import { AgentId, BeadId, PermissionId, RigId, RunId } from '../ids.ts';
import { PermissionCategory, PermissionDecision } from '../states.ts';
import { time } from './time.ts';

/** A question for permission that an agent asked a person, in its own words: title and detail are text of an agent, never markup. */
export const PermissionRow = z.object({
  id: PermissionId,
  runId: RunId,
  agentId: AgentId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  category: PermissionCategory,
  title: z.string(),
  detail: z.string(),
  askedAt: time,
  /** Denied then, if nobody answers. */
  until: time,
  answeredAt: time.nullable(),
  /** A person, or `town`. */
  answeredBy: z.string().nullable(),
  /** Null while it is open, and when it was withdrawn. */
  decision: PermissionDecision.nullable(),
  /** Why it was withdrawn, or denied by the town. */
  reason: z.string().nullable(),
});
export type PermissionRow = z.infer<typeof PermissionRow>;
