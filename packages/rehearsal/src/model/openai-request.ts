import { z } from 'zod';
import type { Conversation, Turn } from './conversation.ts';

/** An OpenAI chat-completions request, as far as the scripted model reads it. Unknown fields are kept out of the way. */
const Content = z.union([z.string(), z.null(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).optional();

export const OpenAiRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  messages: z.array(
    z.looseObject({
      role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
      content: Content,
      tool_call_id: z.string().optional(),
      tool_calls: z.array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string() }) })).nullish(),
    }),
  ),
  reasoning_effort: z.string().nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
});
export type OpenAiRequest = z.infer<typeof OpenAiRequest>;

export function openAiConversation(request: OpenAiRequest): Conversation {
  const toolById = new Map<string, string>();
  const turns = request.messages.map((message): Turn => {
    for (const call of message.tool_calls ?? []) toolById.set(call.id, call.function.name);
    const text = textOf(message.content);
    if (message.role === 'tool') return { role: 'tool', text, tool: toolById.get(message.tool_call_id ?? '') ?? '' };
    return { role: message.role === 'developer' ? 'system' : message.role, text };
  });
  return { turns, tools: (request.tools ?? []).map((tool) => tool.function.name) };
}

function textOf(content: z.infer<typeof Content>): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('\n');
}
