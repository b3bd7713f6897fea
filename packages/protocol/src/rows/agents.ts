import { z } from 'zod';
import { AgentId, BeadId, RigId, RunId } from '../ids.ts';
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
  statusLine: z.string().nullable(),
  lastActivityAt: time.nullable(),
  createdAt: time,
  usage: Usage,
});
export type AgentRow = z.infer<typeof AgentRow>;
