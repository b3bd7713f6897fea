import type { StoredItem } from '@gastown/protocol';

/** What the edge and the TownDO may ask an AgentDO; the rest goes over its two sockets. */
export interface AgentRpc {
  /** The `limit` newest items before `before` (null: the newest), oldest first. */
  items(before: number | null, limit: number): Promise<StoredItem[]>;
  destroy(): Promise<void>;
}
