import { methods, RequestError } from '@agentclientprotocol/sdk';
import type { ClientContext, InitializeResponse, NewSessionRequest, SessionUpdate } from '@agentclientprotocol/sdk';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import type { Ending } from '../system/ending.ts';
import { within } from '../system/within.ts';
import type { Access, AgentAccess } from './agent-kind.ts';
import type { AgentSession, SessionWish, TurnEnd } from './driver.ts';
import { makePermits } from './permission.ts';
import type { Permits } from './permission.ts';
import { modelIn, sessionIn } from './session-answer.ts';
import type { SessionModel } from './session-answer.ts';
import { readTurnEnd } from './turn-end.ts';
import { turnFailure } from './turn-failure.ts';
import { makeUnbegun } from './unbegun.ts';

/** Who hears what an agent process says of one session. */
export interface Listener {
  readonly onUpdate: (update: SessionUpdate) => void;
  readonly permits: Permits;
}

export interface Connected {
  readonly agent: ClientContext;
  readonly closed: AbortSignal;
  readonly capabilities: InitializeResponse;
  readonly listeners: Map<string, Listener>;
  /** Of the process, which serves many sessions, one after the other. */
  readonly gone: Ending<Failure>;
}

/** Small requests: an agent that does not answer one in time is not fit to work. */
const CALL_MS = 20_000;
const CLOSE_MS = 5_000;

export async function openSession(connected: Connected, wish: SessionWish): Promise<Result<AgentSession>> {
  const opening = newOrResumed(connected, wish);
  const opened = await within(
    LIMITS.startTimeoutMs.value,
    connected.gone.first<Result<Opened>>(opening, (crash) => refuse(crash)),
  );
  if (opened === null) {
    // One that opens after all is nobody's.
    void opening.then((late) => (late.ok ? closeSession(connected, late.value.id) : undefined));
    return refuse(failure('dispatch_failed', 'The agent did not open a session in time.'));
  }
  if (!opened.ok) return opened;
  const { id, resumed } = opened.value;
  const permits = makePermits({ permissions: wish.permissions, worktree: wish.cwd, works: isWorker(wish), ask: wish.onPermission ?? null });
  const unbegun = makeUnbegun();
  const onUpdate = (update: SessionUpdate): void => {
    unbegun.heed();
    wish.onUpdate(update);
  };
  const listener: Listener = { onUpdate, permits };
  connected.listeners.set(id, listener);
  const abandon = (): void => {
    permits.withdraw();
    unbegun.heed();
    if (connected.listeners.get(id) === listener) connected.listeners.delete(id);
  };
  const fitted = await fit(connected, wish, opened.value);
  if (!fitted.ok) {
    abandon();
    await closeSession(connected, id);
    return fitted;
  }
  let isCancelled = false;
  return ok({
    id,
    resumed,
    model: fitted.value?.current ?? null,
    prompt(text) {
      isCancelled = false;
      return unbegun.watch(prompt(connected, id, text, () => isCancelled)).finally(permits.withdraw);
    },
    async cancel() {
      isCancelled = true;
      permits.withdraw();
      // To an agent that is gone nothing can be said: its turn ends by `gone`.
      await attempt(connected.agent.notify(methods.agent.session.cancel, { sessionId: id }));
      unbegun.cancelled();
    },
    close() {
      abandon();
      return closeSession(connected, id);
    },
    abandon,
  });
}

async function closeSession({ agent, capabilities }: Connected, sessionId: string): Promise<boolean> {
  if (!capabilities.agentCapabilities?.sessionCapabilities?.close) return false;
  const closed = await within(CLOSE_MS, attempt(agent.request(methods.agent.session.close, { sessionId })));
  return closed?.ok === true;
}

/** In the mode that its role wants, and with the model that its process has. */
async function fit(connected: Connected, wish: SessionWish, { id, resumed, model }: Opened): Promise<Result<SessionModel | null>> {
  const mode = modeOf(wish);
  const set = mode === null ? ok(model) : await setMode(connected, id, mode);
  return set.ok && resumed ? fitModel(connected, id, set.value) : set;
}

const isWorker = ({ role }: SessionWish): boolean => role === 'polecat';

/** What is beyond the usual is asked for, so that the settings can decide it. */
function accessOf(wish: SessionWish): AgentAccess {
  if (!isWorker(wish)) return 'look';
  const { web, outside, commands } = wish.permissions;
  if (commands !== 'allow') return 'strict';
  return web === 'deny' && outside === 'deny' ? 'work' : 'ask';
}

const modeOf = (wish: SessionWish): string | null =>
  wish.kind.role === 'mode' ? wish.role : (wish.kind.access?.[accessOf(wish)].mode ?? null);

const setMode = (connected: Connected, sessionId: string, mode: string): Promise<Result<SessionModel | null>> =>
  setOption(connected, sessionId, 'mode', mode);

/** A session that began with another model goes on with the one that its process has (CT-5). */
async function fitModel(connected: Connected, sessionId: string, model: SessionModel | null): Promise<Result<SessionModel | null>> {
  const { offered, current } = model ?? { offered: [], current: null };
  const [first] = offered;
  return first === undefined || (current !== null && offered.includes(current))
    ? ok(model)
    : setOption(connected, sessionId, 'model', first);
}

async function setOption({ agent }: Connected, sessionId: string, configId: string, value: string): Promise<Result<SessionModel | null>> {
  const set = await within(CALL_MS, attempt(agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value })));
  if (set === null) return refuse(failure('dispatch_failed', `The agent did not answer when its ${configId} was set to ${value}.`));
  return set.ok ? ok(modelIn(set.value)) : set;
}

const NO_ID = 'The agent opened a session and named it by nothing that is an id: a text of at most 200 characters.';

interface Opened {
  readonly id: string;
  readonly resumed: boolean;
  readonly model: SessionModel | null;
}

/** `systemPrompt` is newer than the stable protocol; agents of that kind read it already. */
type Place = NewSessionRequest & { systemPrompt?: { mode: 'append'; content: { type: 'text'; text: string }[] } };

function placeOf(wish: SessionWish): Place {
  const { role, access } = wish.kind;
  const meta = withAddress(access?.[accessOf(wish)].meta, wish.toolUrl);
  return {
    cwd: wish.cwd,
    mcpServers: [{ type: 'http', name: 'gt', url: wish.toolUrl, headers: [] }],
    ...(meta !== undefined && { _meta: meta }),
    ...(role === 'system-prompt' && { systemPrompt: { mode: 'append', content: [{ type: 'text', text: wish.rolePrompt }] } }),
  };
}

/** `{tools}`: the address of the run's tools, below which is the model door. */
const withAddress = (meta: Access['meta'], toolUrl: string): Access['meta'] =>
  meta && JSON.parse(JSON.stringify(meta).replaceAll('{tools}', toolUrl));

async function newOrResumed({ agent, capabilities }: Connected, wish: SessionWish): Promise<Result<Opened>> {
  const place = placeOf(wish);
  const sessionId = wish.resumeSessionId;
  if (sessionId !== null) {
    const can = capabilities.agentCapabilities;
    const resumed = can?.sessionCapabilities?.resume
      ? await attempt(agent.request(methods.agent.session.resume, { sessionId, ...place }))
      : can?.loadSession === true
        ? await attempt(agent.request(methods.agent.session.load, { sessionId, ...place }))
        : refuse(failure('dispatch_failed', 'This agent cannot resume a session.'));
    if (resumed.ok) return ok({ id: sessionId, resumed: true, model: modelIn(resumed.value) });
  }
  const made = await attempt(agent.request(methods.agent.session.new, place));
  if (!made.ok) return made;
  const id = sessionIn(made.value);
  return id === null ? refuse(failure('dispatch_failed', NO_ID)) : ok({ id, resumed: false, model: modelIn(made.value) });
}

async function attempt<T>(request: Promise<T>): Promise<Result<T>> {
  try {
    return ok(await request);
  } catch (error) {
    return refuse(failure('dispatch_failed', `The agent refused: ${saidBy(error)}`));
  }
}

async function prompt({ agent, gone, closed }: Connected, sessionId: string, text: string, isCancelled: () => boolean): Promise<TurnEnd> {
  const turn = agent
    .request<unknown>('session/prompt', { sessionId, prompt: [{ type: 'text', text }] })
    .then(readTurnEnd)
    .catch(async (error: unknown): Promise<TurnEnd> => {
      if (closed.aborted) return { stopReason: 'error', usage: null, failure: await gone.promise };
      // One that was told to end has, in whatever words: Kilo calls it an error where the turn had just begun.
      if (isCancelled()) return { stopReason: 'cancelled', usage: null, failure: null };
      return { stopReason: 'error', usage: null, failure: turnFailure(saidBy(error)) };
    });
  return gone.first(turn, (crash) => ({ stopReason: 'error', usage: null, failure: crash }));
}

/** The sentence, and what some agents put beside it. */
export function saidBy(error: unknown): string {
  if (error instanceof RequestError && error.data !== undefined && error.data !== null)
    return `${error.message} ${JSON.stringify(error.data)}`;
  return error instanceof Error ? error.message : String(error);
}
