import { z } from 'zod';
import { AgentId, BeadId, PermissionId, RigId, RunId } from '../ids.ts';
import { Usage } from '../models.ts';
import { AgentStatus, Role } from '../states.ts';
import { time } from './time.ts';

export const AgentRow = z.object({
  id: AgentId,
  name: z.string(),
  role: Role,
  identity: z.string(),
  rigId: RigId.nullable(),
  status: AgentStatus,
  paused: z.boolean(),
  beadId: BeadId.nullable(),
  runId: RunId.nullable(),
  /** What it asks a person for, and waits: the oldest of its open questions. */
  asks: PermissionId.nullable(),
  statusLine: z.string().nullable(),
  lastActivityAt: time.nullable(),
  createdAt: time,
  usage: Usage,
});
export type AgentRow = z.infer<typeof AgentRow>;
