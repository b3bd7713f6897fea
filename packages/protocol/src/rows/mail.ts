import { z } from 'zod';
import { AgentId, MailId } from '../ids.ts';
import { time } from './time.ts';

/** A message between agents that stays until it is read (MS-1). */
export const MailRow = z.object({
  id: MailId,
  /** A person's name or an agent's identity. */
  from: z.string(),
  fromAgentId: AgentId.nullable(),
  agentId: AgentId,
  subject: z.string(),
  body: z.string(),
  createdAt: time,
  /** When it was read; it is closed then. */
  deliveredAt: time.nullable(),
});
export type MailRow = z.infer<typeof MailRow>;
