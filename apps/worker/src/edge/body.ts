import { failure, LIMITS } from '@gastown/protocol';
import type { z } from 'zod';
import { Refused, refuseWith } from './answers.ts';

/** Reads at most `limit` bytes: the length that a client announces is not believed. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => refuseWith('too_large', `The body is larger than ${limit} bytes.`, { limit });
  if (Number(request.headers.get('content-length') ?? 0) > limit) tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of sent(request)) {
    size += chunk.byteLength;
    if (size > limit) tooLarge();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.byteLength), 0);
  return whole;
}

/** A body that ends before its announced length, or is no HTTP at all, is the sender's doing and no bug of ours: an upload may be dropped at any time. */
async function* sent(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch {
    refuseWith('invalid_input', 'body: it broke off on its way.');
  }
}

export async function readJson(request: Request, limit: number = LIMITS.requestBytes.value): Promise<unknown> {
  const bytes = await readBytes(request, limit);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\.+$/, '') : 'unreadable';
    throw new Refused(failure('invalid_json', `The body is not JSON: ${why}.`));
  }
}

/** Checks a body. The refusal names the field and what it expects (TL-4). */
export function parseAs<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  return refuseWith('invalid_input', sentenceOf(parsed.error), {
    fields: parsed.error.issues.slice(0, 10).map((issue) => ({ field: fieldOf(issue), expected: issue.message })),
  });
}

const fieldOf = (issue: z.core.$ZodIssue): string => issue.path.join('.') || 'body';
const sentenceOf = (error: z.ZodError): string => {
  const [first, ...more] = error.issues;
  if (!first) return 'The body is not as expected.';
  return `${fieldOf(first)}: ${first.message}${more.length ? ` (and ${more.length} more)` : ''}`;
};
