import type { ConversationInfo, StoredItem } from '@gastown/protocol';

/** What the edge and the TownDO may ask an AgentDO; the rest goes over its two sockets. */
export interface AgentRpc {
  /** The `limit` newest items before `before` (null: the newest), oldest first. */
  items(before: number | null, limit: number): Promise<StoredItem[]>;
  /** The newest whole one is kept (DR-20). */
  keepConversation(info: ConversationInfo, bytes: Uint8Array): Promise<void>;
  conversationInfo(): Promise<ConversationInfo | null>;
  conversation(): Promise<{ info: ConversationInfo; bytes: Uint8Array<ArrayBuffer> } | null>;
  /** Who writes here may not any more: the sockets of its runner are closed. One that still may comes back. */
  dropRunner(): Promise<void>;
  destroy(): Promise<void>;
}
