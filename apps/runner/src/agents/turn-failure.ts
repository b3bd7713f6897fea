import { failure, FAILURE_CODES, FAILURES } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';

/** Codes that the model door may send through the agent; found by name, or by the catalogue's own next step, which the door puts into its message. */
const NAMED: ReadonlySet<FailureCode> = new Set([
  'no_model',
  'model_key_refused',
  'model_unreachable',
  'model_rate_limited',
  'model_overloaded',
  'model_quota_spent',
  'model_context_full',
  'model_refused',
  'model_token_invalid',
  'budget_spent',
  'town_stopped',
  'run_over',
  'stale_generation',
  'unknown_run',
  'town_deleted',
]);

/** In the providers' own words, the most telling first: a quota comes with the status of a limit, a context that is too long with that of a wrong request. */
const WORDS: readonly (readonly [RegExp, FailureCode])[] = [
  [/insufficient[_ ](quota|credit|funds)|exceeded your current quota|credit balance|payment required|\b402\b/i, 'model_quota_spent'],
  [
    /context[_ ](length|window)|maximum context|prompt is too long|too many tokens|input is too long|exceeds? the (context|limit).{0,40}tokens/i,
    'model_context_full',
  ],
  [/content[_ -]?(filter|policy|management)|usage policy|violat\w+ .{0,30}policy|refus(al|ed to answer|es to answer)/i, 'model_refused'],
  [/budget|spend limit of/i, 'budget_spent'],
  [/town is stopped/i, 'town_stopped'],
  [/rate[_ -]?limit|too many requests|\b429\b/i, 'model_rate_limited'],
  [/unauthorized|(invalid|incorrect).{0,20}(api|x-api).?key|authenticat|forbidden|\/login|\b40[13]\b/i, 'model_key_refused'],
  [/run (is over|has ended)/i, 'run_over'],
  // Kilo and OpenCode, of a part of their own: its folder or its database cannot be used, say.
  [/opencode service failure/i, 'agent_crashed'],
  [/overloaded|at capacity|high demand|\b(503|529)\b/i, 'model_overloaded'],
  [
    /econnrefused|unable to connect|fetch failed|timed? ?out|bad gateway|unavailable|\b5\d\d\b|socket|stream disconnected/i,
    'model_unreachable',
  ],
];

/** What a turn that ended with an error means. Agents give a sentence only; the door's own code in it is the best witness. */
export function turnFailure(said: string): Failure {
  const text = said.replace(/^Internal error:\s*/i, '').slice(0, 1_000);
  const ours = FAILURE_CODES.filter((code) => NAMED.has(code));
  const named = ours.find((code) => new RegExp(`\\b${code}\\b`).test(text)) ?? ours.find((code) => text.includes(FAILURES[code].next));
  const code = named ?? WORDS.find(([words]) => words.test(text))?.[1] ?? 'model_unreachable';
  return failure(code, `${code === 'agent_crashed' ? 'The agent program failed' : 'The model call failed'}: ${text}`);
}
