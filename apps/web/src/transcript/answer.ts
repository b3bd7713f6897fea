import { TOOL_NAMES, ToolAnswer, toolLabel, type TranscriptItem } from '@gastown/protocol';
import { drawerOfId } from '../drawers.ts';
import { parseJson } from '../json.ts';

/** What a tool call shows: the town's own answers are read as such, everything else stays text. */
export type MadeLink = ToolAnswer['links'][number];
export interface Shown {
  readonly summary: string | null;
  readonly links: readonly MadeLink[];
  readonly text: string | null;
  /** The town did not do it: its summary says why. */
  readonly refused?: true;
}

type Told = Pick<Extract<TranscriptItem, { kind: 'tool' }>, 'tool' | 'output' | 'answer'>;

/** What the runner kept of the town's answer counts. Without it the output is read: a `ToolAnswer`, or one line, an empty line, the data as JSON. */
export function shownAnswer({ tool, output, answer: kept }: Told): Shown {
  if (kept) return { ...kept, text: output === null ? null : restAfter(kept.summary, output) };
  if (output === null) return { summary: null, links: [], text: null };
  const answer = ToolAnswer.safeParse(unwrapMcp(parseJson(output)));
  if (answer.success)
    return {
      summary: answer.data.summary,
      links: answer.data.links,
      text: answer.data.data === null ? null : JSON.stringify(answer.data.data, null, 2),
    };
  if (!isOurs(tool)) return { summary: null, links: [], text: output };
  const refused = refusalIn(output);
  if (refused !== null) return { summary: refused, links: [], text: output, refused: true };
  const [summary = '', ...rest] = output.split('\n\n');
  const data = rest.join('\n\n');
  return summary.includes('\n')
    ? { summary: null, links: [], text: output }
    : { summary, links: madeIn(parseJson(data)), text: data || null };
}

/** A list says how many it has at the head of its summary; a card has room for fewer links. */
export function moreThan(tool: string, { summary, links }: Shown): number {
  const listed = toolTitle(tool).startsWith('gt_list_') ? Number(/^(\d+) /.exec(summary ?? '')?.[1] ?? 0) : 0;
  return Math.max(0, listed - links.length);
}

/** The card's line already says the summary. */
function restAfter(summary: string, output: string): string | null {
  return (output.startsWith(summary) ? output.slice(summary.length).trim() : output) || null;
}

/** The objects that an answer names as its own: `bead_id`, `merge_id` and their like at the top of its data, not the rows of a list. */
function madeIn(data: unknown): MadeLink[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  return Object.entries(data).flatMap(([key, value]): MadeLink[] => {
    const ref = /^(bead|merge|agent|run)_id$/.test(key) && typeof value === 'string' ? drawerOfId(value) : null;
    return ref && ref.kind !== 'runner' ? [{ kind: ref.kind, id: ref.id }] : [];
  });
}

/** Why a call was refused, as its agent is told it; many a program takes a call for done that came back so. */
const refusalIn = (output: string): string | null => {
  const [, code, why] = /^(?:[a-z ]*error[^\n]{0,40}: )?Refused \(([a-z_]+)\): ([^\n]*)/i.exec(textOf(output)) ?? [];
  return code === undefined || why === undefined ? null : why.trim() || code;
};

/** Agent programs hand on an MCP result as its content list; ours has one text part. */
function unwrapMcp(data: unknown): unknown {
  const text = firstText(data);
  return text === null ? data : parseJson(text);
}
function firstText(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('content' in data) || !Array.isArray(data.content)) return null;
  const first: unknown = data.content[0];
  return typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string' ? first.text : null;
}
const textOf = (output: string): string => firstText(parseJson(output)) ?? output;

const LABELS: ReadonlySet<string> = new Set(TOOL_NAMES.map(toolLabel));
const labelled = (tool: string): string => (tool.startsWith('gt_') ? tool : `gt_${tool}`);
const isOurs = (tool: string): boolean => LABELS.has(labelled(tool));
/** `gt_sling`, whether the program reported it with the prefix or without. */
export const toolTitle = (tool: string): string => (isOurs(tool) ? labelled(tool) : tool);
