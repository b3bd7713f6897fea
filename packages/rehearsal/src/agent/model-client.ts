import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import type { Message } from './conversation-file.ts';
import type { Settings } from './settings.ts';
import type { OfferedTool } from './tool-box.ts';

const ToolCall = z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) });
export type ToolCall = z.infer<typeof ToolCall>;

const Reply = z.looseObject({
  choices: z.tuple([
    z.looseObject({
      message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullable(), tool_calls: z.array(ToolCall).optional() }),
    }),
  ]),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).optional(),
});
export type Reply = z.infer<typeof Reply>;

/** As the agents that people use: overload, rate limits and lost connections are tried again, other refusals are said. */
const TRIES = 6;
const FIRST_WAIT_MS = 250;
const passing = (status: number): boolean => status === 429 || status >= 500;

export interface Question {
  readonly session: string;
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly OfferedTool[];
  readonly signal: AbortSignal;
}

/** One answer of the model. Throws what the door said. */
export async function askModel({ door, key, model }: Settings, question: Question): Promise<Reply> {
  const ask = (): Promise<Response> =>
    fetch(`${door}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-session-id': question.session },
      body: JSON.stringify({
        model,
        messages: [{ role: 'system', content: question.system }, ...question.messages],
        tools: question.tools.map(({ name, description, schema }) => ({
          type: 'function',
          function: { name, description, parameters: schema },
        })),
      }),
      signal: question.signal,
    });
  for (let tries = 1; ; tries += 1) {
    const answer = await ask().then(
      async (response) => ({ status: response.status, text: await response.text() }),
      (error: unknown) => {
        if (question.signal.aborted) throw error;
        return { status: 503, text: String(error) };
      },
    );
    if (answer.status === 200) return Reply.parse(JSON.parse(answer.text));
    if (!passing(answer.status) || tries === TRIES) throw new Error(`${answer.status} ${answer.text.slice(0, 500)}`);
    await after(FIRST_WAIT_MS * 2 ** tries, undefined, { signal: question.signal });
  }
}
