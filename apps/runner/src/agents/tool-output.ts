import type { ToolCallContent } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import { LIMITS } from '@gastown/protocol';

/** What a tool gave, as text, wherever the agent put it. */
export interface OutputUpdate {
  readonly content?: readonly ToolCallContent[] | null | undefined;
  readonly rawOutput?: unknown;
  readonly _meta?: unknown;
}

/** Codex tells a command's output in pieces beside the call. */
const Pieces = z.looseObject({ terminal_output_delta: z.looseObject({ data: z.string() }) });
const Raw = z.union([
  z.string(),
  z.looseObject({ formatted_output: z.string() }).transform((raw) => raw.formatted_output),
  z.looseObject({ output: z.string() }).transform((raw) => raw.output),
  z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })) }).transform((raw) => textsOf(raw.content)),
  z
    .looseObject({ result: z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })) }) })
    .transform((raw) => textsOf(raw.result.content)),
  z.array(z.looseObject({ text: z.string() })).transform(textsOf),
]);

function textsOf(parts: readonly { readonly text?: string | undefined }[]): string {
  return parts.flatMap(({ text }) => text ?? []).join('\n');
}

/** Null: nothing was ever said. */
export function outputAfter(before: string | null, update: OutputUpdate): string | null {
  const told = textOf(update.content ?? []);
  if (told !== null) return cut(told);
  const piece = Pieces.safeParse(update._meta).data?.terminal_output_delta.data;
  if (piece !== undefined) return cut((before ?? '') + piece);
  return before ?? (update.rawOutput === undefined ? null : rawText(update.rawOutput));
}

function rawText(raw: unknown): string | null {
  const text = Raw.safeParse(raw).data;
  return text === undefined || text === '' ? null : cut(text);
}

function textOf(content: readonly ToolCallContent[]): string | null {
  const pieces = content.map(pieceOf).filter((piece) => piece !== '');
  return content.every(({ type }) => type === 'terminal') ? null : pieces.join('\n');
}

function pieceOf(content: ToolCallContent): string {
  if (content.type === 'content') return content.content.type === 'text' ? content.content.text : '';
  return content.type === 'diff' ? `--- ${content.path}` : '';
}

/** Half of the limit for one text: an item has at most one long text besides its input, and characters may take more than a byte. */
export const MOST_TEXT = LIMITS.transcriptItemBytes.value / 4;
const cut = (text: string): string => cutTo(text, MOST_TEXT);
export const cutTo = (text: string, most: number): string =>
  text.length <= most ? text : `${startOf(text, most)}\n… (cut: ${text.length - most} characters more)`;

/** The beginning of a text by itself: a slice keeps the whole in memory for as long as it is kept, and an agent says texts of any length. */
export const startOf = (text: string, most: number): string =>
  text.length <= most ? text : (JSON.parse(JSON.stringify(text.slice(0, most))) as string);

/** What was left of a text, and the words that say that it was cut; none where it was not. */
export function beforeCut(text: string): { before: string; mark: string } {
  const mark = /\n… \(cut: \d+ characters more\)$/.exec(text)?.[0] ?? '';
  return { before: text.slice(0, text.length - mark.length), mark };
}
