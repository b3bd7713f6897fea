import {
  failure,
  LIMITS,
  MODEL_APIS,
  PROVIDERS,
  secretForms,
  type Failure,
  type ModelApi,
  type ModelTrouble,
  type Result,
  type Usage,
} from '@gastown/protocol';
import type { ModelPass } from '@gastown/town';
import { logException, Refused, failureOfException } from '../edge/answers.ts';
import { readJson } from '../edge/body.ts';
import { townObject } from '../edge/town-life.ts';
import { environmentOf, type Env } from '../env.ts';
import { tryAgain } from '../retry.ts';
import type { Admission } from '../town/rpc.ts';
import { randomHex } from '../secrets/bytes.ts';
import { unseal } from '../secrets/seal.ts';
import { holderOfDoorToken, type DoorHolder } from '../secrets/tokens.ts';
import { forward, passThrough, type Forwarded } from './forward.ts';
import { Meter } from './meter.ts';
import { bodyFor, headersFor, upstreamOf } from './provider.ts';
import { doorRefusal, refusalEvent } from './refusal.ts';
import { troubleOfAnswer, troubleOfBody } from './trouble.ts';
import { Watch } from './watch.ts';

/**
 * The model door (D8): an agent's call gets the town's key and model, goes to the provider, and is counted for its run.
 * A key is opened here for one call and appears in no answer, log or error.
 */
export interface ModelCall {
  readonly request: Request;
  readonly env: Env;
  readonly api: ModelApi;
  readonly later: (work: Promise<unknown>) => void;
}

export async function handleModelCall(call: ModelCall): Promise<Response> {
  try {
    return await admitted(call);
  } catch (error) {
    return doorRefusal(call.api, failureOfException(error, { during: 'model call', api: call.api }));
  }
}

async function admitted({ request, env, api, later }: ModelCall): Promise<Response> {
  const holder = await holderOf(request, env);
  const session = sessionOf(request);
  const pass = value(await townObject(env, holder.townId).modelPass(holder.instance, session));
  const began = Date.now();
  const watch = new Watch();
  void watch.follow(() => townObject(env, holder.townId).modelCallRefused(holder.instance, session));
  const told = (trouble: ModelTrouble) => tell(env, holder, pass, began, trouble);
  try {
    const forwarded = await ask({ request, env, api, later }, holder, pass, watch);
    if (forwarded.answer.ok) return metered(forwarded, { env, holder, pass, later, api, watch, began });
    watch.over();
    later(giveBack(env, holder, pass));
    return await refusedByProvider(api, forwarded, { told, lasts: () => lasts(env, holder, pass) });
  } catch (error) {
    watch.over();
    later(giveBack(env, holder, pass));
    if (watch.refusal) throw new Refused(watch.refusal);
    if (!isUnreachable(error) || request.signal.aborted || !(await lasts(env, holder, pass))) throw error;
    await told(lastingTrouble(error.failure.message));
    return inVain(api, error.failure);
  }
}

interface Asked {
  readonly answer: Response;
  readonly cancel: Forwarded['cancel'];
  readonly key: string | null;
  readonly requestCharacters: number;
}

async function ask({ request, env, api }: ModelCall, holder: DoorHolder, pass: ModelPass, watch: Watch): Promise<Asked> {
  const { model } = pass;
  if (PROVIDERS[model.provider].shape !== MODEL_APIS[api])
    throw new Refused(
      failure('no_model', `The town's model now speaks the ${PROVIDERS[model.provider].shape} shape; this run was started for another.`),
    );
  const asked = await readJson(request, LIMITS.modelRequestBytes.value);
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked))
    throw new Refused(failure('invalid_input', 'body: expected an object'));
  const townKey = await townKeyOf(env, holder, pass);
  const { url, key } = value(upstreamOf(model, api, townKey, environmentOf(env)));
  const body = bodyFor(model, api, { ...asked });
  const { response, cancel } = value(
    await forward({ url, headers: headersFor(model, key, request.headers), body, gone: watch.signal(request.signal) }),
  );
  return { answer: response, cancel, key, requestCharacters: body.length };
}

/** Never the environment's key instead: it may be another person's money. */
async function townKeyOf(env: Env, { townId }: DoorHolder, { sealedKey }: ModelPass): Promise<string | null> {
  if (sealedKey === null) return null;
  const key = await unseal(env.SEAL_KEY, townId, 'model-key', sealedKey);
  if (key !== null) return key;
  throw new Refused(
    failure('model_key_refused', 'The stored model key cannot be opened with the keys of this state folder: it must be given again.'),
  );
}

interface Metering {
  readonly env: Env;
  readonly holder: DoorHolder;
  readonly pass: Admission;
  readonly later: ModelCall['later'];
  readonly api: ModelApi;
  readonly watch: Watch;
  readonly began: number;
}

function metered({ answer, cancel, key, requestCharacters }: Asked, { env, holder, pass, later, api, watch, began }: Metering): Response {
  const contentType = answer.headers.get('content-type') ?? 'application/json';
  let seen: ModelTrouble | null = null;
  const meter = new Meter(api, contentType, (body) => {
    if (seen !== null || troubleOfBody(body) === null) return;
    const trouble = troubleOfBody(JSON.parse(withoutKey(JSON.stringify(body), key)));
    if (trouble === null) return;
    seen = trouble;
    later(tell(env, holder, pass, began, trouble));
  });
  const source = answer.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const streams = contentType.includes('text/event-stream');
  const farewell = () => (streams && watch.refusal ? refusalEvent(api, watch.refusal) : null);
  const { body, ended } = passThrough({ source, see: (chunk) => meter.push(chunk), cancel, farewell });
  later(
    ended.then(() => {
      watch.over();
      const usage = meter.total(requestCharacters, pass.model.price);
      return book(env, holder, pass, usage, seen === null);
    }),
  );
  return new Response(body, { status: answer.status, headers: { 'content-type': contentType } });
}

/** Within the half minute that the platform gives to work after an answer. */
const BOOKING = { tries: 6, baseMs: 200 } as const;

/** What a call used is booked, and only then is it over. One key for all tries: the town counts it once (I18). What cannot be booked is logged with its figures. */
async function book(env: Env, holder: DoorHolder, pass: Admission, usage: Usage, worked: boolean): Promise<void> {
  const { townId } = holder;
  const { runId, model } = pass;
  const key = `spend:${randomHex(12)}`;
  const lost = (error: unknown, code: string) =>
    logException(error, { during: 'spend', code, town: townId, run: runId, model: model.model, usage: JSON.stringify(usage) });
  try {
    const command = { kind: 'spend', runId, usage, model: model.model, worked } as const;
    const counted = await tryAgain(() => townObject(env, townId).command({ key, actor: { kind: 'town' }, command }), BOOKING);
    if (!counted.ok) lost(new Error(counted.failure.message), counted.failure.code);
  } catch (error) {
    lost(error, 'internal');
  }
  await giveBack(env, holder, pass);
}

/** The next call of the run may go; if the town does not hear of it, the call before is forgotten after a while. */
async function giveBack(env: Env, { townId }: DoorHolder, { ticket }: Admission): Promise<void> {
  if (ticket === null) return;
  try {
    await tryAgain(() => townObject(env, townId).modelCallOver(ticket), BOOKING);
  } catch (error) {
    logException(error, { during: 'end of a model call', town: townId });
  }
}

/** What the provider refuses is told before the agent hears of it: the end of its turn comes after. Not told is no harm, the next call meets it again. */
async function tell(env: Env, { townId }: DoorHolder, { runId, model }: Admission, since: number, trouble: ModelTrouble): Promise<void> {
  const { provider, model: name } = model;
  try {
    const command = { kind: 'model.trouble', runId, model: { provider, model: name }, since, trouble } as const;
    await townObject(env, townId).command({ key: null, actor: { kind: 'town' }, command });
  } catch (error) {
    logException(error, { during: 'trouble of a model', town: townId });
  }
}

interface Consequences {
  readonly told: (trouble: ModelTrouble) => Promise<void>;
  /** It has failed the calls of this run for long. */
  readonly lasts: () => Promise<boolean>;
}

/** Agents try these again. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * A provider's refusal goes on with its status; of its text only what cannot hold a key. Over an empty account agents would try again for ever, and over one that keeps failing for long and without a sign: that is said
 * in our words, and in a way that ends their tries.
 */
async function refusedByProvider(api: ModelApi, { answer: response, key }: Asked, { told, lasts }: Consequences): Promise<Response> {
  const text = withoutKey(await response.text(), key).slice(0, 65_536);
  const trouble = troubleOfAnswer(response.status, response.headers, text, Date.now());
  if (trouble) await told(trouble);
  if (response.status === 401) return doorRefusal(api, failure('model_key_refused'));
  if (trouble?.kind === 'quota') return doorRefusal(api, failure('model_quota_spent'));
  if (isPassing(response.status) && (await lasts())) {
    const why = trouble?.message ?? `it answers with ${response.status}.`;
    if (!trouble) await told(lastingTrouble(why));
    return inVain(api, failure(trouble?.kind === 'limit' ? 'model_rate_limited' : 'model_overloaded', why));
  }
  const headers = new Headers({ 'content-type': response.headers.get('content-type') ?? 'application/json' });
  for (const name of ['retry-after', 'retry-after-ms', 'x-should-retry'])
    if (response.headers.has(name)) headers.set(name, response.headers.get(name)!);
  return new Response(text, { status: response.status, headers });
}

/** However the provider writes it. */
const withoutKey = (text: string, key: string | null): string =>
  secretForms(key ?? '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, form) => clean.replaceAll(form, '[key]'), text);

const isUnreachable = (error: unknown): error is Refused => error instanceof Refused && error.failure.code === 'model_unreachable';

/** Nobody's fault and no word of when it is over: as with an overload nothing starts with this model for a while. */
const lastingTrouble = (why: string): ModelTrouble => ({ kind: 'overload', until: null, message: keepsFailing(why) });
const keepsFailing = (why: string): string => `The provider keeps failing: ${why}`;

/** Every agent ends its turn over a wrong request; a 403 some take for a refused key. The code is in the words, which are all that some agents tell. */
const inVain = (api: ModelApi, { code, message }: Failure): Response =>
  doorRefusal(api, failure(code, `${code}: ${keepsFailing(message)}`), 400);

/** Not known is no: the agent tries again, as it would by itself. */
async function lasts(env: Env, { townId }: DoorHolder, { runId }: Admission): Promise<boolean> {
  try {
    return await townObject(env, townId).modelCallFailed(runId);
  } catch (error) {
    logException(error, { during: 'failed model call', town: townId });
    return false;
  }
}

/** What an agent may ask about models: those that the town's agents have. */
export async function listModels(request: Request, env: Env): Promise<Response> {
  try {
    const { townId, instance } = await holderOf(request, env);
    const models = value(await townObject(env, townId).models(instance));
    const named = new Map(models.map((model) => [model.model, model]));
    const data = [...named.values()].map(({ model, provider }) => ({ id: model, object: 'model', created: 0, owned_by: provider }));
    return Response.json({ object: 'list', data });
  } catch (error) {
    return doorRefusal('chat', failureOfException(error, { during: 'model list' }));
  }
}

async function holderOf(request: Request, env: Env): Promise<DoorHolder> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const holder = await holderOfDoorToken(env.SEAL_KEY, bearer ?? request.headers.get('x-api-key') ?? '');
  if (!holder) throw new Refused(failure('model_token_invalid'));
  return holder;
}

/**
 * Kilo names its session in `x-session-id`, OpenCode in `x-session-affinity`, Claude Code and Codex in headers of their own; a call for a title carries
 * `title-` before it. Codex asks for a title in a session that nobody knows: that call is refused, which ends the wish for a title and nothing else.
 * A sub-agent of Kilo and OpenCode has a session of its own and names its parent's beside it: its calls are that one's, for money, limits and stop. Those of Claude Code are asked in the session itself.
 */
const SESSION_HEADERS = [
  'x-parent-session-id',
  'x-session-id',
  'x-session-affinity',
  'x-opencode-session',
  'x-claude-code-session-id',
  'session-id',
];

function sessionOf(request: Request): string {
  const named = SESSION_HEADERS.map((name) => request.headers.get(name)).find(Boolean);
  if (!named) throw new Refused(failure('invalid_input', "x-session-id: expected the id of the agent's session."));
  return named.replace(/^title-/, '');
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.failure satisfies Failure);
  return result.value;
}
