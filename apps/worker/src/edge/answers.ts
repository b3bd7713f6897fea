import { failure, httpStatus, nextStep, type ApiRefusal, type Failure, type Result } from '@gastown/protocol';
import { isOverload, storageFailure } from '../retry.ts';
import { randomHex } from '../secrets/bytes.ts';

/** An expected refusal on the way through the edge: thrown by a guard, answered once, in `app.ts`. */
export class Refused extends Error {
  readonly failure: Failure;
  constructor(refusal: Failure) {
    super(refusal.message);
    this.failure = refusal;
  }
}
export const refuseWith = (...refusal: Parameters<typeof failure>): never => {
  throw new Refused(failure(...refusal));
};

export const answer = (value: unknown): Response => Response.json({ ok: true, value: value ?? null });

export function answerRefusal(refusal: Failure): Response {
  const body: ApiRefusal = { ok: false, failure: refusal, next: nextStep(refusal) };
  return Response.json(body, { status: httpStatus(refusal.code) });
}

export const answerResult = (result: Result<unknown>): Response => (result.ok ? answer(result.value) : answerRefusal(result.failure));

/** Exceptions are bugs or a lost platform: logged as one JSON line with an id, answered with that id and nothing of their inside. */
export function failureOfException(error: unknown, where: Record<string, string>): Failure {
  if (error instanceof Refused) return error.failure;
  if (isOverload(error)) return failure('overloaded');
  const id = randomHex(6);
  logException(error, { id, ...where });
  const storage = storageFailure(error);
  if (storage !== null) return failure(storage, undefined, { id });
  return failure('internal', `Something broke that should not break (id ${id}).`, { id });
}

export function logException(error: unknown, where: Record<string, string>): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  console.error(JSON.stringify({ level: 'error', ...where, message, stack }));
}
