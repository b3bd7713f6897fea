import { httpStatus, nextStep, type Failure, type FailureCode, type ModelShape } from '@gastown/protocol';

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

export function doorRefusal(shape: ModelShape, failure: Failure): Response {
  const status = STATUS[failure.code] ?? httpStatus(failure.code);
  return Response.json(bodyOf(shape, status, failure), { status, headers: { 'x-should-retry': String(RETRY.has(status)) } });
}

/** The same within an answer that streams already: the last event of it, apart from one that may have come only in part. */
export function refusalEvent(shape: ModelShape, failure: Failure): string {
  const data = `data: ${JSON.stringify(bodyOf(shape, STATUS[failure.code] ?? httpStatus(failure.code), failure))}\n\n`;
  return shape === 'anthropic' ? `\n\nevent: error\n${data}` : `\n\n${data}`;
}

function bodyOf(shape: ModelShape, status: number, failure: Failure) {
  const next = nextStep(failure);
  const message = `${failure.message} ${next}`;
  const error =
    shape === 'openai'
      ? { message, type: failure.code, param: null, code: failure.code }
      : { type: ANTHROPIC_TYPE[status] ?? 'api_error', message };
  return { ...(shape === 'anthropic' && { type: 'error' }), error, ok: false, failure, next };
}
