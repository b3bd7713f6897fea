import { CONVERSATION_HEADER, ConversationInfo, StoredItem } from '@gastown/protocol';
import type { AgentId } from '@gastown/protocol';
import { z } from 'zod';
import { refusalIn } from '../link/refusal.ts';

/** What the town keeps of an agent's conversations: the store of its session, and its transcript. Every call throws when it is not answered as it should be. */
export interface TownStore {
  info(agentId: AgentId, signal: AbortSignal): Promise<ConversationInfo | null>;
  fetch(agentId: AgentId, signal: AbortSignal): Promise<{ info: ConversationInfo; bytes: Buffer } | null>;
  keep(agentId: AgentId, info: ConversationInfo, bytes: Buffer, signal: AbortSignal): Promise<void>;
  /** The newest items before `before`, oldest first. */
  items(agentId: AgentId, before: number | null, limit: number, signal: AbortSignal): Promise<StoredItem[]>;
}

const Items = z.object({ value: z.array(StoredItem) });

export function makeTownStore({ url, token }: { url: string; token: string }): TownStore {
  const ask = async (agentId: AgentId, path: string, init: RequestInit): Promise<Response | null> => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${url}/runner/agents/${agentId}/${path}`, { ...init, headers });
    if (response.ok) return response;
    const said = await response.text();
    if (refusalIn(said)?.code === 'unknown_conversation') return null;
    throw new Error(`the town answered ${response.status}: ${said.slice(0, 300)}`);
  };
  const infoOf = (response: Response): ConversationInfo =>
    ConversationInfo.parse(JSON.parse(response.headers.get(CONVERSATION_HEADER) ?? 'null'));
  return {
    async info(agentId, signal) {
      const response = await ask(agentId, 'conversation?only=info', { signal });
      return response && infoOf(response);
    },
    async fetch(agentId, signal) {
      const response = await ask(agentId, 'conversation', { signal });
      return response && { info: infoOf(response), bytes: Buffer.from(await response.arrayBuffer()) };
    },
    async keep(agentId, info, bytes, signal) {
      const headers = { [CONVERSATION_HEADER]: JSON.stringify(info), 'content-type': 'application/octet-stream' };
      await ask(agentId, 'conversation', { method: 'POST', headers, body: new Uint8Array(bytes), signal });
    },
    async items(agentId, before, limit, signal) {
      const response = await ask(agentId, `items?limit=${limit}${before === null ? '' : `&before=${before}`}`, { signal });
      return response === null ? [] : Items.parse(await response.json()).value;
    },
  };
}
