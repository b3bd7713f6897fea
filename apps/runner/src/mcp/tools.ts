import { z } from 'zod';
import { failure, json, nextStep, toolLabel, TOOLS, toolsFor, wrongFields } from '@gastown/protocol';
import type { Failure, Json, Result, Role, ToolAnswer, ToolName } from '@gastown/protocol';

/** The catalogue of the protocol as one role sees it over MCP, and the answers as an agent reads them. */
export interface McpTool {
  readonly name: ToolName;
  readonly description: string;
  readonly inputSchema: { type: 'object'; [key: string]: unknown };
}

export const toolList = (role: Role): McpTool[] =>
  toolsFor(role).map((name) => ({
    name,
    description: TOOLS[name].says,
    inputSchema: { ...z.toJSONSchema(TOOLS[name].args, { io: 'input', unrepresentable: 'any' }), type: 'object' },
  }));

const isTool = (name: string): name is ToolName => Object.hasOwn(TOOLS, name);

export interface CheckedCall {
  readonly tool: ToolName;
  readonly args: Record<string, Json>;
}

/** Known, allowed for this role, and with arguments of the right types (TL-1, TL-4). */
export function checkCall(role: Role, name: string, args: unknown): Result<CheckedCall> {
  if (!isTool(name))
    return {
      ok: false,
      failure: failure('unknown_tool', `There is no tool "${name}". Yours are: ${toolsFor(role).map(toolLabel).join(', ')}.`),
    };
  const { roles } = TOOLS[name];
  if (!(roles as readonly Role[]).includes(role)) {
    return {
      ok: false,
      failure: failure('wrong_role', `${toolLabel(name)} is for the role ${roles.join(' or ')}, and you are a ${role}.`),
    };
  }
  const parsed = TOOLS[name].args.safeParse(args ?? {});
  if (!parsed.success)
    return { ok: false, failure: failure('invalid_input', `${toolLabel(name)}: ${wrongFields(parsed.error, 'arguments')}`) };
  return { ok: true, value: { tool: name, args: z.record(z.string(), json()).parse(parsed.data) } };
}

export interface ToolText {
  readonly content: { type: 'text'; text: string }[];
  readonly isError?: true;
  [key: string]: unknown;
}

/** The one-line summary first, then the data. A text is not packed into JSON: code is to be read as it is. */
export function answerText(answer: ToolAnswer): ToolText {
  const data =
    answer.data === null
      ? []
      : [{ type: 'text' as const, text: typeof answer.data === 'string' ? answer.data : JSON.stringify(answer.data, null, 2) }];
  return { content: [{ type: 'text', text: answer.summary }, ...data] };
}

export const refusalText = (refused: Failure): ToolText => ({ isError: true, content: [{ type: 'text', text: refusalWords(refused) }] });

export const refusalWords = (refused: Failure): string => `Refused (${refused.code}): ${refused.message}\nNext: ${nextStep(refused)}`;
