import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorType } from './faults.ts';

export type WireFormat = 'openai' | 'responses' | 'anthropic';

/** Aborted when the caller has left, or has been answered. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

/** The key that came with a request, as either provider takes it. */
export function keyOf({ headers }: IncomingMessage): string | null {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return own;
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** The body as JSON; undefined when it is not. */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return undefined; // refused by the schema, with its place
  }
}

/** A failure in the shape of the provider. */
export function refuse(
  response: ServerResponse,
  api: WireFormat,
  status: number,
  message: string,
  headers: Record<string, string> = {},
  code: string | null = null,
): void {
  const error = { message, type: errorType(status) };
  send(response, status, api === 'anthropic' ? { type: 'error', error } : { error: { ...error, code: code ?? status } }, headers);
}

export function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers }).end(text);
}
