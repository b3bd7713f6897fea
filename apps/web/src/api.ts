import {
  ApiRefusal,
  SessionInfo,
  StoredItem,
  TownInfo,
  failure,
  nextStep,
  type CommandRequest,
  type Failure,
  type TownId,
} from '@gastown/protocol';
import { z } from 'zod';
import { parseJson } from './live-socket.ts';

/** Every answer of the API is a value or a refusal with its next step; `unanswered` means that nobody knows whether it was done. */
export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure; next: string; status: number; unanswered: boolean };

async function call<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<Answer<T>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    return {
      ok: false,
      failure: failure('overloaded', 'The server does not answer.'),
      next: 'Check that the town runs, then try again.',
      status: 0,
      unanswered: true,
    };
  }
  const data = parseJson(text);
  const refused = ApiRefusal.safeParse(data);
  if (refused.success)
    return {
      ok: false,
      failure: refused.data.failure,
      next: refused.data.next,
      status: response.status,
      // The town may have done it before it broke: the same key must be sent again, not a new one.
      unanswered: response.status >= 500,
    };
  const value = schema.safeParse(unwrap(data));
  if (response.ok && value.success) return { ok: true, value: value.data };
  const code =
    response.status === 401
      ? 'not_signed_in'
      : response.status === 503
        ? 'overloaded'
        : response.status === 404
          ? 'unknown_route'
          : 'internal';
  const message = response.ok ? 'The answer cannot be read: the page is older than the server.' : `The server answered ${response.status}.`;
  return {
    ok: false,
    failure: failure(code, message),
    next: response.ok ? 'Reload the page.' : nextStep(code),
    status: response.status,
    unanswered: response.status >= 500,
  };
}

function unwrap(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'ok' in data && data.ok === true && 'value' in data ? data.value : data;
}

export const api = {
  session: () => call('GET', '/api/session', SessionInfo),
  signOut: () => call('POST', '/api/session/end', z.unknown()),
  towns: () => call('GET', '/api/towns', z.array(TownInfo)),
  createTown: (name: string) => call('POST', '/api/towns', TownInfo, { name }),
  deleteTown: (town: TownId, name: string) => call('DELETE', `/api/towns/${town}`, z.unknown(), { name }),
  command: (town: string, request: CommandRequest) => call('POST', `/api/towns/${town}/commands`, z.unknown(), request),
  items: (town: string, agent: string, before: number, limit: number) =>
    call('GET', `/api/towns/${town}/agents/${agent}/items?before=${before}&limit=${limit}`, z.array(StoredItem)),
};

/** Query wants exceptions: this one carries the refusal to the page's state screens. */
export class Refused extends Error {
  readonly answer: Extract<Answer<unknown>, { ok: false }>;
  constructor(answer: Extract<Answer<unknown>, { ok: false }>) {
    super(answer.failure.message);
    this.answer = answer;
  }
}
export async function orThrow<T>(answer: Promise<Answer<T>>): Promise<T> {
  const got = await answer;
  if (!got.ok) throw new Refused(got);
  return got.value;
}
