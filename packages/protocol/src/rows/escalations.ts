import { z } from 'zod';
import { AgentId, BeadId, RigId } from '../ids.ts';
import { EscalationCategory, Severity } from '../states.ts';
import { time } from './time.ts';

export const EscalationRow = z.object({
  id: BeadId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  agentId: AgentId.nullable(),
  severity: Severity,
  category: EscalationCategory,
  message: z.string(),
  /** Of an alert: what of the town it watches. */
  topic: z.string().nullable(),
  createdAt: time,
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type EscalationRow = z.infer<typeof EscalationRow>;
