import type { ConversationInfo, Result, RunnerId, StoredItem } from '@gastown/protocol';

/** What the edge and the TownDO may ask an AgentDO; the rest goes over its two sockets. */
export interface AgentRpc {
  /** The `limit` newest items before `before` (null: the newest), oldest first. */
  items(before: number | null, limit: number): Promise<StoredItem[]>;
  /** The newest whole one is kept (DR-20). `stale_generation`: a newer run, or more of the same session, is kept already. */
  keepConversation(info: ConversationInfo, bytes: Uint8Array): Promise<Result<null>>;
  conversationInfo(): Promise<ConversationInfo | null>;
  conversation(): Promise<{ info: ConversationInfo; bytes: Uint8Array<ArrayBuffer> } | null>;
  /** The sockets of this runner whose token is older than `least` (null: all) are closed, and what they say from now on counts for nothing. One that still may comes back. */
  dropRunner(runnerId: RunnerId, least: number | null): Promise<void>;
  /** The sockets that pages of this session have here are closed, and what they say from now on counts for nothing (WS-17). */
  endSession(session: string): Promise<void>;
  destroy(): Promise<void>;
}
