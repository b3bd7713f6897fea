import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { client, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk';
import type { ClientContext, InitializeResponse, NewSessionRequest, SessionUpdate } from '@agentclientprotocol/sdk';
import { z } from 'zod';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { makeTail } from '../gates/tail.ts';
import type { Log } from '../system/log.ts';
import { inCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { endGroup, signalGroup } from '../system/processes.ts';
import { within } from '../system/within.ts';
import type { AgentProcess, AgentSession, SessionWish, TurnEnd } from './driver.ts';
import { answerPermission } from './permission.ts';
import { turnFailure } from './turn-failure.ts';

export interface AcpWish {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly cell: Cell;
  readonly environment: Readonly<Record<string, string>>;
  readonly name: string;
  readonly log: Log;
}

const STOP_GRACE_MS = 3_000;
const STDERR_BYTES = 8_192;

/**
 * One agent process over ACP. Owns the process group and which session's updates go where. Updates of a session that is being resumed by `load`
 * are its past and are dropped.
 */
export async function startAcpAgent(wish: AcpWish): Promise<Result<AgentProcess>> {
  const { program, args } = inCell(wish.cell, wish.program, wish.args);
  const child = spawn(program, args, {
    cwd: wish.cwd,
    env: { ...wish.environment },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  const stderr = makeTail(STDERR_BYTES);
  child.stderr.on('data', stderr.add);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? 'none'}` : `signal ${signal}`));
  });
  const gone = ended.then((how): Failure => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    wish.log('agent.exited', { name: wish.name, how, stderr: stderr.text().slice(-1_000) });
    return failure('agent_crashed', `The agent process ended (${how}).`, { how });
  });
  const stop = async (): Promise<void> => {
    if (pid !== undefined) await endGroup(pid, ended, STOP_GRACE_MS);
    await ended;
  };
  const listeners = new Map<string, (update: SessionUpdate) => void>();
  const connection = client({ name: 'gastown' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => answerPermission(params))
    .onNotification(methods.client.session.update, ({ params }) => listeners.get(params.sessionId)?.(params.update))
    .connect(ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>));
  child.stdin.on('error', (error) => wish.log('agent.stdin', { name: wish.name, reason: error.message }));
  // An agent that closed its side cannot be reached any more, whether its process lives or not.
  const unreachable = (error?: unknown): void => {
    if (error !== undefined) wish.log('agent.connection', { name: wish.name, reason: String(error) });
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  };
  connection.closed.then(() => unreachable(), unreachable);
  const initialized = connection.agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} });
  const ready = await within(
    LIMITS.startTimeoutMs.value,
    Promise.race([
      initialized.then((value) => ({ value })).catch((error: unknown) => ({ refused: String(error) })),
      gone.then((refused) => ({ refused: refused.message })),
    ]),
  );
  if (ready === null || 'refused' in ready) {
    await stop();
    return refuse(failure('dispatch_failed', `The agent ${wish.name} did not start: ${ready?.refused ?? 'no answer in time'}`));
  }
  wish.log('agent.started', {
    name: wish.name,
    pid,
    agent: ready.value.agentInfo?.name ?? null,
    version: ready.value.agentInfo?.version ?? null,
  });
  return ok({
    pid: pid ?? null,
    gone,
    stop,
    openSession: (session) =>
      openSession({ agent: connection.agent, closed: connection.signal, capabilities: ready.value, listeners, gone }, session),
  });
}

interface Connected {
  readonly agent: ClientContext;
  readonly closed: AbortSignal;
  readonly capabilities: InitializeResponse;
  readonly listeners: Map<string, (update: SessionUpdate) => void>;
  readonly gone: Promise<Failure>;
}

async function openSession(connected: Connected, wish: SessionWish): Promise<Result<AgentSession>> {
  const opened = await within(
    LIMITS.startTimeoutMs.value,
    Promise.race([newOrResumed(connected, wish), connected.gone.then((lost) => refuse(lost))]),
  );
  if (opened === null) return refuse(failure('dispatch_failed', 'The agent did not open a session in time.'));
  if (!opened.ok) return opened;
  const { id, resumed } = opened.value;
  connected.listeners.set(id, wish.onUpdate);
  const set = await attempt(
    connected.agent.request(methods.agent.session.setConfigOption, { sessionId: id, configId: 'mode', value: wish.role }),
  );
  if (!set.ok) return set;
  const model = set.value.configOptions.find((option) => option.id === 'model');
  return ok({
    id,
    resumed,
    model: model !== undefined && 'currentValue' in model && typeof model.currentValue === 'string' ? model.currentValue : null,
    prompt: (text) => prompt(connected, id, text),
    async cancel() {
      // To an agent that is gone nothing can be said: its turn ends by `gone`.
      await attempt(connected.agent.notify(methods.agent.session.cancel, { sessionId: id }));
    },
    async close() {
      if (connected.listeners.get(id) === wish.onUpdate) connected.listeners.delete(id);
      if (connected.capabilities.agentCapabilities?.sessionCapabilities?.close)
        await attempt(connected.agent.request(methods.agent.session.close, { sessionId: id }));
    },
  });
}

async function newOrResumed({ agent, capabilities }: Connected, wish: SessionWish): Promise<Result<{ id: string; resumed: boolean }>> {
  const place: NewSessionRequest = { cwd: wish.cwd, mcpServers: [{ type: 'http', name: 'gt', url: wish.toolUrl, headers: [] }] };
  const sessionId = wish.resumeSessionId;
  if (sessionId !== null) {
    const can = capabilities.agentCapabilities;
    const resumed = can?.sessionCapabilities?.resume
      ? await attempt(agent.request(methods.agent.session.resume, { sessionId, ...place }))
      : can?.loadSession === true
        ? await attempt(agent.request(methods.agent.session.load, { sessionId, ...place }))
        : refuse(failure('dispatch_failed', 'This agent cannot resume a session.'));
    if (resumed.ok) return ok({ id: sessionId, resumed: true });
  }
  const made = await attempt(agent.request(methods.agent.session.new, place));
  return made.ok ? ok({ id: made.value.sessionId, resumed: false }) : made;
}

async function attempt<T>(request: Promise<T>): Promise<Result<T>> {
  try {
    return ok(await request);
  } catch (error) {
    return refuse(failure('dispatch_failed', `The agent refused: ${saidBy(error)}`));
  }
}

async function prompt({ agent, gone, closed }: Connected, sessionId: string, text: string): Promise<TurnEnd> {
  const turn = agent
    .request<unknown>('session/prompt', { sessionId, prompt: [{ type: 'text', text }] })
    .then(readTurnEnd)
    .catch(async (error: unknown): Promise<TurnEnd> => ({
      stopReason: 'error',
      usage: null,
      failure: closed.aborted ? await gone : turnFailure(saidBy(error)),
    }));
  const lost = gone.then((crash): TurnEnd => ({ stopReason: 'error', usage: null, failure: crash }));
  return Promise.race([turn, lost]);
}

const saidBy = (error: unknown): string => (error instanceof RequestError || error instanceof Error ? error.message : String(error));

/** `usage` is newer than the stable protocol; agents send it already. */
const count = z.number().int().nonnegative().nullish();
const PromptAnswer = z.object({
  stopReason: z.string(),
  usage: z.object({ inputTokens: count, outputTokens: count, cachedReadTokens: count, cachedWriteTokens: count }).nullish().catch(null),
});

function readTurnEnd(answer: unknown): TurnEnd {
  const { stopReason, usage } = PromptAnswer.parse(answer);
  const counted = usage
    ? {
        inputTokens: usage.inputTokens ?? 0,
        outputTokens: usage.outputTokens ?? 0,
        cacheReadTokens: usage.cachedReadTokens ?? 0,
        cacheWriteTokens: usage.cachedWriteTokens ?? 0,
        costMicros: 0,
      }
    : null;
  return { stopReason, usage: counted, failure: null };
}
