import { createHash } from 'node:crypto';
import type { Conversation } from './conversation.ts';
import { withoutScripts } from './embedded-script.ts';
import type { Plan } from './plan.ts';
import type { StatusFault } from './story.ts';

/**
 * The one thing that the scripted model remembers: which failures it has given already, so that a step can fail once and then succeed.
 * The key is the request itself (a retry sends the same conversation) with the session that sent it.
 */
export class FaultMemory {
  readonly #given = new Set<string>();

  /** The failure to answer with now, or null. */
  take(plan: Plan, conversation: Conversation, session: string): StatusFault | null {
    const fault = plan.answer.error;
    if (fault === undefined) return null;
    if (fault.unless !== undefined && says(conversation, fault.unless)) return null;
    if (fault.always) return fault;
    const key = createHash('sha256')
      .update(JSON.stringify([session, plan.step, conversation.turns]))
      .digest('base64');
    if (this.#given.has(key)) return null;
    this.#given.add(key);
    return fault;
  }

  clear(): void {
    this.#given.clear();
  }
}

const says = ({ turns }: Conversation, pattern: string): boolean =>
  turns.some(({ text }) => new RegExp(pattern, 'i').test(withoutScripts(text)));

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export const errorType = (status: number): string => ERROR_TYPES[status] ?? 'api_error';

/** Headers of a failure: a 429 always says when to come back. */
export function faultHeaders({ status, retryAfterSeconds }: StatusFault): Record<string, string> {
  const seconds = retryAfterSeconds ?? (status === 429 ? 1 : undefined);
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
