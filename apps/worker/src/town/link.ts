import {
  failure,
  FromRunner,
  HOME_RUNNER,
  LIMITS,
  nextStep,
  RunnerId,
  ToolAnswer,
  type Failure,
  type Result,
  type ToRunner,
} from '@gastown/protocol';
import { z } from 'zod';
import { unseal } from '../secrets/seal.ts';
import { doorToken } from '../secrets/tokens.ts';
import { closeQuietly, closeWith, parseFrame, trySend } from '../sockets.ts';
import { dropAgents } from './agent-sockets.ts';
import type { Ground } from './ground.ts';
import type { Intake } from './intake.ts';
import type { Loop } from './loop.ts';

/**
 * The links to the runners, one each. Of each runner the last process that said hello is the one; an older one is sent away. Secrets are opened here, at the moment of use, and nowhere kept.
 * `serial`: of the token that opened it. A socket of an earlier version is the container's. `turn`: who waits longer to say hello has the smaller one.
 */
export const RunnerAttachment = z.object({
  role: z.literal('runner'),
  runnerId: RunnerId.default(HOME_RUNNER),
  serial: z.number().int().nullable().default(null),
  instance: z.string().nullable(),
  turn: z.number().int().default(0),
});
export type RunnerAttachment = z.infer<typeof RunnerAttachment>;
type Hello = Extract<FromRunner, { t: 'hello' }>;
type Frame<T extends FromRunner['t']> = Extract<FromRunner, { t: T }>;

/** The runner takes frames of this size as well: evidence and gate outputs are long. */
const RUNNER_FRAME = LIMITS.frameBytes.value * 4;

/** The process behind a link. */
interface Process {
  readonly runnerId: RunnerId;
  readonly instance: string;
}
export const holderOf = (socket: WebSocket): RunnerAttachment => RunnerAttachment.parse(socket.deserializeAttachment());
const socketsOf = (ground: Ground, runnerId: RunnerId): WebSocket[] =>
  ground.sockets('runner').filter((socket) => holderOf(socket).runnerId === runnerId);
const actorOf = ({ instance }: Process) => ({ kind: 'runner', instance }) as const;
/** For keys. The container's is without its runner, as it was before there were machines: what was said then may be said again. */
const nameOf = ({ runnerId, instance }: Process): string => (runnerId === HOME_RUNNER ? instance : `${runnerId}:${instance}`);
const say = (socket: WebSocket, frame: ToRunner): boolean => trySend(socket, JSON.stringify(frame));

/** The open socket of a runner. */
export const runnerSocket = (ground: Ground, runnerId: RunnerId): WebSocket | undefined => {
  const current = ground.memory.instanceOf(runnerId);
  return current === null
    ? undefined
    : socketsOf(ground, runnerId).find((socket) => socket.readyState === WebSocket.OPEN && holderOf(socket).instance === current);
};

/** Whose the door tokens of this process are; null: nobody's who may still use them. */
export function runnerBehind(ground: Ground, instance: string): RunnerId | null {
  const { memory } = ground;
  const runnerId = memory.runnerOf(instance);
  return runnerId === null || runnerRefused(ground, runnerId, memory.serialOf(runnerId)) ? null : runnerId;
}

/** Who comes with it holds what an ended runner left behind. */
const OLD_START = failure(
  'runner_token_refused',
  'This token is of an earlier start of the town’s container, and worthless.',
  undefined,
  'End what uses it; the town starts the runner of its container itself.',
);

/** An older token of this runner is good no more; null: none is, it was removed. */
function leastSerial({ store, memory }: Ground, runnerId: RunnerId): number | null {
  const known = store()?.runnerSerial(runnerId) ?? null;
  return known !== null && runnerId === HOME_RUNNER ? memory.leastStart() : known;
}

/** Is this still a token of this town? Null: yes. */
export function runnerRefused(ground: Ground, runnerId: RunnerId, serial: number | null): Failure | null {
  const least = leastSerial(ground, runnerId);
  if (least === null) return failure('unknown_runner', 'This runner was removed from the town.');
  if (runnerId === HOME_RUNNER) return (serial ?? 0) < least ? OLD_START : null;
  if (serial !== least) return failure('runner_token_refused', 'This runner has a newer token; the one used here is worthless.');
  return null;
}

/**
 * It ended: the token that its runner came with opens nothing any more, and who else came with it is sent away (I15). The token of a start whose runner never said hello is
 * left: which start ended is not told, and the next may be on its way.
 */
export async function endOfContainer(ground: Ground): Promise<void> {
  const { memory } = ground;
  if (memory.instanceOf(HOME_RUNNER) === null) return;
  memory.setLeastStart((memory.serialOf(HOME_RUNNER) ?? 0) + 1);
  memory.setInstance(HOME_RUNNER, null);
  await endOld(ground, HOME_RUNNER);
}

/** Whoever holds a token of this runner that is good no more is sent away, and has no socket to an agent. */
export function endOld(ground: Ground, runnerId: RunnerId): Promise<void> {
  sendAwayOld(ground, runnerId);
  return dropAgents(ground, runnerId, leastSerial(ground, runnerId));
}

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
  const { runnerId, instance, serial } = holderOf(socket);
  // One that was sent away is heard until it closes its side too.
  const refused = runnerRefused(ground, runnerId, serial);
  if (refused) return sendAway(socket, refused);
  if (instance === null || instance !== ground.memory.instanceOf(runnerId)) return sendAway(socket, REPLACED);
  const from = { runnerId, instance };
  switch (frame.t) {
    case 'report':
      return report(intake, socket, from, frame);
    case 'call':
      return call(intake, socket, from, frame);
    case 'credential':
      return giveCredential(ground, townId, socket, from, frame);
    case 'door':
      say(socket, { t: 'door', askId: frame.askId, token: await doorToken(ground.env.SEAL_KEY, { townId, instance, pool: frame.pool }) });
  }
}

const REPLACED = failure(
  'stale_generation',
  'Another process is this runner now, or this one did not say hello.',
  undefined,
  'Let one of them run only: another machine needs a runner of its own, added in Settings › Runners.',
);

/** Door tokens name the process alone, so it may be one runner's only. */
const TAKEN = failure('stale_generation', 'Another runner of this town is this process.', undefined, 'Start this runner again.');

/** Each may name hundreds of runs, and costs as much as all that the runner has. */
const TWICE = failure('invalid_input', 't: hello comes once, at the beginning of a connection');

async function greetRunner(ground: Ground, loop: Loop, socket: WebSocket, hello: Hello): Promise<void> {
  const { instance } = hello;
  const holder = holderOf(socket);
  const { runnerId } = holder;
  const refused = runnerRefused(ground, runnerId, holder.serial);
  if (refused) return sendAway(socket, refused);
  if (holder.instance !== null) return closeWith(socket, TWICE);
  if ((ground.memory.runnerOf(instance) ?? runnerId) !== runnerId) return sendAway(socket, TAKEN);
  for (const other of socketsOf(ground, runnerId)) if (other !== socket && !isLater(other, holder)) replace(other, instance);
  socket.serializeAttachment({ ...holder, instance } satisfies RunnerAttachment);
  ground.memory.setInstance(runnerId, instance, holder.serial);
  const isLaterStart = runnerId === HOME_RUNNER && (holder.serial ?? 0) > ground.memory.leastStart();
  if (isLaterStart) ground.memory.setLeastStart(holder.serial ?? 0);
  ground.memory.setLinked(runnerId, true);
  const from = { runnerId, instance };
  const greeted = loop.handle(
    { key: null, actor: actorOf(from), command: { kind: 'runner.hello', runnerId, hello } },
    { beforeEffects: () => welcome(ground, socket, from) },
  );
  if (!greeted.ok) sendAway(socket, greeted.failure);
  if (isLaterStart) await dropAgents(ground, runnerId, leastSerial(ground, runnerId));
}

/** Before any effect: the runner learns first what of its reports is committed. */
function welcome(ground: Ground, socket: WebSocket, { runnerId, instance }: Process): void {
  const store = ground.store();
  say(socket, { t: 'welcome', seq: store?.runnerSeq(runnerId, instance) ?? 0, ...(store && { rigs: store.rigIds() }) });
}

/** A rig was removed: what is kept of it goes now, not at the next welcome. */
export function tellRigs(ground: Ground): void {
  const rigs = ground.store()?.rigIds();
  if (rigs === undefined) return;
  for (const runnerId of new Set(ground.sockets('runner').map((socket) => holderOf(socket).runnerId))) {
    const socket = runnerSocket(ground, runnerId);
    if (socket) say(socket, { t: 'rigs', rigs });
  }
}

/** Of a later start of the container, and yet to say hello: one that is about to end does not drive it out. */
const isLater = (other: WebSocket, than: RunnerAttachment): boolean => (holderOf(other).serial ?? 0) > (than.serial ?? 0);

/** The same runner on a new connection must not be told to exit; another runner must. */
function replace(older: WebSocket, by: string): void {
  if (holderOf(older).instance === by) closeQuietly(older, 1000, 'replaced by a newer connection');
  else sendAway(older, REPLACED);
}

export function sendAway(socket: WebSocket, reason: Failure): void {
  say(socket, { t: 'bye', failure: { ...reason, next: nextStep(reason) } });
  closeWith(socket, reason);
}

/** Who holds a token of this runner that is good no more is sent away; a runner that was removed is forgotten. */
function sendAwayOld(ground: Ground, runnerId: RunnerId): void {
  for (const socket of socketsOf(ground, runnerId)) {
    const refused = runnerRefused(ground, runnerId, holderOf(socket).serial);
    if (refused) sendAway(socket, refused);
  }
  if ((ground.store()?.runnerSerial(runnerId) ?? null) === null) ground.memory.setInstance(runnerId, null);
}

/** What the town cannot take in order (a number is missing) is not acknowledged: the runner comes back, learns what is committed, and sends from there. */
function report(intake: Intake, socket: WebSocket, from: Process, { seq, report: said }: Frame<'report'>): void {
  const command = { kind: 'runner.report', ...from, seq, report: said } as const;
  const taken = intake.report(`${nameOf(from)}#${seq}`, { key: null, actor: actorOf(from), command });
  if (taken.ok) say(socket, { t: 'ack', seq });
  else closeWith(socket, taken.failure);
}

/** An agent that waits for its answer gets one, also when the town breaks over its question. */
function call(intake: Intake, socket: WebSocket, from: Process, frame: Frame<'call'>): void {
  const { callId, runId, generation, tool, args, evidence } = frame;
  const command = { kind: 'tool', runnerId: from.runnerId, runId, generation, tool, args, evidence } as const;
  const result = intake.now({ key: `call:${nameOf(from)}:${callId}`, actor: actorOf(from), command });
  say(socket, { t: 'answer', callId, result: toolResult(result) });
}

const toolResult = (result: Result<unknown>): Extract<ToRunner, { t: 'answer' }>['result'] =>
  result.ok ? { ok: true, value: ToolAnswer.parse(result.value) } : { ok: false, failure: result.failure };

async function giveCredential(
  { env, store }: Ground,
  townId: string,
  socket: WebSocket,
  { runnerId }: Process,
  { askId, rigId }: Frame<'credential'>,
): Promise<void> {
  const mayUse = store()?.runnerMayUse(runnerId, rigId) ?? false;
  const sealed = mayUse ? (store()?.sealedRigToken(rigId) ?? null) : null;
  say(socket, { t: 'credential', askId, token: sealed && (await unseal(env.SEAL_KEY, townId, 'rig-token', sealed)) });
}

/** The socket is gone. While the same process holds another one, nothing is lost. */
export function runnerClosed(ground: Ground, loop: Loop, socket: WebSocket): void {
  const { runnerId, instance } = holderOf(socket);
  if (instance === null || instance !== ground.memory.instanceOf(runnerId)) return;
  const elsewhere = socketsOf(ground, runnerId).some(
    (other) => other !== socket && other.readyState === WebSocket.OPEN && holderOf(other).instance === instance,
  );
  if (!elsewhere) runnerGone(ground, loop, { runnerId, instance });
}

/** A crash of the machine ends sockets without a word: whoever held a link is told as gone when the town wakes. */
export function noticeLost(ground: Ground, loop: Loop): void {
  for (const runnerId of ground.memory.linked()) {
    const instance = ground.memory.instanceOf(runnerId);
    if (instance !== null && !runnerSocket(ground, runnerId)) runnerGone(ground, loop, { runnerId, instance });
  }
}

function runnerGone(ground: Ground, loop: Loop, from: Process): void {
  // Refused only by a town that is being deleted, or of a runner that was removed: nothing is left to lose. A town that breaks is told when it wakes next.
  loop.handle({ key: null, actor: actorOf(from), command: { kind: 'runner.gone', ...from } });
  ground.memory.setLinked(from.runnerId, false);
}
