import { HOME_RUNNER, failure, FromRunner, LIMITS, ToolAnswer, type Failure, type Result, type ToRunner } from '@gastown/protocol';
import { z } from 'zod';
import { unseal } from '../secrets/seal.ts';
import { doorToken } from '../secrets/tokens.ts';
import { closeQuietly, closeWith, parseFrame, trySend } from '../sockets.ts';
import type { Ground } from './ground.ts';
import type { Intake } from './intake.ts';
import type { Loop } from './loop.ts';

/**
 * The link to the runner. The last runner that said hello is the town's; an older one is sent away. Secrets are opened here, at the moment of use, and nowhere kept.
 */
export const RunnerAttachment = z.object({ role: z.literal('runner'), instance: z.string().nullable() });
export type RunnerAttachment = z.infer<typeof RunnerAttachment>;
type Hello = Extract<FromRunner, { t: 'hello' }>;
type Frame<T extends FromRunner['t']> = Extract<FromRunner, { t: T }>;

/** The runner takes frames of this size as well: evidence and gate outputs are long. */
const RUNNER_FRAME = LIMITS.frameBytes.value * 4;

const instanceOf = (socket: WebSocket): string | null => RunnerAttachment.parse(socket.deserializeAttachment()).instance;
const say = (socket: WebSocket, frame: ToRunner): boolean => trySend(socket, JSON.stringify(frame));

/** The open socket of the town's runner. */
export const runnerSocket = (ground: Ground): WebSocket | undefined => {
  const current = ground.memory.runner();
  return current === null
    ? undefined
    : ground.sockets('runner').find((socket) => socket.readyState === WebSocket.OPEN && instanceOf(socket) === current);
};

export async function receiveFromRunner(
  ground: Ground,
  loop: Loop,
  intake: Intake,
  townId: string,
  socket: WebSocket,
  message: string | ArrayBuffer,
): Promise<void> {
  const parsed = parseFrame(FromRunner, message, RUNNER_FRAME);
  if (!parsed.ok) return closeWith(socket, parsed.failure);
  const frame = parsed.value;
  if (frame.t === 'hello') return greetRunner(ground, loop, socket, frame);
  const instance = instanceOf(socket);
  if (instance === null || instance !== ground.memory.runner())
    return sendAway(socket, failure('stale_generation', 'Another runner serves this town now, or this one did not say hello.'));
  switch (frame.t) {
    case 'report':
      return report(intake, socket, instance, frame);
    case 'call':
      return call(intake, socket, instance, frame);
    case 'credential':
      return giveCredential(ground, townId, socket, frame);
    case 'door':
      say(socket, { t: 'door', askId: frame.askId, token: await doorToken(ground.env.SEAL_KEY, { townId, instance, pool: frame.pool }) });
  }
}

function greetRunner(ground: Ground, loop: Loop, socket: WebSocket, hello: Hello): void {
  const { instance } = hello;
  for (const older of ground.sockets('runner')) if (older !== socket) replace(older, instance);
  socket.serializeAttachment({ role: 'runner', instance } satisfies RunnerAttachment);
  ground.memory.setRunner(instance);
  ground.memory.setLinked(true);
  const greeted = loop.handle(
    { key: null, actor: { kind: 'runner', instance }, command: { kind: 'runner.hello', runnerId: HOME_RUNNER, hello } },
    { beforeEffects: () => welcome(ground, socket, instance) },
  );
  if (!greeted.ok) sendAway(socket, greeted.failure);
}

/** Before any effect: the runner learns first what of its reports is committed. */
function welcome(ground: Ground, socket: WebSocket, instance: string): void {
  say(socket, { t: 'welcome', seq: ground.store()?.runnerSeq(HOME_RUNNER, instance) ?? 0 });
}

/** The same runner on a new connection must not be told to exit; another runner must. */
function replace(older: WebSocket, by: string): void {
  if (instanceOf(older) === by) closeQuietly(older, 1000, 'replaced by a newer connection');
  else sendAway(older, failure('stale_generation', 'Another runner serves this town now.'));
}

export function sendAway(socket: WebSocket, reason: Failure): void {
  say(socket, { t: 'bye', failure: reason });
  closeWith(socket, reason);
}

/** What the town cannot take in order (a number is missing) is not acknowledged: the runner comes back, learns what is committed, and sends from there. */
function report(intake: Intake, socket: WebSocket, instance: string, { seq, report: said }: Frame<'report'>): void {
  const command = { kind: 'runner.report', runnerId: HOME_RUNNER, instance, seq, report: said } as const;
  const taken = intake.report(`${instance}#${seq}`, { key: null, actor: { kind: 'runner', instance }, command });
  if (taken.ok) say(socket, { t: 'ack', seq });
  else closeWith(socket, taken.failure);
}

/** An agent that waits for its answer gets one, also when the town breaks over its question. */
function call(intake: Intake, socket: WebSocket, instance: string, frame: Frame<'call'>): void {
  const { callId, runId, generation, tool, args, evidence } = frame;
  const command = { kind: 'tool', runnerId: HOME_RUNNER, runId, generation, tool, args, evidence } as const;
  const result = intake.now({ key: `call:${instance}:${callId}`, actor: { kind: 'runner', instance }, command });
  say(socket, { t: 'answer', callId, result: toolResult(result) });
}

const toolResult = (result: Result<unknown>): Extract<ToRunner, { t: 'answer' }>['result'] =>
  result.ok ? { ok: true, value: ToolAnswer.parse(result.value) } : { ok: false, failure: result.failure };

async function giveCredential(
  { env, store }: Ground,
  townId: string,
  socket: WebSocket,
  { askId, rigId }: Frame<'credential'>,
): Promise<void> {
  const sealed = store()?.sealedRigToken(rigId) ?? null;
  say(socket, { t: 'credential', askId, token: sealed && (await unseal(env.SEAL_KEY, townId, 'rig-token', sealed)) });
}

/** The socket is gone. While the same runner holds another one, nothing is lost. */
export function runnerClosed(ground: Ground, loop: Loop, socket: WebSocket): void {
  const instance = instanceOf(socket);
  if (instance === null || instance !== ground.memory.runner()) return;
  const elsewhere = ground
    .sockets('runner')
    .some((other) => other !== socket && other.readyState === WebSocket.OPEN && instanceOf(other) === instance);
  if (!elsewhere) runnerGone(ground, loop, instance);
}

export function runnerGone(ground: Ground, loop: Loop, instance: string): void {
  // Refused only by a town that is being deleted: it has nothing left to lose. One that breaks is told when it wakes next.
  loop.handle({ key: null, actor: { kind: 'runner', instance }, command: { kind: 'runner.gone', runnerId: HOME_RUNNER, instance } });
  ground.memory.setLinked(false);
}
