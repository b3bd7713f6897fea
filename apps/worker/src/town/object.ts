import { z } from 'zod';
import {
  type AgentId,
  type AuditReport,
  type Failure,
  failure,
  HOME_RUNNER,
  type ModelConfig,
  ok,
  refuse,
  type Result,
  RunnerId,
} from '@gastown/protocol';
import { openTown, type DueEffect, type Envelope, type Town } from '@gastown/town';
import type { Env } from '../env.ts';
import { logException } from '../edge/answers.ts';
import { isOver } from '../page-sessions.ts';
import { sqlOver } from '../sql.ts';
import { dropAgents, letIn } from './agent-sockets.ts';
import { Alarm } from './alarm.ts';
import { examine } from './audit.ts';
import { Deletion } from './deletion.ts';
import { performEffect } from './effects.ts';
import type { Ground } from './ground.ts';
import { comesByItself, Intake } from './intake.ts';
import { publish } from './live.ts';
import { endOfContainer, endOld, noticeLost, tellRigs } from './link.ts';
import { Loop } from './loop.ts';
import { memoryOver } from './memory.ts';
import { ModelCalls } from './model-calls.ts';
import { TownReading } from './reading.ts';
import type { Admission, TownRpc } from './rpc.ts';
import { SocketHooks } from './socket-hooks.ts';

/**
 * The truth of one town: a shell around `@gastown/town` (style §1). It is the only writer of this object's storage.
 * The store is made by `create` alone; an object without one answers `town_deleted` and writes nothing (DL-5).
 */
export class TownDO extends TownReading implements TownRpc {
  protected readonly ground: Ground;
  readonly #loop: Loop;
  readonly #intake: Intake;
  readonly #sql = sqlOver(this.ctx.storage.sql);
  readonly #sockets: SocketHooks;
  readonly #alarm: Alarm;
  readonly #deletion: Deletion;
  readonly #modelCalls: ModelCalls;
  readonly #awakeSince = Date.now();
  #town: Town | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    if (hasStore(this.#sql)) this.#town = this.#openTown();
    this.ground = {
      env,
      store: () => this.#town,
      now: () => Date.now(),
      sockets: (role) => ctx.getWebSockets(role).filter((socket) => !isOver(socket, Date.now())),
      transaction: (work) => ctx.storage.transactionSync(work),
      memory: memoryOver(ctx.storage.kv),
    };
    this.#alarm = new Alarm(ctx, this.ground.memory);
    this.#loop = new Loop(this.ground, {
      publish: (town) => publish(this.ground, town),
      perform: (effect) => this.#perform(effect),
      setAlarm: (at) => this.#alarm.set(at),
      later: (work, ms) => void setTimeout(work, ms),
    });
    this.#intake = new Intake(this.ground, this.#loop);
    this.#sockets = new SocketHooks(ctx, this.ground, this.#loop, this.#intake);
    this.#deletion = new Deletion({
      storage: ctx.storage,
      ground: this.ground,
      loop: this.#loop,
      sockets: this.#sockets,
      alarm: this.#alarm,
      forget: () => void (this.#town = null),
    });
    this.#modelCalls = new ModelCalls(this.ground, this.#loop, ctx.storage.kv);
    this.#noticeLostRunners();
  }

  /** Migrations are all done, or none. */
  #openTown(): Town {
    return this.ctx.storage.transactionSync(() => openTown(this.#sql));
  }

  #noticeLostRunners(): void {
    if (!this.#town) return;
    try {
      noticeLost(this.ground, this.#loop);
    } catch (error) {
      // A town that cannot take even this must still be there to be read and deleted.
      logException(error, { during: 'loss of the runner', town: this.#townId() });
    }
  }

  async create(envelope: Envelope): Promise<Result<unknown>> {
    if (envelope.command.kind !== 'town.create') return refuse(failure('unknown_command'));
    if (this.ground.memory.deleted()) return refuse(failure('town_deleted'));
    this.ground.memory.setTownId(envelope.command.id);
    this.#town ??= this.#openTown();
    return this.#loop.handle(envelope);
  }

  async command(envelope: Envelope): Promise<Result<unknown>> {
    const result = this.#taken(envelope);
    const { command } = envelope;
    if (command.kind === 'container.observed' && command.state !== 'running') this.ctx.waitUntil(endOfContainer(this.ground));
    if (command.kind === 'person' && command.command.kind === 'rig.remove' && result.ok) tellRigs(this.ground);
    return result;
  }

  /** From now on the token of a serial before this is worthless, on links that are open too. */
  async runnerToken(envelope: Envelope): Promise<Result<{ runnerId: RunnerId; serial: number }>> {
    const renewed = this.#loop.handle(envelope);
    if (!renewed.ok) return renewed;
    const token = z.object({ runnerId: RunnerId, serial: z.number().int() }).parse(renewed.value);
    await endOld(this.ground, token.runnerId);
    return ok(token);
  }

  async removeRunner(envelope: Envelope, runnerId: RunnerId): Promise<Result<unknown>> {
    const removed = this.#loop.handle(envelope);
    if (removed.ok) await endOld(this.ground, runnerId);
    return removed;
  }

  async letRunnerIn(runnerId: RunnerId, agentId: AgentId): Promise<Failure | null> {
    if (!this.#town?.agentExists(agentId)) return failure('unknown_agent');
    if (runnerId !== HOME_RUNNER && this.#town.runnerOfAgent(agentId) !== runnerId)
      return failure('forbidden', 'This agent is not with this runner.');
    const forgotten = letIn(this.ground, runnerId, agentId);
    if (forgotten !== null) this.ctx.waitUntil(dropAgents(this.ground, runnerId, null, [forgotten]));
    return null;
  }

  #taken(envelope: Envelope): Result<unknown> {
    if (comesByItself(envelope)) return this.#intake.now(envelope);
    const { command } = envelope;
    if (command.kind === 'spend' && command.worked) this.#modelCalls.worked(command.runId);
    const retries = command.kind === 'person' && command.command.kind === 'quarantine.retry';
    return retries ? this.#intake.again(envelope) : this.#loop.handle(envelope);
  }

  async boot(offer: { model: ModelConfig | null; modelKeyHint: string | null; scripted: boolean }): Promise<Result<unknown>> {
    const ran = await this.env.CONTAINER.get(this.env.CONTAINER.idFromName(this.#townId())).forget();
    if (ran)
      await this.command({ key: null, actor: { kind: 'town' }, command: { kind: 'container.observed', state: 'stopped', failure: null } });
    // One that was being stopped is gone too.
    this.ctx.waitUntil(endOfContainer(this.ground));
    return this.#loop.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'town.environment', ...offer } });
  }

  modelPass(instance: string, sessionId: string): Promise<Result<Admission>> {
    return this.#modelCalls.pass(instance, sessionId);
  }

  modelCallRefused(instance: string, sessionId: string): Promise<Failure | null> {
    return this.#modelCalls.refused(instance, sessionId);
  }

  async modelCallOver(ticket: string): Promise<void> {
    this.#modelCalls.over(ticket);
  }

  async modelCallFailed(runId: string): Promise<boolean> {
    return this.#modelCalls.failed(runId);
  }

  async models(instance: string): Promise<Result<ModelConfig[]>> {
    return this.#modelCalls.models(instance);
  }

  async audit(): Promise<Result<AuditReport>> {
    if (!this.#town) return refuse(failure('town_deleted'));
    const alarmAt = await this.ctx.storage.getAlarm();
    return ok(examine(this.ground, this.#town, this.#loop.ticks, this.#awakeSince, alarmAt));
  }

  async endSession(session: string): Promise<void> {
    this.#sockets.endSession(session);
  }

  destroy(townId: string): Promise<boolean> {
    return this.#deletion.goOn(townId);
  }

  override async alarm(): Promise<void> {
    this.#alarm.isOver();
    // Looking at them closes those whose session expired.
    this.ground.sockets('browser');
    if (this.ground.memory.deletion() === null) this.#loop.wake();
    else await this.destroy(this.#townId());
  }

  override async fetch(request: Request): Promise<Response> {
    return this.#sockets.accept(request);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#sockets.heard(socket, message);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#sockets.closed(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#sockets.broke(socket);
  }

  #townId(): string {
    return this.ground.memory.townId();
  }

  #perform(effect: DueEffect): void {
    const done = performEffect(this.ground, this.#townId(), effect);
    if (done) this.ctx.waitUntil(done.then((outcome) => void this.#intake.now(outcome)));
  }
}

const hasStore = (sql: ReturnType<typeof sqlOver>): boolean =>
  sql.all(
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1",
  ).length > 0;
