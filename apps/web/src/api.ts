import {
  ApiRefusal,
  RunnerToken,
  SessionInfo,
  StoredItem,
  TownInfo,
  failure,
  nextStep,
  type CommandRequest,
  type CreateTown,
  type Failure,
  type TownId,
} from '@gastown/protocol';
import { z } from 'zod';
import { importQuery, type ImportWish } from './import-query.ts';
import { parseJson } from './json.ts';

/** Every answer of the API is a value or a refusal with its next step; `unanswered` means that nobody knows whether it was done. */
export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure; next: string; status: number; unanswered: boolean };

type Refusing = Extract<Answer<unknown>, { ok: false }>;

async function call<T>(
  method: string,
  path: string,
  schema: z.ZodType<T>,
  body?: unknown,
  signal: AbortSignal | null = null,
): Promise<Answer<T>> {
  const asIs = body instanceof Blob;
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? {} : { 'content-type': asIs ? 'application/x-ndjson' : 'application/json' },
      ...(body !== undefined && { body: asIs ? body : JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    return silent();
  }
  const data = parseJson(text);
  const value = schema.safeParse(unwrap(data));
  return response.ok && value.success && !ApiRefusal.safeParse(data).success ? { ok: true, value: value.data } : refusalOf(response, data);
}

/** Nobody knows whether it was done. */
const silent = (): Refusing => ({
  ok: false,
  failure: failure('town_unreachable', 'The server does not answer.'),
  next: 'Check that the town runs, then try again.',
  status: 0,
  unanswered: true,
});

function refusalOf(response: Response, data: unknown): Refusing {
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
    next: response.ok ? 'Reload the page.' : nextStep({ code }),
    status: response.status,
    unanswered: response.status >= 500,
  };
}

function unwrap(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'ok' in data && data.ok === true && 'value' in data ? data.value : data;
}

/** A file that the town writes: it is handed over whole, or refused like every other answer. */
async function download(path: string): Promise<Answer<Blob>> {
  try {
    const response = await fetch(path);
    if (response.ok) return { ok: true, value: await response.blob() };
    return refusalOf(response, parseJson(await response.text()));
  } catch {
    return silent();
  }
}

export const api = {
  session: () => call('GET', '/api/session', SessionInfo),
  signOut: () => call('POST', '/api/session/end', z.unknown()),
  towns: () => call('GET', '/api/towns', z.array(TownInfo)),
  createTown: (wish: CreateTown) => call('POST', '/api/towns', TownInfo, wish),
  deleteTown: (town: TownId, name: string) => call('DELETE', `/api/towns/${town}`, z.unknown(), { name }),
  command: (town: string, request: CommandRequest) => call('POST', `/api/towns/${town}/commands`, z.unknown(), request),
  runnerToken: (town: string, runner: string) => call('POST', `/api/towns/${town}/runners/${runner}/token`, RunnerToken),
  importBeads: <T>(town: string, wish: ImportWish, file: Blob, answer: z.ZodType<T>) =>
    call('POST', `/api/towns/${town}/import?${importQuery(wish)}`, answer, file),
  badLines: <T>(town: string, after: number, answer: z.ZodType<T>) => call('GET', `/api/towns/${town}/bad-lines?after=${after}`, answer),
  exportBeads: (town: string, what: { rig: string; all: boolean }) =>
    download(`/api/towns/${town}/export?${new URLSearchParams({ ...(what.rig && { rig: what.rig }), ...(what.all && { all: '1' }) })}`),
  spend: <T>(town: string, of: { window: string; by: string }, answer: z.ZodType<T>) =>
    call('GET', `/api/towns/${town}/spend?${new URLSearchParams(of)}`, answer),
  beads: <T>(town: string, query: Record<string, string>, answer: z.ZodType<T>, signal: AbortSignal) =>
    call('GET', `/api/towns/${town}/beads?${new URLSearchParams(query)}`, answer, undefined, signal),
  bead: <T>(town: string, bead: string, answer: z.ZodType<T>) =>
    call('GET', `/api/towns/${town}/beads/${encodeURIComponent(bead)}`, answer),
  beadEvents: <T>(town: string, bead: string, before: number | null, answer: z.ZodType<T>) =>
    call('GET', `/api/towns/${town}/beads/${encodeURIComponent(bead)}/events${before === null ? '' : `?before=${before}`}`, answer),
  audit: <T>(town: string, answer: z.ZodType<T>) => call('GET', `/api/towns/${town}/audit`, answer),
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
