import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { json, LIMITS, SUB_AGENT } from '@gastown/protocol';
import type { Json } from '@gastown/protocol';
import { z } from 'zod';
import type { ToolItem } from './growing.ts';
import { subAgentOf } from './sub-agent.ts';
import { cutTo, outputAfter, startOf } from './tool-output.ts';

/**
 * The tool calls of a turn, and all that is kept of them. Of a call that runs that is its item as it is now, for each update adds to it; of one that is over only that it was told: a turn may have thousands of
 * calls, each with what it read. What comes of it after its end changes nothing, unless a call begins anew under its id.
 */
export interface ToolCalls {
  /** The items that are to be stored now. */
  apply(update: ToolUpdate, at: number): ToolItem[];
  /** The call of this update as it is now, if it runs and gave something. */
  growing(update: ToolUpdate): ToolItem | null;
  /** The turn is over: what runs is told as failed, and nothing is kept. */
  end(at: number): ToolItem[];
  /** What is kept; characters as JSON. */
  kept(): { readonly running: number; readonly told: number; readonly characters: number };
}

export type ToolUpdate = Extract<SessionUpdate, { sessionUpdate: 'tool_call' | 'tool_call_update' }>;

export interface ToolCallsSurroundings {
  readonly runId: string;
  readonly logicalTool: (reported: string) => string;
  /** What the town answered to a call that is over. */
  readonly answerOf: (tool: string, output: string) => ToolItem['answer'];
}

/** An agent has a few at a time. Of one that never says how they end the oldest count as failed, as at the end of the turn; a sub-agent last, for it is older than all that it calls. */
const MOST_RUNNING = 64;
/** Characters of what a call is called. */
const MOST_NAME = 500;
/** What comes late comes soon after the end. */
const MOST_TOLD = 1_024;
const STATES = { pending: 'running', in_progress: 'running', completed: 'completed', failed: 'failed' } as const;

export function makeToolCalls({ runId, logicalTool, answerOf }: ToolCallsSurroundings): ToolCalls {
  const running = new Map<string, ToolItem>();
  const told = new Set<string>();

  const idOf = (call: string): string => startOf(`${runId}-c-${call}`, 120);
  const tell = (item: ToolItem): ToolItem => {
    running.delete(item.id);
    told.add(item.id);
    if (told.size > MOST_TOLD) told.delete(first(told)!);
    return item;
  };
  const unfinished = (item: ToolItem, at: number): ToolItem => tell({ ...item, state: 'failed', endedAt: at });
  /** With a sub-agent ends what it was about. */
  const leftBy = ({ id }: ToolItem, at: number): ToolItem[] =>
    [...running.values()].filter(({ within }) => within === id).map((item) => unfinished(item, at));
  const withinOf = (update: ToolUpdate): string | undefined => {
    const call = subAgentOf(update);
    return call === null ? undefined : idOf(call);
  };
  const withAnswer = (item: ToolItem): ToolItem =>
    item.state === 'completed' && item.output !== null ? { ...item, answer: answerOf(item.tool, item.output) } : item;

  return {
    apply(update, at) {
      const id = idOf(update.toolCallId);
      if (told.has(id) && !begins(update)) return [];
      told.delete(id);
      const known = running.get(id);
      const next = toolItem({ id, runId, known, update, within: known?.within ?? withinOf(update), logicalTool, at });
      if (next.state !== 'running') return [...leftBy(next, at), tell(withAnswer(next))];
      running.set(id, next);
      const oldest = running.size > MOST_RUNNING ? unfinished(oldestOf(running.values()), at) : null;
      return [...(oldest === null ? [] : [oldest]), ...(isWorthTelling(known, next) ? [next] : [])];
    },
    growing({ toolCallId }) {
      const item = running.get(idOf(toolCallId));
      return item === undefined || item.output === null ? null : item;
    },
    end(at) {
      const items = [...running.values()].map((item) => unfinished(item, at));
      told.clear();
      return items;
    },
    kept: () => ({ running: running.size, told: told.size, characters: JSON.stringify([[...running.values()], [...told]]).length }),
  };
}

const oldestOf = (items: Iterable<ToolItem>): ToolItem => {
  const all = [...items];
  return all.find(({ tool }) => tool !== SUB_AGENT) ?? all[0]!;
};
const first = <T>(values: Iterable<T>): T | undefined => values[Symbol.iterator]().next().value as T | undefined;

const begins = ({ sessionUpdate, status }: ToolUpdate): boolean =>
  sessionUpdate === 'tool_call' && STATES[status ?? 'pending'] === 'running';

interface Seen {
  readonly id: string;
  readonly runId: string;
  readonly known: ToolItem | undefined;
  readonly update: ToolUpdate;
  readonly within: string | undefined;
  readonly logicalTool: (reported: string) => string;
  readonly at: number;
}

function toolItem({ id, runId, known, update, within, logicalTool, at }: Seen): ToolItem {
  const told = update.status === undefined || update.status === null ? (known?.state ?? 'running') : STATES[update.status];
  const state = told === 'completed' && endedBadly(update.rawOutput) ? 'failed' : told;
  const reported = startOf(update.name ?? update.title ?? 'tool', MOST_NAME);
  // Kilo and OpenCode title a call that failed by its tool again.
  const saysMore = typeof update.title === 'string' && (known === undefined || logicalTool(update.title) !== known.tool);
  return {
    id,
    runId,
    at: known?.at ?? at,
    kind: 'tool',
    tool: known?.tool ?? logicalTool(reported),
    title: cutTo((saysMore ? update.title : known?.title) ?? reported, MOST_NAME),
    state,
    input: update.rawInput === undefined ? (known?.input ?? null) : inputOf(update.rawInput),
    output: outputAfter(known?.output ?? null, update),
    answer: null,
    endedAt: state === 'running' ? null : at,
    ...(within !== undefined && { within }),
  };
}

/** Kilo and OpenCode tell any command that ended as completed, with its exit code beside the output; null: its time was over, or it was interrupted. */
const Exited = z.looseObject({ metadata: z.looseObject({ exit: z.number().nullable() }) });
function endedBadly(raw: unknown): boolean {
  const exited = Exited.safeParse(raw);
  return exited.success && exited.data.metadata.exit !== 0;
}

/** The name alone says little: a call is told once its input is known, and again at its end. Output in between is shown now and then (`growing.ts`). */
const isWorthTelling = (known: ToolItem | undefined, next: ToolItem): boolean =>
  known === undefined ? isSomething(next.input) : JSON.stringify([known.input, known.title]) !== JSON.stringify([next.input, next.title]);
const isSomething = (input: Json): boolean => input !== null && JSON.stringify(input) !== '{}';

const Input = json();
function inputOf(raw: unknown): Json {
  const parsed = Input.safeParse(raw);
  if (!parsed.success) return null;
  const size = JSON.stringify(parsed.data).length;
  return size > LIMITS.transcriptItemBytes.value / 2 ? `(an input of ${size} characters, too long to keep)` : parsed.data;
}
