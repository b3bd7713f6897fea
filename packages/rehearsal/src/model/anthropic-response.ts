import type { Answer } from './answer.ts';
import { slicesOf, wordsOf } from './event-stream.ts';

export interface AnthropicFrame {
  readonly id: string;
  readonly model: string;
}

const ARGUMENT_SLICE = 64;

const stopOf = (answer: Answer): string => (answer.refused ? 'refusal' : answer.calls.length > 0 ? 'tool_use' : 'end_turn');

const inputUsage = ({ usage }: Answer) => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cachedTokens,
});

/** A whole answer. Broken arguments cannot be carried as an object here, so they become a string, which no tool accepts. */
export function anthropicBody(answer: Answer, frame: AnthropicFrame): object {
  const content = [
    ...(answer.text === null ? [] : [{ type: 'text', text: answer.text }]),
    ...answer.calls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: objectOr(call.argsText) })),
  ];
  return {
    ...frame,
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: stopOf(answer),
    stop_sequence: null,
    usage: { ...inputUsage(answer), output_tokens: answer.usage.outputTokens },
  };
}

function objectOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return text;
  }
}

const event = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

/** The events of a streamed answer; the output tokens come in `message_delta`, as from Anthropic. */
export function anthropicChunks(answer: Answer, frame: AnthropicFrame): string[] {
  const message = { ...frame, type: 'message', role: 'assistant', content: [], stop_reason: null, stop_sequence: null };
  const blocks = [
    ...(answer.text === null
      ? []
      : [{ start: { type: 'text', text: '' }, deltas: wordsOf(answer.text).map((text) => ({ type: 'text_delta', text })) }]),
    ...answer.calls.map((call) => ({
      start: { type: 'tool_use', id: call.id, name: call.name, input: {} },
      deltas: slicesOf(call.argsText, ARGUMENT_SLICE).map((slice) => ({ type: 'input_json_delta', partial_json: slice })),
    })),
  ];
  return [
    event('message_start', { message: { ...message, usage: { ...inputUsage(answer), output_tokens: 1 } } }),
    ...blocks.flatMap((block, index) => [
      event('content_block_start', { index, content_block: block.start }),
      ...block.deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: stopOf(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.outputTokens },
    }),
    event('message_stop'),
  ];
}
