import { plainLine, type ModelTrouble } from '@gastown/protocol';
import { z } from 'zod';

/**
 * What a provider's refusal means, in every shape that is spoken here: OpenAI's chat completions and responses, Anthropic's messages, and those who speak
 * like them. The one place that knows; the town decides what follows.
 */
type Kind = ModelTrouble['kind'];

const word = z.union([z.string(), z.number()]).nullish().catch(null);
const ErrorBody = z.object({ message: z.string().catch(''), type: word, code: word }).partial();
type Said = z.infer<typeof ErrorBody>;

/** Names of errors, as `type` or `code`. */
const NAMES: Readonly<Record<string, Kind>> = {
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  billing_error: 'quota',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  account_deactivated: 'auth',
  context_length_exceeded: 'context',
  string_above_max_length: 'context',
  request_too_large: 'context',
  content_filter: 'refused',
  content_policy_violation: 'refused',
  rate_limit_error: 'limit',
  rate_limit_exceeded: 'limit',
  overloaded_error: 'overload',
  server_is_overloaded: 'overload',
  slow_down: 'overload',
};
/** Sentences, where no name says it. In this order: some tell of an empty account with the status of a limit, over which agents try again for ever. */
const SENTENCES: readonly (readonly [RegExp, Kind])[] = [
  [
    /insufficient[_ ](quota|credit|funds|balance)|exceeded your current quota|credit balance is too low|no credit|payment required/i,
    'quota',
  ],
  [
    /context (length|window)|prompt is too long|maximum.{0,20}tokens|too many (input )?tokens|exceeds? the (maximum|limit).{0,40}tokens|input is too long/i,
    'context',
  ],
  [/content[_ ](filter|policy|management)|flagged|moderation|usage polic/i, 'refused'],
  [/overloaded|at capacity/i, 'overload'],
];
const STATUS: Readonly<Record<number, Kind>> = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  413: 'context',
  429: 'limit',
  502: 'overload',
  503: 'overload',
  504: 'overload',
  529: 'overload',
};

/** A refused call. Null: the request was wrong in another way, and nothing follows for others. */
export function troubleOfAnswer(status: number, headers: Headers, text: string, now: number): ModelTrouble | null {
  const said = errorIn(jsonOf(text)) ?? { message: text };
  const kind = named(said) ?? worded(said) ?? STATUS[status] ?? null;
  return kind && trouble(kind, said, retryAt(headers, now));
}

/** One body of an answer that began well: an error within the stream, or an end because the model refused. */
export function troubleOfBody(body: unknown): ModelTrouble | null {
  const said = errorIn(body);
  if (said) {
    const status = typeof said.code === 'number' ? STATUS[said.code] : undefined;
    const kind = named(said) ?? worded(said) ?? status ?? null;
    return kind && trouble(kind, said, null);
  }
  return REFUSALS.includes(endOf(body) ?? '') ? trouble('refused', {}, null) : null;
}

const named = ({ type, code }: Said): Kind | undefined => kindOf(String(code)) ?? kindOf(String(type));
const kindOf = (name: string): Kind | undefined => (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined);
const worded = ({ message = '' }: Said): Kind | undefined => SENTENCES.find(([words]) => words.test(message))?.[1];

/** `error` of the body, or of the response within an event of the responses API. */
const Errors = z.object({
  error: z
    .union([ErrorBody, z.string().transform((message) => ({ message }))])
    .nullish()
    .catch(null),
  response: z
    .object({ error: ErrorBody.nullish().catch(null) })
    .nullish()
    .catch(null),
});
function errorIn(body: unknown): Said | null {
  const parsed = Errors.safeParse(body);
  return parsed.success ? (parsed.data.error ?? parsed.data.response?.error ?? null) : null;
}

const REFUSALS: readonly string[] = ['content_filter', 'refusal'];
const Ends = z
  .object({
    choices: z.array(z.object({ finish_reason: z.string().nullish() })),
    stop_reason: z.string().nullish(),
    delta: z.object({ stop_reason: z.string().nullish() }).catch({}),
    response: z
      .object({ incomplete_details: z.object({ reason: z.string().nullish() }).nullish() })
      .nullish()
      .catch(null),
    incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  })
  .partial();
function endOf(body: unknown): string | null {
  const { data } = Ends.safeParse(body);
  if (!data) return null;
  const { choices, stop_reason, delta, response, incomplete_details } = data;
  return (
    choices?.find((choice) => choice.finish_reason)?.finish_reason ??
    stop_reason ??
    delta?.stop_reason ??
    response?.incomplete_details?.reason ??
    incomplete_details?.reason ??
    null
  );
}

/** These speak of the key or the account: of the provider's own words nothing is kept (I16). */
const OURS: Partial<Record<Kind, string>> = {
  auth: 'The provider refused the key.',
  quota: 'The account at the provider has no credit left.',
};
const SAYS: Readonly<Record<Kind, string>> = {
  auth: '',
  quota: '',
  limit: 'The provider asks to slow down',
  overload: 'The provider has too much to do',
  context: 'The conversation is longer than the model takes',
  refused: 'The model refused to answer',
};
const MOST = 200;
function trouble(kind: Kind, { message = '' }: Said, until: number | null): ModelTrouble {
  const told = plainLine(message.replaceAll(SECRETS, '[…]').replaceAll(/\s+/g, ' ')).slice(0, MOST).toWellFormed();
  return {
    kind,
    until: kind === 'limit' || kind === 'overload' ? until : null,
    message: OURS[kind] ?? (told ? `${SAYS[kind]}: ${told}` : `${SAYS[kind]}.`),
  };
}
const SECRETS = /\b(?:bearer\s+\S+|sk-[\w-]+|[\w-]{32,})/gi;

/** `retry-after-ms`, or `retry-after` in seconds or as a date; null: it does not say. */
function retryAt(headers: Headers, now: number): number | null {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return now + Math.round(ms);
  const said = headers.get('retry-after');
  if (said === null || said.trim() === '') return null;
  const seconds = Number(said);
  if (Number.isFinite(seconds)) return seconds >= 0 ? now + Math.round(seconds * 1_000) : null;
  const date = Date.parse(said);
  return Number.isNaN(date) ? null : Math.max(now, date);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
