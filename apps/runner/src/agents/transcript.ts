import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { TranscriptItem, Usage } from '@gastown/protocol';
import type { ToolItem } from './growing.ts';
import { planItem, planOf } from './plan-item.ts';
import { subAgentOf } from './sub-agent.ts';
import { makeToolCalls } from './tool-calls.ts';
import type { ToolCallsSurroundings, ToolUpdate } from './tool-calls.ts';
import { MOST_TEXT } from './tool-output.ts';

/**
 * Turns what an agent streams into the items of a transcript. Pure but for its own memory: the message being written, the tool calls of the turn (`tool-calls.ts`), and counters.
 * Text of one message is one item; a tool call between two pieces of text begins a new one, and so does text beyond what an item holds: an agent may write for ever.
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
  /** A call that goes on, with what it gave so far. */
  readonly output?: ToolItem;
}

export function makeTranscript(around: ToolCallsSurroundings): Transcript {
  const { runId } = around;
  let open: (OpenText & { at: number; message: string | null }) | null = null;
  let texts = 0;
  let turns = 0;
  const calls = makeToolCalls(around);
  const nothing: Change = { items: [], grown: null };

  const settle = (): TranscriptItem[] => {
    if (open === null || open.text.trim() === '') {
      open = null;
      return [];
    }
    const { id, kind, text, at } = open;
    open = null;
    return [{ id, runId, at, kind, text }];
  };

  const addText = (kind: OpenText['kind'], message: string | null, text: string, at: number): Change => {
    const items = open !== null && (open.kind !== kind || open.message !== message) ? settle() : [];
    for (let rest = text; ;) {
      open ??= { id: `${runId}-t${++texts}`, kind, text: '', at, message };
      const offset = open.text.length;
      const piece = rest.slice(0, fitting(rest, MOST_TEXT - offset));
      open = { ...open, text: open.text + piece };
      if (piece.length === rest.length) return { items, grown: { id: open.id, kind, text: piece, offset } };
      rest = rest.slice(piece.length);
      items.push(...settle());
    }
  };

  const addTool = (update: ToolUpdate, at: number): Change => {
    const text = settle();
    const told = calls.apply(update, at).flatMap((item) => {
      const plan = item.within === undefined ? planOf(item) : null;
      return plan === null ? [item] : [item, plan];
    });
    const output = calls.growing(update);
    const isTold = told.some(({ id }) => id === output?.id);
    return { items: [...text, ...told], grown: null, ...(output !== null && !isTold && { output }) };
  };

  return {
    apply(update, at) {
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          // What a sub-agent says comes with its call's end.
          if (update.content.type !== 'text' || update.content.text === '' || subAgentOf(update) !== null) return nothing;
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
      return [...settle(), ...calls.end(at), { id: `${runId}-e${++turns}`, runId, at, kind: 'turn_end', stopReason, usage }];
    },
    open: () => open,
  };
}

/** Characters of a text that fit; what two of them write together is not parted. */
function fitting(text: string, most: number): number {
  const isParted = most > 0 && most < text.length && /[\uD800-\uDBFF]/.test(text.charAt(most - 1));
  return isParted ? most - 1 : Math.min(most, text.length);
}
