import type { Answer } from './answer.ts';
import { slicesOf, wordsOf } from './event-stream.ts';

export interface OpenAiFrame {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

const ARGUMENT_SLICE = 64;

const finishOf = (answer: Answer): string => (answer.refused ? 'content_filter' : answer.calls.length > 0 ? 'tool_calls' : 'stop');

const usageOf = ({ usage }: Answer) => ({
  prompt_tokens: usage.inputTokens + usage.cachedTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.cachedTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
});

const callOf = (call: Answer['calls'][number]) => ({
  id: call.id,
  type: 'function',
  function: { name: call.name, arguments: call.argsText },
});

export function openAiBody(answer: Answer, frame: OpenAiFrame): object {
  const message = { role: 'assistant', content: answer.text, ...(answer.calls.length > 0 && { tool_calls: answer.calls.map(callOf) }) };
  return { ...frame, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finishOf(answer) }], usage: usageOf(answer) };
}

/** The chunks of a streamed answer. As OpenAI does, usage comes in a last chunk without choices, and only to those who asked for it. */
export function openAiChunks(answer: Answer, frame: OpenAiFrame, includeUsage: boolean): string[] {
  const event = (fields: object) => `data: ${JSON.stringify({ ...frame, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const delta = (change: object, finish: string | null = null) => event({ choices: [{ index: 0, delta: change, finish_reason: finish }] });
  return [
    delta({ role: 'assistant', content: '' }),
    ...wordsOf(answer.text ?? '').map((word) => delta({ content: word })),
    ...answer.calls.flatMap((call, index) => [
      delta({ tool_calls: [{ index, ...callOf({ ...call, argsText: '' }) }] }),
      ...slicesOf(call.argsText, ARGUMENT_SLICE).map((slice) => delta({ tool_calls: [{ index, function: { arguments: slice } }] })),
    ]),
    delta({}, finishOf(answer)),
    ...(includeUsage ? [event({ choices: [], usage: usageOf(answer) })] : []),
    'data: [DONE]\n\n',
  ];
}
