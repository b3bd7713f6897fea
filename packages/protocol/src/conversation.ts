import { z } from 'zod';

/**
 * The store of one agent's session, kept by its AgentDO so that the conversation outlives the machine (DR-20). The runner posts it to `/runner/agents/:agent/conversation`: a body of compressed bytes that only the
 * runner understands, and this as JSON in the header `x-conversation`. A GET gives both back; with `?only=info` the header alone; 404 `unknown_conversation` when nothing was ever kept.
 */
export const ConversationInfo = z.object({
  sessionId: z.string().min(1).max(200),
  agentKind: z.string().min(1).max(40),
  /** Of the run that keeps it; an older one than what is kept is refused. 0: kept before this was told. */
  generation: z.number().int().nonnegative().default(0),
  /** What of the session was there, in the runner's own measure: it grows with the conversation, and tells which of two is newer. */
  extent: z.number().int().nonnegative(),
  /** Of the bytes, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.number().int(),
});
export type ConversationInfo = z.infer<typeof ConversationInfo>;
export const CONVERSATION_HEADER = 'x-conversation';
