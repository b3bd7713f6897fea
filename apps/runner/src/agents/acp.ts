import { Readable, Writable } from 'node:stream';
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import type { ClientCapabilities } from '@agentclientprotocol/sdk';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, FailureCode, Result } from '@gastown/protocol';
import { makeTail } from '../gates/tail.ts';
import type { Log } from '../system/log.ts';
import type { Cell } from '../system/cell.ts';
import { makeEnding } from '../system/ending.ts';
import { machineFailed } from '../system/machine.ts';
import { endGroup, signalGroup } from '../system/processes.ts';
import { startInCell } from '../system/start.ts';
import { within } from '../system/within.ts';
import { openSession, saidBy } from './acp-session.ts';
import type { Listener } from './acp-session.ts';
import type { AgentProcess } from './driver.ts';
import { withRules } from './rules.ts';

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
/** What a program wrote before its end is in the pipe already. */
const LAST_WORDS_MS = 500;
/** No files and no terminals of ours. Two agents tell why a turn failed only to who asks for it in this way. */
const CAPABILITIES: ClientCapabilities = { _meta: { jetbrains: { air: { version: 1, capabilities: ['sessionFailure'] } } } };
const NOBODY = { outcome: { outcome: 'cancelled' as const } };

/**
 * One agent process over ACP. Owns the process group and which session's updates go where. Updates of a session that is being resumed by `load`
 * are its past and are dropped.
 */
export async function startAcpAgent(wish: AcpWish): Promise<Result<AgentProcess>> {
  const notStarted = (why: string, code: FailureCode = 'dispatch_failed'): Result<never> =>
    refuse(failure(code, `The agent ${wish.name} did not start: ${why}`));
  const child = await startInCell(wish.cell, wish.program, wish.args, {
    cwd: wish.cwd,
    env: { ...wish.environment },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  }).catch((error: unknown) => notStarted(saidBy(error), machineFailed(error) ?? undefined));
  if ('ok' in child) return child;
  const { pid } = child;
  const stderr = makeTail(STDERR_BYTES);
  child.stderr.on('data', stderr.add);
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? 'none'}` : `signal ${signal}`));
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  const gone = ended.then((how): Failure => {
    signalGroup(pid, 'SIGKILL');
    wish.log('agent.exited', { name: wish.name, how, stderr: stderr.text().slice(-1_000) });
    return failure('agent_crashed', `The agent process ended (${how}).`, { how });
  });
  const ending = makeEnding(gone);
  const stop = async (): Promise<void> => {
    await endGroup(pid, ended, STOP_GRACE_MS);
    await ended;
  };
  const listeners = new Map<string, Listener>();
  const connection = client({ name: 'gastown' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      const listener = listeners.get(params.sessionId);
      return listener === undefined ? NOBODY : listener.permits.answer(params);
    })
    .onNotification(methods.client.session.update, ({ params }) => listeners.get(params.sessionId)?.onUpdate(params.update))
    .connect(ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>));
  child.stdin.on('error', (error) => wish.log('agent.stdin', { name: wish.name, reason: error.message }));
  // An agent that closed its side cannot be reached any more, whether its process lives or not.
  const unreachable = (error?: unknown): void => {
    if (error !== undefined) wish.log('agent.connection', { name: wish.name, reason: String(error) });
    signalGroup(pid, 'SIGKILL');
  };
  connection.closed.then(() => unreachable(), unreachable);
  const initialized = connection.agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: CAPABILITIES,
  });
  const ready = await within(
    LIMITS.startTimeoutMs.value,
    Promise.race([
      initialized.then(
        (value) => ({ value }),
        // A connection that closed says less than the end of the process.
        async (error: unknown) => ({ refused: connection.signal.aborted ? (await gone).message : saidBy(error) }),
      ),
      gone.then((refused) => ({ refused: refused.message })),
    ]),
  );
  if (ready === null || 'refused' in ready) {
    await stop();
    await within(LAST_WORDS_MS, closed);
    return notStarted(`${ready?.refused ?? 'no answer in time.'}${lastWords(stderr.text())}`);
  }
  wish.log('agent.started', {
    name: wish.name,
    pid,
    agent: ready.value.agentInfo?.name ?? null,
    version: ready.value.agentInfo?.version ?? null,
  });
  return ok({
    pid,
    gone,
    stop,
    async openSession(session) {
      const connected = { agent: connection.agent, closed: connection.signal, capabilities: ready.value, listeners, gone: ending };
      return openSession(connected, await withRules(wish.cell, session));
    },
  });
}

/** Why it did not start is mostly what a program says last. */
function lastWords(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? '' : ` It said: ${last.slice(0, 500)}`;
}
