import { z } from 'zod';
import { AgentId, NudgeId } from '../ids.ts';
import { NudgeMode } from '../states.ts';
import { time } from './time.ts';

export const NudgeRow = z.object({
  id: NudgeId,
  agentId: AgentId,
  text: z.string(),
  mode: NudgeMode,
  source: z.string(),
  createdAt: time,
  state: z.enum(['pending', 'sent', 'delivered', 'expired']),
  deliveredAt: time.nullable(),
});
export type NudgeRow = z.infer<typeof NudgeRow>;
