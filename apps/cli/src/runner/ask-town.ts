/** Asks the town who this machine is to it, before anything is started here. */
import { apiOk, ApiRefusal, failure, ok, refuse, RunnerSelf } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import type { Address } from './address.ts';

const ANSWER_MS = 15_000;
/** More than any answer of a town to this. */
const ANSWER_BYTES = 64 * 1024;

export async function askTown({ origin, token }: Address): Promise<Result<RunnerSelf>> {
  const request = new Request(new URL('/runner/self', origin), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const answered = await fetch(request)
    .then(startOf)
    .then(ok, (cause: unknown): Result<never> => refuse(unreachable(origin, cause)));
  return answered.ok ? understood(origin, answered.value) : answered;
}

/** Whoever answers at that address may never end. */
async function startOf(response: Response): Promise<{ status: number; text: string }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES) break;
  }
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8') };
}

function understood(origin: string, { status, text }: { status: number; text: string }): Result<RunnerSelf> {
  const answer = z.union([apiOk(RunnerSelf), ApiRefusal]).safeParse(jsonOf(text));
  if (!answer.success)
    return refuse(
      failure(
        'invalid_input',
        `--town: at ${origin} something answers (${status}) that is no town of this version.`,
        undefined,
        'Copy the whole line from Settings › Runners of the town.',
      ),
    );
  return answer.data.ok ? ok((answer.data as { value: RunnerSelf }).value) : refuse(told(answer.data as ApiRefusal));
}

/** The next step of the catalogue is for whoever sits in front of a page. */
function told({ failure: refused, next }: ApiRefusal): Failure {
  if (refused.code === 'wrong_host')
    return { ...refused, next: 'Use the very address at which the town’s page is open in a browser, its port included.' };
  if (refused.code === 'not_signed_in')
    return failure('not_signed_in', 'The town does not know this token.', undefined, 'Make a new one: Settings › Runners of the town.');
  return { ...refused, next: refused.next ?? next };
}

function unreachable(origin: string, cause: unknown): Failure {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = reason instanceof Error ? reason.message || reason.name : 'no answer';
  return failure('town_unreachable', `Nothing answers at ${origin}: ${why}.`);
}
