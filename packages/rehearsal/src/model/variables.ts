import type { Conversation } from './conversation.ts';
import type { Capture, Step } from './story.ts';
import { isTool } from './tool-names.ts';

export type Variables = Readonly<Record<string, string>>;

/** A copy of the step with each `{{name}}` replaced in all of its strings. */
export function fillStep(step: Step, variables: Variables): Step {
  return {
    ...step,
    ...(step.text !== undefined && { text: fillText(step.text, variables) }),
    ...(step.args !== undefined && { args: fillArgs(step.args, variables) }),
    ...(step.tools !== undefined && { tools: step.tools.map((call) => ({ ...call, args: fillArgs(call.args, variables) })) }),
  };
}

type Args = NonNullable<Step['args']>;
type Json = Args[string];

const fillText = (text: string, variables: Variables): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => variables[name] ?? whole);

const fillArgs = (args: Args, variables: Variables): Args =>
  Object.fromEntries(Object.entries(args).map(([key, value]) => [key, fillJson(value, variables)]));

function fillJson(value: Json, variables: Variables): Json {
  if (typeof value === 'string') return fillText(value, variables);
  if (Array.isArray(value)) return value.map((item) => fillJson(item, variables));
  if (typeof value === 'object' && value !== null) return fillArgs(value, variables);
  return value;
}

/** Looks a value up in the conversation; `since` is the turn at which the scene began. */
export function findCapture(capture: Capture, conversation: Conversation, since: number): string | null {
  if ('said' in capture) return lastSaid(capture.said, conversation);
  const results = conversation.turns.slice(since).filter((turn) => turn.role === 'tool' && isTool(capture.tool, turn.tool ?? ''));
  const expression = new RegExp(capture.find, 'gi');
  const values = results.flatMap((turn) => [...turn.text.matchAll(expression)].map((match) => match[1] ?? match[0]));
  return [...new Set(values)].at(capture.nth > 0 ? capture.nth - 1 : capture.nth) ?? null;
}

function lastSaid(source: string, conversation: Conversation): string | null {
  const expression = new RegExp(source, 'gi');
  const matches = conversation.turns.filter((turn) => turn.role !== 'tool').flatMap((turn) => [...turn.text.matchAll(expression)]);
  const last = matches.at(-1);
  return last === undefined ? null : (last[1] ?? last[0]);
}
