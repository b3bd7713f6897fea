import { z } from 'zod';
import { json } from '../json.ts';
import { AgentId, BeadId } from '../ids.ts';
import { time } from './time.ts';

/** One ledger event as the feed and the timelines show it (DM-8, I6). */
export const EventRow = z.object({
  id: z.number().int(),
  at: time,
  type: z.string(),
  beadId: BeadId.nullable(),
  agentId: AgentId.nullable(),
  actor: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  data: z.record(z.string(), json()),
});
export type EventRow = z.infer<typeof EventRow>;
