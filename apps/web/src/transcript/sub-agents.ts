import { SUB_AGENT, type StoredItem, type TranscriptItem } from '@gastown/protocol';
import { z } from 'zod';

export type ToolItem = Extract<TranscriptItem, { kind: 'tool' }>;
export const isSubAgent = (item: TranscriptItem): item is ToolItem => item.kind === 'tool' && item.tool === SUB_AGENT;

/**
 * What stands in the line, and the calls of each sub-agent that the agent itself began: none begins another. A call of any other stands in the line itself, so whatever it says of whose it is, it is seen.
 */
export interface Lines {
  readonly items: readonly StoredItem[];
  readonly calls: ReadonlyMap<string, readonly ToolItem[]>;
}

export function linesOf(stored: readonly StoredItem[]): Lines {
  const begun = stored.filter(({ item }) => isSubAgent(item) && item.within === undefined);
  const calls = new Map<string, ToolItem[]>(begun.map(({ item }) => [item.id, []]));
  if (calls.size === 0) return { items: stored, calls };
  const items = stored.filter(({ item }) => {
    const own = item.kind === 'tool' && item.within !== undefined ? calls.get(item.within) : undefined;
    if (item.kind !== 'tool' || own === undefined) return true;
    own.push(item);
    return false;
  });
  return { items, calls };
}

const Told = z.looseObject({ prompt: z.string(), subagent_type: z.string().optional().catch(undefined) });
/** What it was told, as the model wrote it; null: not known yet, or in another shape. */
export function toldTo({ input }: Pick<ToolItem, 'input'>): { readonly prompt: string; readonly kind: string | null } | null {
  const told = Told.safeParse(input).data;
  return told ? { prompt: told.prompt, kind: told.subagent_type ?? null } : null;
}

/** Kilo CLI and OpenCode wrap the answer for the model. */
export const answerIn = (output: string): string => /<task_result>\n?([\s\S]*?)\n?<\/task_result>/.exec(output)?.[1] ?? output;
