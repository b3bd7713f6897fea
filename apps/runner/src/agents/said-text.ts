import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { LIMITS } from '@gastown/protocol';
import { cutTo } from './tool-output.ts';

/** Characters of text in one update: agents write in pieces, and whoever says more at once holds up all runs of this process with it. */
const MOST_SAID = LIMITS.frameBytes.value;

export function withShortText(update: SessionUpdate): SessionUpdate {
  if (update.sessionUpdate !== 'agent_message_chunk' && update.sessionUpdate !== 'agent_thought_chunk') return update;
  const { content } = update;
  if (content.type !== 'text' || content.text.length <= MOST_SAID) return update;
  return { ...update, content: { ...content, text: cutTo(content.text, MOST_SAID) } };
}
