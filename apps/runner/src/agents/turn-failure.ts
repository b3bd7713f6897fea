import { failure, FAILURE_CODES, FAILURES } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';

/** Codes that the model door may send through the agent; found by name, or by the catalogue's own next step, which the door puts into its message. */
const NAMED: ReadonlySet<FailureCode> = new Set([
  'no_model',
  'model_key_refused',
  'model_unreachable',
  'model_rate_limited',
  'model_token_invalid',
  'budget_spent',
  'town_stopped',
  'run_over',
  'stale_generation',
  'unknown_run',
  'town_deleted',
]);

const WORDS: readonly (readonly [RegExp, FailureCode])[] = [
  [/budget/i, 'budget_spent'],
  [/town is stopped/i, 'town_stopped'],
  [/rate limit|too many requests|\b429\b/i, 'model_rate_limited'],
  [/unauthorized|invalid.{0,20}(api|x-api).?key|authentication|forbidden|\b40[13]\b/i, 'model_key_refused'],
  [/run (is over|has ended)/i, 'run_over'],
  [/econnrefused|unable to connect|fetch failed|timed? ?out|overloaded|bad gateway|unavailable|\b5\d\d\b|socket/i, 'model_unreachable'],
];

/** What a turn that ended with an error means. Agents give a sentence only; the door's own code in it is the best witness. */
export function turnFailure(said: string): Failure {
  const text = said.replace(/^Internal error:\s*/i, '').slice(0, 1_000);
  const named = FAILURE_CODES.find(
    (code) => NAMED.has(code) && (new RegExp(`\\b${code}\\b`).test(text) || text.includes(FAILURES[code].next)),
  );
  const code = named ?? WORDS.find(([words]) => words.test(text))?.[1] ?? 'model_unreachable';
  return failure(code, `The model call failed: ${text}`);
}
