import { z } from 'zod';
import { Failure } from './failures.ts';
import { json } from './json.ts';
import { Usage } from './models.ts';
import { TerminalKind } from './states.ts';
import { ToolAnswer } from './tool-answer.ts';

/**
 * An agent's transcript. The runner writes it to the AgentDO over one socket (`/runner/agents/:agent/stream`), browsers watch it over
 * another (`/api/towns/:town/agents/:agent/live`). Settled items are stored; the item that is being written is only passed on.
 */
/** The tool of an agent that begins another to do a part of its work, and gives what that one answered. */
export const SUB_AGENT = 'sub-agent';

const base = { id: z.string().min(1).max(120), runId: z.string(), at: z.number().int() };
export const TranscriptItem = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('user'), text: z.string(), source: z.string() }),
  z.object({ ...base, kind: z.literal('assistant'), text: z.string() }),
  z.object({ ...base, kind: z.literal('thought'), text: z.string() }),
  /** `tool` is the logical name (`gt_sling`, `bash`, `SUB_AGENT`); input and output are JSON or text, already redacted and cut to the limit. */
  z.object({
    ...base,
    kind: z.literal('tool'),
    tool: z.string(),
    title: z.string(),
    state: z.enum(['running', 'completed', 'failed']),
    input: json(),
    output: z.string().nullable(),
    /** What the town answered, for a tool of ours: `output` is only what the agent program passed on of it. Absent in items of before. */
    answer: ToolAnswer.pick({ summary: true, links: true }).nullish(),
    endedAt: z.number().int().nullable(),
    /** The item of the sub-agent whose call it is; absent: the agent's own. */
    within: z.string().max(120).optional(),
  }),
  z.object({
    ...base,
    kind: z.literal('plan'),
    entries: z.array(z.object({ text: z.string(), state: z.enum(['pending', 'in_progress', 'completed']) })),
  }),
  /** Something that happened to the session: started, resumed, interrupted, failed (with a failure code in `code`). */
  z.object({ ...base, kind: z.literal('notice'), code: z.string(), text: z.string() }),
  z.object({ ...base, kind: z.literal('turn_end'), stopReason: z.string(), usage: Usage.nullable() }),
]);
export type TranscriptItem = z.infer<typeof TranscriptItem>;

/** Runner → AgentDO. `item` puts a settled item (same id replaces: idempotent) and is acknowledged; `live` adds text at offset `at` of an unsettled item. */
export const StreamIn = z.discriminatedUnion('t', [
  z.object({ t: z.literal('item'), seq: z.number().int().positive(), item: TranscriptItem }),
  z.object({
    t: z.literal('live'),
    id: z.string(),
    runId: z.string(),
    kind: z.enum(['assistant', 'thought']),
    offset: z.number().int().nonnegative(),
    text: z.string(),
    at: z.number().int(),
  }),
  /** A terminal that was asked for cannot be. */
  z.object({ t: z.literal('terminal.refused'), kind: TerminalKind, failure: Failure }),
]);
export type StreamIn = z.infer<typeof StreamIn>;
/** AgentDO → runner: every item up to `seq` of this connection is stored. */
export const StreamAck = z.object({ t: z.literal('ack'), seq: z.number().int() });
/** AgentDO → runner: later runs of this agent write; this stream ends for good. */
export const StreamOver = z.object({ t: z.literal('over') });
export type StreamOver = z.infer<typeof StreamOver>;

/** A stored item with its place in the transcript: `pos` grows with each item and never changes; `rev` grows with each write. */
export const StoredItem = z.object({ pos: z.number().int(), rev: z.number().int(), item: TranscriptItem });
export type StoredItem = z.infer<typeof StoredItem>;

/** Browser → AgentDO, first frame: everything written after `rev` (0: the newest `limit` items). */
export const WatchHello = z.object({ t: z.literal('watch'), rev: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) });
export type WatchHello = z.infer<typeof WatchHello>;
/** AgentDO → browser. `items` carries the backfill and each later write; `more` says that older items exist (`GET …/items?before=pos`). */
export const StreamOut = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('items'),
    rev: z.number().int(),
    items: z.array(StoredItem),
    more: z.boolean(),
    /** Not what followed on the watcher's revision: it lets go of what it holds, and begins with these. */
    anew: z.literal(true).optional(),
  }),
  z.object({
    t: z.literal('live'),
    id: z.string(),
    runId: z.string(),
    kind: z.enum(['assistant', 'thought']),
    offset: z.number().int(),
    text: z.string(),
    at: z.number().int(),
  }),
]);
export type StreamOut = z.infer<typeof StreamOut>;
