import type { Plan } from './plan.ts';
import type { Conversation } from './conversation.ts';
import type { ToolCall } from './story.ts';
import { offeredArgs, offeredName } from './tool-names.ts';

/** An answer ready for a wire format: tool names are the agent's, arguments are the text that is sent. */
export interface Answer {
  readonly text: string | null;
  readonly calls: readonly AnsweredCall[];
  readonly usage: AnswerUsage;
  /** Ended by the provider's content filter. */
  readonly refused: boolean;
}

export interface AnsweredCall {
  readonly id: string;
  readonly name: string;
  /** JSON, unless the step asks for broken arguments. */
  readonly argsText: string;
}

/** Counted from lengths, four characters to a token. `inputTokens` excludes `cachedTokens`: the part that an earlier request had sent. */
interface AnswerUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

const BROKEN_ARGS = '{"broken": tru';

export function answerOf({ answer: step }: Plan, conversation: Conversation, nextId: () => string): Answer {
  const wanted: readonly ToolCall[] = step.tools ?? (step.tool === undefined ? [] : [{ tool: step.tool, args: step.args ?? {} }]);
  const missing = wanted.find((call) => offeredName(call.tool, conversation.tools) === null);
  const text =
    missing === undefined
      ? (step.text ?? null)
      : `The script calls the tool ${missing.tool}, which I am not offered. I am offered: ${conversation.tools.join(', ')}.`;
  const calls = missing === undefined ? wanted.map((call) => answeredCall(call, conversation, step.badJson === true, nextId)) : [];
  const written = (text ?? '') + calls.map((call) => call.name + call.argsText).join('');
  return { text, calls, usage: usageOf(conversation, written), refused: step.refused === true };
}

function answeredCall(call: ToolCall, conversation: Conversation, broken: boolean, nextId: () => string): AnsweredCall {
  const name = offeredName(call.tool, conversation.tools) ?? call.tool;
  return { id: nextId(), name, argsText: broken ? BROKEN_ARGS : JSON.stringify(offeredArgs(name, call.args)) };
}

const tokensIn = (characters: number): number => Math.ceil(characters / 4);

function usageOf({ turns }: Conversation, written: string): AnswerUsage {
  // What came before the last answer was sent once already, so a provider would have it cached.
  const lastAnswer = turns.findLastIndex((turn) => turn.role === 'assistant');
  const length = (from: number, to?: number) => turns.slice(from, to).reduce((sum, turn) => sum + turn.text.length, 0);
  const cachedUntil = Math.max(0, lastAnswer);
  return {
    inputTokens: Math.max(1, tokensIn(length(cachedUntil))),
    cachedTokens: tokensIn(length(0, cachedUntil)),
    outputTokens: Math.max(1, tokensIn(written.length)),
  };
}
