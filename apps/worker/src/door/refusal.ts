import { httpStatus, nextStep, type Failure, type FailureCode, type ModelApi } from '@gastown/protocol';

/** A refusal in the shape that the agent's library understands, with ours beside it. Agents give up on these statuses and headers instead of retrying for ever. */
const STATUS: Partial<Record<FailureCode, number>> = { no_model: 403, stale_generation: 410, unknown_run: 410 };
const ANTHROPIC_TYPE: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};
const RETRY: ReadonlySet<number> = new Set([429, 502, 503]);

export function doorRefusal(api: ModelApi, failure: Failure, status: number = STATUS[failure.code] ?? httpStatus(failure.code)): Response {
  return Response.json(bodyOf(api, status, failure), { status, headers: { 'x-should-retry': String(RETRY.has(status)) } });
}

/** The same within an answer that streams already: the last event of it, apart from one that may have come only in part. */
export function refusalEvent(api: ModelApi, failure: Failure): string {
  const body = bodyOf(api, STATUS[failure.code] ?? httpStatus(failure.code), failure);
  const event = (name: string, data: object): string => `\n\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  if (api === 'messages') return event('error', body);
  if (api === 'chat') return `\n\ndata: ${JSON.stringify(body)}\n\n`;
  return event('response.failed', { type: 'response.failed', response: { status: 'failed', error: body.error, output: [] } });
}

function bodyOf(api: ModelApi, status: number, failure: Failure) {
  const next = nextStep(failure);
  const message = `${failure.message} ${next}`;
  const error =
    api !== 'messages'
      ? { message, type: failure.code, param: null, code: failure.code }
      : { type: ANTHROPIC_TYPE[status] ?? 'api_error', message };
  return { ...(api === 'messages' && { type: 'error' }), error, ok: false, failure, next };
}
