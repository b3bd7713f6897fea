import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { expect, test } from 'vitest';
import { LIMITS } from '@gastown/protocol';
import { withShortText } from './said-text.ts';

const said = (sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk', text: string): SessionUpdate => ({
  sessionUpdate,
  messageId: 'm1',
  content: { type: 'text', text },
});

test('of what an agent says at once the beginning is told, and that it was cut; whatever is shorter stays as it is', () => {
  const most = LIMITS.frameBytes.value;
  for (const kind of ['agent_message_chunk', 'agent_thought_chunk'] as const) {
    expect(withShortText(said(kind, 'x'.repeat(most + 5)))).toEqual(said(kind, `${'x'.repeat(most)}\n… (cut: 5 characters more)`));
    const short = said(kind, 'x'.repeat(most));
    expect(withShortText(short)).toBe(short);
  }
  const plan: SessionUpdate = { sessionUpdate: 'plan', entries: [] };
  expect(withShortText(plan)).toBe(plan);
});
