import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { json, LIMITS } from '@gastown/protocol';
import type { Json, TranscriptItem, Usage } from '@gastown/protocol';
import { planItem, planOf } from './plan-item.ts';
import { cut, cutTo, outputAfter } from './tool-output.ts';

/**
 * Turns what an agent streams into the items of a transcript. Pure but for its own memory: the message being written, the tool calls that run, and counters.
 * Text of one message is one item; a tool call between two pieces of text begins a new one.
 */
export interface Transcript {
  apply(update: SessionUpdate, at: number): Change;
  /** The turn is over: what is open is settled. */
  endTurn(stopReason: string, usage: Usage | null, at: number): TranscriptItem[];
  /** The message being written, for a watcher that comes late. */
  open(): OpenText | null;
}

export interface OpenText {
  readonly id: string;
  readonly kind: 'assistant' | 'thought';
  readonly text: string;
}

/** `items` are to be stored (the same id replaces); `grown` is new text of the open message, from `offset`. */
interface Change {
  readonly items: TranscriptItem[];
  readonly grown: (OpenText & { readonly offset: number }) | null;
}

type ToolItem = Extract<TranscriptItem, { kind: 'tool' }>;
type ToolUpdate = Extract<SessionUpdate, { sessionUpdate: 'tool_call' | 'tool_call_update' }>;

export interface TranscriptSurroundings {
  readonly runId: string;
  readonly logicalTool: (reported: string) => string;
  /** What the town answered to a call that is over. */
  readonly answerOf: (tool: string, output: string) => ToolItem['answer'];
}

export function makeTranscript({ runId, logicalTool, answerOf }: TranscriptSurroundings): Transcript {
  let open: (OpenText & { at: number; message: string | null }) | null = null;
  let texts = 0;
  let turns = 0;
  const tools = new Map<string, ToolItem>();
  const nothing: Change = { items: [], grown: null };

  const settle = (): TranscriptItem[] => {
    if (open === null || open.text.trim() === '') {
      open = null;
      return [];
    }
    const { id, kind, text, at } = open;
    open = null;
    return [{ id, runId, at, kind, text: cut(text) }];
  };

  const addText = (kind: OpenText['kind'], message: string | null, text: string, at: number): Change => {
    const items = open !== null && (open.kind !== kind || open.message !== message) ? settle() : [];
    open ??= { id: `${runId}-t${++texts}`, kind, text: '', at, message };
    const offset = open.text.length;
    open = { ...open, text: open.text + text };
    return { items, grown: { id: open.id, kind, text, offset } };
  };

  const withAnswer = (known: ToolItem | undefined, next: ToolItem): ToolItem =>
    next.state === 'completed' && next.output !== null && !known?.answer ? { ...next, answer: answerOf(next.tool, next.output) } : next;

  const addTool = (update: ToolUpdate, at: number): Change => {
    const items = settle();
    const known = tools.get(update.toolCallId);
    const next = withAnswer(known, toolItem(runId, known, update, logicalTool, at));
    tools.set(update.toolCallId, next);
    if (!worthTelling(known, next)) return { items, grown: null };
    const plan = planOf(next);
    return { items: plan === null ? [...items, next] : [...items, next, plan], grown: null };
  };

  return {
    apply(update, at) {
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          if (update.content.type !== 'text' || update.content.text === '') return nothing;
          return addText(
            update.sessionUpdate === 'agent_message_chunk' ? 'assistant' : 'thought',
            update.messageId ?? null,
            update.content.text,
            at,
          );
        }
        case 'tool_call':
        case 'tool_call_update':
          return addTool(update, at);
        case 'plan':
          return {
            items: [
              planItem(
                runId,
                at,
                update.entries.map((entry) => ({ text: entry.content, state: entry.status })),
              ),
            ],
            grown: null,
          };
        default:
          return nothing;
      }
    },
    endTurn(stopReason, usage, at) {
      const unfinished = [...tools.values()]
        .filter((tool) => tool.state === 'running')
        .map((tool): ToolItem => ({ ...tool, state: 'failed', endedAt: at }));
      tools.clear();
      return [...settle(), ...unfinished, { id: `${runId}-e${++turns}`, runId, at, kind: 'turn_end', stopReason, usage }];
    },
    open: () => open,
  };
}

const STATES = { pending: 'running', in_progress: 'running', completed: 'completed', failed: 'failed' } as const;

function toolItem(
  runId: string,
  known: ToolItem | undefined,
  update: ToolUpdate,
  logicalTool: (reported: string) => string,
  at: number,
): ToolItem {
  const state = update.status === undefined || update.status === null ? (known?.state ?? 'running') : STATES[update.status];
  const reported = update.name ?? update.title ?? 'tool';
  return {
    id: known?.id ?? `${runId}-c-${update.toolCallId}`.slice(0, 120),
    runId,
    at: known?.at ?? at,
    kind: 'tool',
    tool: known?.tool ?? logicalTool(reported),
    title: cutTo(update.title ?? known?.title ?? reported, 500),
    state,
    input: update.rawInput === undefined ? (known?.input ?? null) : inputOf(update.rawInput),
    output: outputAfter(known?.output ?? null, update),
    answer: known?.answer ?? null,
    endedAt: state === 'running' ? null : at,
  };
}

/** The name alone says little: a call is told once its input is known, and again at its end. Output in between is not stored. */
function worthTelling(known: ToolItem | undefined, next: ToolItem): boolean {
  if (next.state !== 'running') return known?.state === 'running' || known === undefined;
  return known !== undefined && JSON.stringify([known.input, known.title]) !== JSON.stringify([next.input, next.title]);
}

const Input = json();
function inputOf(raw: unknown): Json {
  const parsed = Input.safeParse(raw);
  if (!parsed.success) return null;
  const size = JSON.stringify(parsed.data).length;
  return size > LIMITS.transcriptItemBytes.value / 2 ? `(an input of ${size} characters, too long to keep)` : parsed.data;
}
