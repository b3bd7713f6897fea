import type { ConversationInfo, Result, StoredItem } from '@gastown/protocol';

/** What the edge and the TownDO may ask an AgentDO; the rest goes over its two sockets. */
export interface AgentRpc {
  /** The `limit` newest items before `before` (null: the newest), oldest first. */
  items(before: number | null, limit: number): Promise<StoredItem[]>;
  /** The newest whole one is kept (DR-20). `stale_generation`: a newer run, or more of the same session, is kept already. */
  keepConversation(info: ConversationInfo, bytes: Uint8Array): Promise<Result<null>>;
  conversationInfo(): Promise<ConversationInfo | null>;
  conversation(): Promise<{ info: ConversationInfo; bytes: Uint8Array<ArrayBuffer> } | null>;
  /** Who writes here may not any more: the sockets of its runner are closed. One that still may comes back. */
  dropRunner(): Promise<void>;
  destroy(): Promise<void>;
}
