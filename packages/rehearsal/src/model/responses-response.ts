import type { Answer, AnsweredCall } from './answer.ts';
import { slicesOf, wordsOf } from './event-stream.ts';

interface ResponseHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export interface ResponsesFrame extends ResponseHead {
  /** Where a tool is: its namespace and its name within it. */
  readonly place: (spelled: string) => { namespace: string | null; name: string };
}

const ARGUMENT_SLICE = 64;

type Item = { readonly id: string } & Record<string, unknown>;

const messageItem = (id: string, text: string): Item => ({
  id,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
});

function callItem(call: AnsweredCall, { place }: ResponsesFrame): Item {
  const { namespace, name } = place(call.name);
  const where = namespace === null ? { name } : { namespace, name };
  return { id: `fc_${call.id}`, type: 'function_call', status: 'completed', call_id: call.id, ...where, arguments: call.argsText };
}

const itemsOf = (answer: Answer, frame: ResponsesFrame): Item[] => [
  ...(answer.text === null ? [] : [messageItem(`msg_${frame.id}`, answer.text)]),
  ...answer.calls.map((call) => callItem(call, frame)),
];

/** A whole answer; `refused` ends it as a content filter does. */
export function responsesBody(answer: Answer, frame: ResponsesFrame): object {
  const { usage, refused } = answer;
  const input = usage.inputTokens + usage.cachedTokens;
  return {
    ...responseHead(frame, refused ? 'incomplete' : 'completed'),
    ...(refused && { incomplete_details: { reason: 'content_filter' } }),
    output: itemsOf(answer, frame),
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: usage.cachedTokens },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + usage.outputTokens,
    },
  };
}

const responseHead = ({ id, created, model }: ResponseHead, status: string) => ({
  id,
  object: 'response',
  created_at: created,
  model,
  status,
});

/** The events of a streamed answer: usage comes in the last one. */
export function responsesChunks(answer: Answer, frame: ResponsesFrame): string[] {
  const event = numbered();
  const chunks = [created(event, frame)];
  itemsOf(answer, frame).forEach((item, index) => {
    const at = { item_id: item.id, output_index: index };
    const text = item['type'] === 'message' ? (answer.text ?? '') : null;
    const begun = text === null ? { ...item, status: 'in_progress', arguments: '' } : { ...item, status: 'in_progress', content: [] };
    chunks.push(event('response.output_item.added', { output_index: index, item: begun }));
    if (text === null)
      for (const delta of slicesOf(String(item['arguments']), ARGUMENT_SLICE))
        chunks.push(event('response.function_call_arguments.delta', { ...at, delta }));
    else for (const delta of wordsOf(text)) chunks.push(event('response.output_text.delta', { ...at, content_index: 0, delta }));
    chunks.push(event('response.output_item.done', { output_index: index, item }));
  });
  chunks.push(event(answer.refused ? 'response.incomplete' : 'response.completed', { response: responsesBody(answer, frame) }));
  return chunks;
}

/** The events of an answer that begins well and then fails. */
export function failedResponseChunks({ code, message }: { code: string; message: string }, frame: ResponseHead): string[] {
  const event = numbered();
  const response = { ...responseHead(frame, 'failed'), error: { code, message }, incomplete_details: null, output: [], usage: null };
  return [created(event, frame), event('response.failed', { response })];
}

type NumberedEvent = (type: string, fields: object) => string;
function numbered(): NumberedEvent {
  let sequence = 0;
  return (type, fields) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
}

const created = (event: NumberedEvent, frame: ResponseHead): string =>
  event('response.created', { response: { ...responseHead(frame, 'in_progress'), output: [] } });
