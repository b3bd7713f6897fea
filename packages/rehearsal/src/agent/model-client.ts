import { setTimeout as after } from 'node:timers/promises';
import { readAnswer } from './answer-stream.ts';
import type { Reply } from './answer-stream.ts';
import type { Message } from './conversation-file.ts';
import type { Settings } from './settings.ts';
import type { OfferedTool } from './tool-box.ts';

/** As the agents that people use: overload, rate limits and lost connections are tried again, other refusals are said. */
const TRIES = 6;
const FIRST_WAIT_MS = 250;

export interface Question {
  readonly session: string;
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly OfferedTool[];
  readonly signal: AbortSignal;
}

/** One answer of the model. Throws what the door said. */
export async function askModel(settings: Settings, question: Question): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    const { status, text } = await ask(settings, question);
    const reply = status === 200 ? readAnswer(text) : null;
    if (reply !== null) return reply;
    const mayPass = status === 200 || status === 429 || status >= 500;
    if (!mayPass || tries === TRIES)
      throw new Error(status === 200 ? 'socket closed in the middle of an answer' : `${status} ${text.slice(0, 500)}`);
    await after(FIRST_WAIT_MS * 2 ** tries, undefined, { signal: question.signal });
  }
}

/** A connection that is lost, before the answer or in it, is as good as a provider that is not there. */
async function ask({ door, key, model }: Settings, question: Question): Promise<{ status: number; text: string }> {
  const tools = question.tools.map(({ name, description, schema }) => ({
    type: 'function',
    function: { name, description, parameters: schema },
  }));
  try {
    const response = await fetch(`${door}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-session-id': question.session },
      body: JSON.stringify({
        model,
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'system', content: question.system }, ...question.messages],
        tools,
      }),
      signal: question.signal,
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (question.signal.aborted) throw error;
    return { status: 503, text: String(error) };
  }
}
