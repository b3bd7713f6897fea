import { z } from 'zod';
import { AgentId, BeadId, RigId, TriageId } from '../ids.ts';
import { TriageAction, TriageKind } from '../states.ts';
import { time } from './time.ts';

/** What a patrol found and cannot decide (ES-7). `evidence` says what it saw. */
export const TriageRow = z.object({
  id: TriageId,
  kind: TriageKind,
  agentId: AgentId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  message: z.string(),
  actions: z.array(TriageAction),
  createdAt: time,
  resolvedAt: time.nullable(),
  resolvedBy: z.string().nullable(),
  /** Null when it settled itself. */
  action: TriageAction.nullable(),
  notes: z.string().nullable(),
});
export type TriageRow = z.infer<typeof TriageRow>;
