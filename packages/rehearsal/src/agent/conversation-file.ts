import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** A message of the chat completions format; what is in it is between this agent and the model. */
const Message = z.looseObject({ role: z.enum(['user', 'assistant', 'tool']), content: z.string().nullable() });
export type Message = z.infer<typeof Message>;

/** One session's conversation, on disk after each message: it is there again after `kill -9`. A call whose result was never written is closed with a note. */
export interface ConversationFile {
  readonly messages: readonly Message[];
  add(...messages: readonly Message[]): void;
}

const fileOf = (folder: string, id: string): string => path.join(folder, `${id}.json`);

export function newConversation(folder: string, id: string): ConversationFile {
  return kept(fileOf(folder, id), []);
}

/** Null: there is no such session here. */
export function readConversation(folder: string, id: string): ConversationFile | null {
  if (!/^[\w-]+$/.test(id)) return null;
  try {
    return kept(fileOf(folder, id), closeCalls(z.array(Message).parse(JSON.parse(readFileSync(fileOf(folder, id), 'utf8')))));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function kept(file: string, messages: Message[]): ConversationFile {
  return {
    messages,
    add(...more) {
      messages.push(...more);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.fresh`, JSON.stringify(messages));
      renameSync(`${file}.fresh`, file);
    },
  };
}

const Calls = z.looseObject({ tool_calls: z.array(z.looseObject({ id: z.string() })).default([]) });

function closeCalls(messages: Message[]): Message[] {
  const answered = new Set(messages.map((message) => message['tool_call_id']));
  return messages.flatMap((message) => [
    message,
    ...Calls.parse(message)
      .tool_calls.filter(({ id }) => !answered.has(id))
      .map(({ id }): Message => ({ role: 'tool', tool_call_id: id, content: '[the agent ended before this call did]' })),
  ]);
}
