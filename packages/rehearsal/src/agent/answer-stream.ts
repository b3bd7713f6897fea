import { z } from 'zod';

const CallPart = z.looseObject({
  index: z.number(),
  id: z.string().optional(),
  function: z.looseObject({ name: z.string().optional(), arguments: z.string().default('') }),
});
const Chunk = z.looseObject({
  error: z.looseObject({ message: z.string() }).optional(),
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(CallPart).default([]) }),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});
type Chunk = z.infer<typeof Chunk>;

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** One answer of the model: the message as the conversation keeps it, and how it ended. */
export interface Reply {
  readonly message: { readonly role: 'assistant'; readonly content: string | null; readonly tool_calls?: readonly ToolCall[] };
  /** The provider's filter ended it. */
  readonly refused: boolean;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** The whole of a streamed answer. Null: it was cut before its end. Throws what the stream says went wrong. */
export function readAnswer(stream: string): Reply | null {
  const lines = [...stream.matchAll(/^data: (.+)$/gm)].map(([, line]) => line!);
  const chunks = lines.filter((line) => line.startsWith('{')).map((line) => Chunk.parse(JSON.parse(line)));
  const broken = chunks.find(({ error }) => error !== undefined)?.error;
  if (broken !== undefined) throw new Error(JSON.stringify(broken));
  if (lines.at(-1) !== '[DONE]') return null;
  const choices = chunks.flatMap(({ choices: each }) => each);
  const content = choices.map(({ delta }) => delta.content ?? '').join('');
  const calls = callsOf(choices);
  return {
    message: { role: 'assistant', content: content === '' ? null : content, ...(calls.length > 0 && { tool_calls: calls }) },
    refused: choices.some(({ finish_reason: reason }) => reason === 'content_filter'),
    usage: chunks.findLast(({ usage }) => usage)?.usage ?? { prompt_tokens: 0, completion_tokens: 0 },
  };
}

/** A call begins with its id and its name; its arguments come in slices. */
function callsOf(choices: Chunk['choices']): ToolCall[] {
  const calls: ToolCall[] = [];
  for (const part of choices.flatMap(({ delta }) => delta.tool_calls)) {
    const begun = calls[part.index] ?? { id: part.id ?? '', type: 'function', function: { name: part.function.name ?? '', arguments: '' } };
    calls[part.index] = { ...begun, function: { ...begun.function, arguments: begun.function.arguments + part.function.arguments } };
  }
  return calls;
}
