import { z } from 'zod';
import type { Conversation, Turn } from './conversation.ts';

/** A request of OpenAI's responses API (Codex), as far as the scripted model reads it. */
const Text = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);
const Item = z.looseObject({
  type: z.string().optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']).optional(),
  content: Text.nullish(),
  name: z.string().optional(),
  /** Where the tool is: tools of one server come as a namespace. */
  namespace: z.string().nullish(),
  call_id: z.string().optional(),
  output: Text.nullish(),
});
const Tool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});

export const ResponsesRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  instructions: z.string().nullish(),
  input: z.union([z.string(), z.array(Item)]),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  tools: z.array(Tool).nullish(),
});
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;
type Item = z.infer<typeof Item>;

/** A tool within a namespace is spelt as Codex tells a model to: `mcp__gt` and `done` are `mcp__gt__done`. */
const SEPARATOR = '__';

/** What one answer held came as several items (text, calls, reasoning): here they are one assistant turn, as everywhere. */
export function responsesConversation(request: ResponsesRequest): Conversation {
  const toolById = new Map<string, string>();
  const items = typeof request.input === 'string' ? [{ role: 'user' as const, content: request.input }] : request.input;
  const turns: Turn[] = request.instructions ? [{ role: 'system', text: request.instructions }] : [];
  for (const item of items) {
    if (item.call_id !== undefined && item.name !== undefined)
      toolById.set(item.call_id, item.namespace ? item.namespace + SEPARATOR + item.name : item.name);
    const turn = turnOf(item, toolById);
    const before = turns.at(-1);
    if (turn.role === 'assistant' && before?.role === 'assistant') turns[turns.length - 1] = { ...before, text: before.text + turn.text };
    else turns.push(turn);
  }
  return { turns, tools: (request.tools ?? []).flatMap(namesOf) };
}

function turnOf(item: Item, toolById: ReadonlyMap<string, string>): Turn {
  if (item.type?.endsWith('_output')) return { role: 'tool', text: textOf(item.output), tool: toolById.get(item.call_id ?? '') ?? '' };
  if (item.role === undefined) return { role: 'assistant', text: '' };
  return { role: item.role === 'developer' ? 'system' : item.role, text: textOf(item.content) };
}

function namesOf({ type, name, tools }: z.infer<typeof Tool>): string[] {
  if (tools !== undefined && name !== undefined) return tools.map((tool) => name + SEPARATOR + tool.name);
  return [name ?? type];
}

/** The namespace of a tool, apart from its name within it; null for a tool that stands alone. */
export function placeOfTool(request: ResponsesRequest, spelled: string): { namespace: string | null; name: string } {
  for (const { name, tools } of request.tools ?? []) {
    const found = tools?.find((tool) => name !== undefined && name + SEPARATOR + tool.name === spelled);
    if (found !== undefined && name !== undefined) return { namespace: name, name: found.name };
  }
  return { namespace: null, name: spelled };
}

function textOf(content: z.infer<typeof Text> | null | undefined): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('\n');
}
