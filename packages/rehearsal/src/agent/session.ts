import type { PromptResponse, SessionUpdate } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import type { ConversationFile, Message } from './conversation-file.ts';
import { askModel } from './model-client.ts';
import type { Reply, ToolCall } from './answer-stream.ts';
import type { Settings } from './settings.ts';
import type { ToolBox } from './tool-box.ts';

/** One conversation: asks the model, does what it wants, until it wants nothing more. One turn at a time; whoever prompts during a turn waits. */
export interface Session {
  prompt(text: string): Promise<PromptResponse>;
  cancel(): void;
  close(): Promise<void>;
}

export interface SessionParts {
  readonly id: string;
  readonly settings: Settings;
  readonly conversation: ConversationFile;
  readonly box: ToolBox;
  readonly role: () => string;
  readonly tell: (update: SessionUpdate) => Promise<void>;
}

const MOST_ANSWERS = 60;

export function makeSession(parts: SessionParts): Session {
  const { conversation, box } = parts;
  let stop: AbortController | null = null;
  let line: Promise<unknown> = Promise.resolve();

  const turn = async (text: string): Promise<PromptResponse> => {
    stop = new AbortController();
    const usage = { inputTokens: 0, outputTokens: 0 };
    conversation.add({ role: 'user', content: text });
    try {
      for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
        const reply = await ask(parts, stop.signal);
        usage.inputTokens += reply.usage.prompt_tokens;
        usage.outputTokens += reply.usage.completion_tokens;
        const { message } = reply;
        conversation.add({ ...message });
        if (message.content) await parts.tell({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: message.content } });
        if (reply.refused) return ended('refusal', usage);
        const calls = message.tool_calls ?? [];
        if (calls.length === 0) return ended('end_turn', usage);
        for (const call of calls) conversation.add(await perform(parts, call, stop.signal));
      }
      return ended('max_turn_requests', usage);
    } catch (error) {
      if (stop.signal.aborted) return ended('cancelled', usage);
      throw error;
    } finally {
      stop = null;
    }
  };

  return {
    prompt(text) {
      const mine = line.then(() => turn(text));
      line = mine.catch(() => undefined);
      return mine;
    },
    cancel: () => stop?.abort(),
    async close() {
      stop?.abort();
      await box.close();
    },
  };
}

const ended = (stopReason: PromptResponse['stopReason'], { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }) => ({
  stopReason,
  usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
});

function ask({ id, settings, conversation, box, role }: SessionParts, signal: AbortSignal): Promise<Reply> {
  return askModel(settings, {
    session: id,
    system: `You are the ${role()} of a town.\n${box.instructions}`,
    messages: conversation.messages,
    tools: box.tools,
    signal,
  });
}

async function perform({ box, tell }: SessionParts, call: ToolCall, signal: AbortSignal): Promise<Message> {
  const { id } = call;
  const { name } = call.function;
  const args = readArguments(call.function.arguments);
  const title = typeof args?.['description'] === 'string' ? args['description'] : name;
  await tell({ sessionUpdate: 'tool_call', toolCallId: id, title: name, kind: 'execute', status: 'in_progress', rawInput: args });
  const result =
    args === null
      ? 'The arguments were not JSON.'
      : await box.call(name, args, signal).catch((error: unknown) => {
          if (signal.aborted) throw error;
          return `The tool failed: ${String(error)}`;
        });
  await tell({
    sessionUpdate: 'tool_call_update',
    toolCallId: id,
    title,
    status: ENDED_BADLY.test(result) ? 'failed' : 'completed',
    content: [{ type: 'content', content: { type: 'text', text: result } }],
  });
  return { role: 'tool', tool_call_id: id, content: result };
}

/** As the shell of the tool box tells it. */
const ENDED_BADLY = /\n\[exit code \w+\]$/;

const Arguments = z.record(z.string(), z.unknown());

function readArguments(text: string): Record<string, unknown> | null {
  try {
    return Arguments.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
