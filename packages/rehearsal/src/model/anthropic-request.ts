import { z } from 'zod';
import { spokenText } from './conversation.ts';
import type { Conversation, Turn } from './conversation.ts';

/** An Anthropic messages request, as far as the scripted model reads it. */
const TextBlocks = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);
const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: TextBlocks.optional(),
});

export const AnthropicRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  system: TextBlocks.optional(),
  messages: z.array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: z.union([z.string(), z.array(Block)]) })),
  output_config: z.looseObject({ effort: z.string().nullish() }).nullish(),
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
});
export type AnthropicRequest = z.infer<typeof AnthropicRequest>;

export function anthropicConversation(request: AnthropicRequest): Conversation {
  const toolById = new Map<string, string>();
  const turns: Turn[] = request.system === undefined ? [] : [{ role: 'system', text: textOf(request.system) }];
  for (const { role, content } of request.messages) {
    if (typeof content === 'string') {
      turns.push({ role, text: content });
      continue;
    }
    for (const block of content) if (block.type === 'tool_use' && block.id && block.name) toolById.set(block.id, block.name);
    const results = content.filter((block) => block.type === 'tool_result');
    turns.push(
      ...results.map((block): Turn => ({
        role: 'tool',
        text: textOf(block.content ?? ''),
        tool: toolById.get(block.tool_use_id ?? '') ?? '',
      })),
    );
    const said = content
      .filter((block) => block.type === 'text')
      .map((block) => block.text ?? '')
      .join('\n');
    // Agents put reminders of their own beside tool results; those are not the user speaking.
    const turn: Turn = { role, text: said };
    if (results.length === 0 || spokenText(turn) !== '') turns.push(turn);
  }
  return { turns, tools: (request.tools ?? []).map((tool) => tool.name) };
}

const textOf = (content: z.infer<typeof TextBlocks>): string =>
  typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('\n');
