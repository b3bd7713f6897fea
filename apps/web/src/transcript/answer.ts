import { TOOL_NAMES, ToolAnswer, toolLabel } from '@gastown/protocol';
import { parseJson } from '../live-socket.ts';

/** What a tool call shows: the town's own answers are read as such, everything else stays text. */
export interface Shown { readonly summary: string | null; readonly links: ToolAnswer['links']; readonly text: string | null }

export function shownAnswer(output: string | null): Shown {
  if (output === null) return { summary: null, links: [], text: null };
  const answer = ToolAnswer.safeParse(unwrapMcp(parseJson(output)));
  if (!answer.success) return { summary: null, links: [], text: output };
  const data = answer.data.data;
  return { summary: answer.data.summary, links: answer.data.links, text: data === null ? null : JSON.stringify(data, null, 2) };
}

/** Agent programs hand on an MCP result as its content list; ours has one text part. */
function unwrapMcp(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('content' in data) || !Array.isArray(data.content)) return data;
  const first: unknown = data.content[0];
  return typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string' ? parseJson(first.text) : data;
}

const OURS: readonly string[] = TOOL_NAMES;
export const toolTitle = (tool: string): string => (OURS.includes(tool) ? toolLabel(tool as (typeof TOOL_NAMES)[number]) : tool);
