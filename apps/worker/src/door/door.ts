import { failure, PROVIDERS, type Failure, type ModelShape, type Result, LIMITS } from '@gastown/protocol';
import type { ModelPass } from '@gastown/town';
import { logException, Refused, failureOfException } from '../edge/answers.ts';
import { readJson } from '../edge/body.ts';
import { townObject } from '../edge/town-life.ts';
import { environmentOf, type Env } from '../env.ts';
import { randomHex } from '../secrets/bytes.ts';
import { unseal } from '../secrets/seal.ts';
import { holderOfDoorToken, type DoorHolder } from '../secrets/tokens.ts';
import { forward, passThrough, type Forwarded } from './forward.ts';
import { Meter } from './meter.ts';
import { bodyFor, headersFor, upstreamOf } from './provider.ts';
import { doorRefusal } from './refusal.ts';

/**
 * The model door (D8): an agent's call gets the town's key and model, goes to the provider, and is counted for its run.
 * A key is opened here for one call and appears in no answer, log or error.
 */
export interface ModelCall {
  readonly request: Request;
  readonly env: Env;
  readonly shape: ModelShape;
  readonly later: (work: Promise<unknown>) => void;
}

export async function handleModelCall(call: ModelCall): Promise<Response> {
  try {
    return await admitted(call);
  } catch (error) {
    return doorRefusal(call.shape, failureOfException(error, { during: 'model call', shape: call.shape }));
  }
}

async function admitted({ request, env, shape, later }: ModelCall): Promise<Response> {
  const holder = await holderOf(request, env);
  const pass = value(await townObject(env, holder.townId).modelPass(holder.instance, sessionOf(request)));
  const { model } = pass;
  if (PROVIDERS[model.provider].shape !== shape)
    throw new Refused(
      failure('no_model', `The town's model now speaks the ${PROVIDERS[model.provider].shape} shape; this run was started for another.`),
    );
  const asked = await readJson(request, LIMITS.modelRequestBytes.value);
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked))
    throw new Refused(failure('invalid_input', 'body: expected an object'));
  const townKey = pass.sealedKey && (await unseal(env.SEAL_KEY, holder.townId, 'model-key', pass.sealedKey));
  const { url, key } = value(upstreamOf(model, townKey, environmentOf(env)));
  const body = bodyFor(model, { ...asked });
  const forwarded = value(await forward({ url, headers: headersFor(model, key, request.headers), body, gone: request.signal }));
  if (!forwarded.response.ok) return refusedByProvider(shape, forwarded.response, key);
  return metered(forwarded, { env, holder, pass, later, shape, requestCharacters: body.length });
}

interface Metering {
  readonly env: Env;
  readonly holder: DoorHolder;
  readonly pass: ModelPass;
  readonly later: ModelCall['later'];
  readonly shape: ModelShape;
  readonly requestCharacters: number;
}

function metered({ response, cancel }: Forwarded, { env, holder, pass, later, shape, requestCharacters }: Metering): Response {
  const contentType = response.headers.get('content-type') ?? 'application/json';
  const meter = new Meter(shape, contentType);
  const source = response.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const { body, ended } = passThrough({ source, see: (chunk) => meter.push(chunk), cancel });
  later(ended.then(() => spend(env, holder, pass, meter.total(requestCharacters, pass.model.price))));
  return new Response(body, { status: response.status, headers: { 'content-type': contentType } });
}

async function spend(env: Env, { townId }: DoorHolder, { runId, model }: ModelPass, usage: ReturnType<Meter['total']>): Promise<void> {
  const counted = await townObject(env, townId).command({
    key: `spend:${randomHex(12)}`,
    actor: { kind: 'town' },
    command: { kind: 'spend', runId, usage, model: model.model },
  });
  if (!counted.ok) logException(new Error(counted.failure.message), { during: 'spend', code: counted.failure.code, town: townId });
}

/** A provider's refusal goes on with its status; of its text only what cannot hold a key. */
async function refusedByProvider(shape: ModelShape, response: Response, key: string | null): Promise<Response> {
  const text = (await response.text()).slice(0, 65_536);
  if (response.status === 401) return doorRefusal(shape, failure('model_key_refused'));
  const clean = key ? text.replaceAll(key, '[key]') : text;
  const headers = new Headers({ 'content-type': response.headers.get('content-type') ?? 'application/json' });
  for (const name of ['retry-after', 'retry-after-ms', 'x-should-retry'])
    if (response.headers.has(name)) headers.set(name, response.headers.get(name)!);
  return new Response(clean, { status: response.status, headers });
}

/** What an agent may ask about models: the one that the town configured. */
export async function listModels(request: Request, env: Env): Promise<Response> {
  try {
    const { townId, instance } = await holderOf(request, env);
    const model = value(await townObject(env, townId).model(instance));
    const data = model ? [{ id: model.model, object: 'model', created: 0, owned_by: model.provider }] : [];
    return Response.json({ object: 'list', data });
  } catch (error) {
    return doorRefusal('openai', failureOfException(error, { during: 'model list' }));
  }
}

async function holderOf(request: Request, env: Env): Promise<DoorHolder> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const holder = await holderOfDoorToken(env.SEAL_KEY, bearer ?? request.headers.get('x-api-key') ?? '');
  if (!holder) throw new Refused(failure('model_token_invalid'));
  return holder;
}

/** Kilo names its session in `x-session-id`, OpenCode in `x-session-affinity`; a call for a title carries `title-` before it. */
const SESSION_HEADERS = ['x-session-id', 'x-session-affinity', 'x-opencode-session'];

function sessionOf(request: Request): string {
  const named = SESSION_HEADERS.map((name) => request.headers.get(name)).find(Boolean);
  if (!named) throw new Refused(failure('invalid_input', "x-session-id: expected the id of the agent's session."));
  return named.replace(/^title-/, '');
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.failure satisfies Failure);
  return result.value;
}
