import { DurableObject } from 'cloudflare:workers';
import { z } from 'zod';
import {
  type AgentId,
  type BadLines,
  type BadLinesQuery,
  type BeadAnswer,
  type BeadEvents,
  type BeadEventsQuery,
  type BeadsPage,
  type BeadsQuery,
  type AuditReport,
  type BeadTimeline,
  type Failure,
  failure,
  type FailureCode,
  HOME_RUNNER,
  LIMITS,
  type ModelConfig,
  ok,
  type ReadyAnswer,
  refuse,
  type Result,
  type RigId,
  type RigRow,
  RunnerId,
  type RunnerSelf,
  type SpendQuery,
  type SpendSeries,
  type UnreadableSecrets,
} from '@gastown/protocol';
import { openTown, type DueEffect, type Envelope, type ExportPage, type ExportWish, type ModelPass, type Town } from '@gastown/town';
import type { Env } from '../env.ts';
import { failureOfException, logException } from '../edge/answers.ts';
import { endSocket, isOver, pageOf, sessionTag, type Page } from '../page-sessions.ts';
import { accepted, closeQuietly, closeWith, refusal } from '../sockets.ts';
import { sqlOver } from '../sql.ts';
import { randomHex } from '../secrets/bytes.ts';
import { unreadableOf } from '../secrets/unreadable.ts';
import { dropAgents, letIn } from './agent-sockets.ts';
import { examine } from './audit.ts';
import { CallsUnderWay } from './calls.ts';
import { destroyAgents } from './deletion.ts';
import { FailedCalls } from './failed-calls.ts';
import { performEffect } from './effects.ts';
import type { Ground } from './ground.ts';
import { comesByItself, Intake } from './intake.ts';
import { type BrowserAttachment, greetBrowser, publish } from './live.ts';
import {
  type RunnerAttachment,
  endOfContainer,
  endOld,
  noticeLost,
  receiveFromRunner,
  runnerBehind,
  runnerClosed,
  runnerRefused,
  sendAway,
  tellRigs,
} from './link.ts';
import { Loop } from './loop.ts';
import { memoryOver } from './memory.ts';
import type { Admission, TownRpc } from './rpc.ts';
import { startStopwatch } from './stopwatch.ts';
import { turnAmongUnheard } from './unheard.ts';

/**
 * The truth of one town: a shell around `@gastown/town` (style §1). It is the only writer of this object's storage.
 * The store is made by `create` alone; an object without one answers `town_deleted` and writes nothing (DL-5).
 */
export class TownDO extends DurableObject<Env> implements TownRpc {
  readonly #ground: Ground;
  readonly #loop: Loop;
  readonly #intake: Intake;
  readonly #sql = sqlOver(this.ctx.storage.sql);
  readonly #calls = new CallsUnderWay(this.ctx.storage.kv);
  readonly #failedCalls = new FailedCalls(this.ctx.storage.kv);
  readonly #awakeSince = Date.now();
  #town: Town | null = null;
  /** One at a time: a listing of towns and the alarm may both want to go on. */
  #deletion: Promise<boolean> | null = null;
  /** When the alarm is set to; undefined: not known since this object woke. */
  #alarmAt: number | null | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    if (hasStore(this.#sql)) this.#town = this.#openTown();
    this.#ground = {
      env,
      store: () => this.#town,
      now: () => Date.now(),
      sockets: (role) => ctx.getWebSockets(role).filter((socket) => !isOver(socket, Date.now())),
      transaction: (work) => ctx.storage.transactionSync(work),
      memory: memoryOver(ctx.storage.kv),
    };
    this.#loop = new Loop(this.#ground, {
      publish: (town) => publish(this.#ground, town),
      perform: (effect) => this.#perform(effect),
      setAlarm: (at) => this.#setAlarm(at),
      later: (work, ms) => void setTimeout(work, ms),
    });
    this.#intake = new Intake(this.#ground, this.#loop);
    this.#noticeLostRunners();
  }

  /** Migrations are all done, or none. */
  #openTown(): Town {
    return this.ctx.storage.transactionSync(() => openTown(this.#sql));
  }

  #noticeLostRunners(): void {
    if (!this.#town) return;
    try {
      noticeLost(this.#ground, this.#loop);
    } catch (error) {
      // A town that cannot take even this must still be there to be read and deleted.
      logException(error, { during: 'loss of the runner', town: this.#townId() });
    }
  }

  async create(envelope: Envelope): Promise<Result<unknown>> {
    if (envelope.command.kind !== 'town.create') return refuse(failure('unknown_command'));
    if (this.#ground.memory.deleted()) return refuse(failure('town_deleted'));
    this.#ground.memory.setTownId(envelope.command.id);
    this.#town ??= this.#openTown();
    return this.#loop.handle(envelope);
  }

  async command(envelope: Envelope): Promise<Result<unknown>> {
    const result = this.#taken(envelope);
    const { command } = envelope;
    if (command.kind === 'container.observed' && command.state !== 'running') this.ctx.waitUntil(endOfContainer(this.#ground));
    if (command.kind === 'person' && command.command.kind === 'rig.remove' && result.ok) tellRigs(this.#ground);
    return result;
  }

  /** From now on the token of a serial before this is worthless, on links that are open too. */
  async runnerToken(envelope: Envelope): Promise<Result<{ runnerId: RunnerId; serial: number }>> {
    const renewed = this.#loop.handle(envelope);
    if (!renewed.ok) return renewed;
    const token = z.object({ runnerId: RunnerId, serial: z.number().int() }).parse(renewed.value);
    await endOld(this.#ground, token.runnerId);
    return ok(token);
  }

  async removeRunner(envelope: Envelope, runnerId: RunnerId): Promise<Result<unknown>> {
    const removed = this.#loop.handle(envelope);
    if (removed.ok) await endOld(this.#ground, runnerId);
    return removed;
  }

  async runnerRefused(runnerId: RunnerId, serial: number): Promise<Failure | null> {
    return this.#town ? runnerRefused(this.#ground, runnerId, serial) : failure('town_deleted');
  }

  async runnerSelf(runnerId: RunnerId): Promise<Result<RunnerSelf>> {
    return this.#town?.runnerSelf(runnerId) ?? refuse(failure('town_deleted'));
  }

  async letRunnerIn(runnerId: RunnerId, agentId: AgentId): Promise<Failure | null> {
    if (!this.#town?.agentExists(agentId)) return failure('unknown_agent');
    if (runnerId !== HOME_RUNNER && this.#town.runnerOfAgent(agentId) !== runnerId)
      return failure('forbidden', 'This agent is not with this runner.');
    const forgotten = letIn(this.#ground, runnerId, agentId);
    if (forgotten !== null) this.ctx.waitUntil(dropAgents(this.#ground, runnerId, null, [forgotten]));
    return null;
  }

  #taken(envelope: Envelope): Result<unknown> {
    if (comesByItself(envelope)) return this.#intake.now(envelope);
    const { command } = envelope;
    if (command.kind === 'spend' && command.worked) this.#failedCalls.worked(command.runId);
    const retries = command.kind === 'person' && command.command.kind === 'quarantine.retry';
    return retries ? this.#intake.again(envelope) : this.#loop.handle(envelope);
  }

  async boot(offer: { model: ModelConfig | null; modelKeyHint: string | null; scripted: boolean }): Promise<Result<unknown>> {
    const ran = await this.env.CONTAINER.get(this.env.CONTAINER.idFromName(this.#townId())).forget();
    if (ran)
      await this.command({ key: null, actor: { kind: 'town' }, command: { kind: 'container.observed', state: 'stopped', failure: null } });
    // One that was being stopped is gone too.
    this.ctx.waitUntil(endOfContainer(this.#ground));
    return this.#loop.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'town.environment', ...offer } });
  }

  async unreadableSecrets(): Promise<Omit<UnreadableSecrets, 'town'> | null> {
    return this.#town ? unreadableOf(this.env.SEAL_KEY, this.#townId(), this.#town.sealedSecrets()) : null;
  }

  /** Each change of the town is a reason to look again: the report that names a session may still be on its way, a call before this one may end. */
  async modelPass(instance: string, sessionId: string): Promise<Result<Admission>> {
    const waited = startStopwatch(Date.now);
    for (;;) {
      const pass = this.#passNow(instance, sessionId);
      const patience = pass.ok ? LIMITS.modelHeadersMs.value : pass.failure.code === 'unknown_run' ? LIMITS.sessionKnownMs.value : 0;
      const left = patience - waited();
      if (pass.ok) {
        const ticket = pass.value.budgeted ? this.#calls.begin(pass.value.runId, randomHex(8), Date.now()) : null;
        if (ticket !== null || !pass.value.budgeted) return ok({ ...pass.value, ticket });
        if (left <= 0) return refuse(failure('overloaded', 'The call before this one is still under way, and the town has a spend limit.'));
      } else if (left <= 0) return pass;
      await this.#loop.changed.next(left);
    }
  }

  #passNow(instance: string, sessionId: string): Result<ModelPass> {
    if (!this.#town) return refuse(failure('town_deleted'));
    const runnerId = runnerBehind(this.#ground, instance);
    if (runnerId === null) return refuse(failure('model_token_invalid', 'This token belongs to a runner that is gone.'));
    return this.#town.modelPass(sessionId, runnerId);
  }

  async modelCallRefused(instance: string, sessionId: string): Promise<Failure | null> {
    const watched = startStopwatch(Date.now);
    for (let left = LIMITS.modelWatchMs.value; left > 0; left = LIMITS.modelWatchMs.value - watched()) {
      const pass = this.#passNow(instance, sessionId);
      if (!pass.ok && ENDS_CALLS.includes(pass.failure.code)) return pass.failure;
      await this.#loop.changed.next(left);
    }
    return null;
  }

  async spendSeries(query: SpendQuery): Promise<Result<SpendSeries>> {
    return this.#town ? ok(this.#town.spendSeries(query, Date.now())) : refuse(failure('town_deleted'));
  }

  async modelCallOver(ticket: string): Promise<void> {
    if (!this.#town) return;
    this.#calls.end(ticket);
    this.#loop.changed.ring();
  }

  async modelCallFailed(runId: string): Promise<boolean> {
    return this.#town !== null && this.#failedCalls.failed(runId, Date.now());
  }

  async models(instance: string): Promise<Result<ModelConfig[]>> {
    if (!this.#town) return refuse(failure('town_deleted'));
    if (runnerBehind(this.#ground, instance) === null) return refuse(failure('model_token_invalid'));
    return ok(this.#town.models());
  }

  async exportPage(wish: ExportWish): Promise<ExportPage> {
    return this.#town?.exportPage(wish, Date.now()) ?? { text: '', next: null };
  }

  async badLines(query: BadLinesQuery): Promise<BadLines> {
    return this.#town?.badLines(query) ?? { lines: [], total: 0, next: null };
  }

  async ready(order: 'newest' | 'oldest', limit: number): Promise<ReadyAnswer> {
    return this.#town?.ready(order, limit) ?? { beads: [], total: 0, nothing: null };
  }

  async beads(query: BeadsQuery): Promise<BeadsPage> {
    return this.#town?.beads(query) ?? { beads: [], total: 0, next: null };
  }

  async bead(id: string): Promise<BeadAnswer | null> {
    return this.#town?.bead(id) ?? null;
  }

  async hasRig(id: RigId): Promise<boolean> {
    return this.#town?.rigExists(id) ?? false;
  }

  async rigNamed(named: string): Promise<RigId | null> {
    return this.#town?.rigNamed(named) ?? null;
  }

  async rigNames(): Promise<string[]> {
    return this.#town?.rigNames() ?? [];
  }

  async rigs(): Promise<RigRow[]> {
    return this.#town?.rigs() ?? [];
  }

  async audit(): Promise<Result<AuditReport>> {
    if (!this.#town) return refuse(failure('town_deleted'));
    const alarmAt = await this.ctx.storage.getAlarm();
    return ok(examine(this.#ground, this.#town, this.#loop.ticks, this.#awakeSince, alarmAt));
  }

  async timeline(beadId: string): Promise<Result<BeadTimeline>> {
    const found = this.#town?.timeline(beadId);
    return found ? ok(found) : refuse(failure('unknown_bead', `There is no bead ${beadId.slice(0, 64)} in this town.`));
  }

  async beadEvents(beadId: string, query: BeadEventsQuery): Promise<BeadEvents | null> {
    return this.#town?.beadEvents(beadId, query) ?? null;
  }

  async hasAgent(agentId: AgentId): Promise<boolean> {
    return this.#town?.agentExists(agentId) ?? false;
  }

  async endSession(session: string): Promise<void> {
    for (const socket of this.ctx.getWebSockets(sessionTag(session))) endSocket(socket);
  }

  destroy(townId: string): Promise<boolean> {
    this.#deletion ??= this.#destroyOn(townId).finally(() => {
      this.#deletion = null;
    });
    return this.#deletion;
  }

  /** The order makes a crash harmless: the store, which names the agents, goes last. */
  async #destroyOn(townId: string): Promise<boolean> {
    if (this.#town && !(await this.#destroyAgents(this.#town, townId))) {
      await this.ctx.storage.setAlarm(Date.now());
      return false;
    }
    await this.env.CONTAINER.get(this.env.CONTAINER.idFromName(townId)).destroy(townId);
    this.#town = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#ground.memory.setDeleted();
    this.#alarmAt = null;
    return true;
  }

  async #destroyAgents(town: Town, townId: string): Promise<boolean> {
    const { memory } = this.#ground;
    this.#loop.handle({ key: null, actor: { kind: 'town' }, command: { kind: 'town.delete' } });
    this.#closeAll();
    if (memory.deletion() === null) memory.setDeletion('');
    // Where this turn is cut off, the alarm goes on.
    await this.ctx.storage.setAlarm(Date.now() + LIMITS.effectTimeoutMs.value);
    return destroyAgents({
      agents: town.agentIds(),
      reached: memory.deletion(),
      most: LIMITS.agentsDestroyed.value,
      destroy: (agentId) => this.env.AGENT.get(this.env.AGENT.idFromName(`${townId}/${agentId}`)).destroy(),
      reach: memory.setDeletion,
    });
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    // Looking at them closes those whose session expired.
    this.#ground.sockets('browser');
    if (this.#ground.memory.deletion() === null) this.#loop.wake();
    else await this.destroy(this.#townId());
  }

  /** Only the edge reaches this; it has authorised the caller and set the role, and of a page its session. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#town) return refusal(failure('town_deleted'));
    const { searchParams } = new URL(request.url);
    const role = searchParams.get('role');
    if (role !== 'runner' && role !== 'browser') return refusal(failure('unknown_route'));
    const { 0: client, 1: server } = new WebSocketPair();
    if (role === 'browser') this.#acceptPage(server, pageOf(searchParams));
    else {
      const holder = this.#runnerOf(searchParams);
      this.ctx.acceptWebSocket(server, [role]);
      server.serializeAttachment(holder);
    }
    return accepted(client);
  }

  #acceptPage(server: WebSocket, page: Page): void {
    this.ctx.acceptWebSocket(server, ['browser', sessionTag(page.session)]);
    server.serializeAttachment({ role: 'browser', ...page, rev: null } satisfies BrowserAttachment);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (!this.#town) return this.#closeAll();
    if (isOver(socket, Date.now())) return;
    try {
      if (this.#isRunner(socket)) await receiveFromRunner(this.#ground, this.#loop, this.#intake, this.#townId(), socket, message);
      else greetBrowser(this.#town, socket, message);
    } catch (error) {
      // The other side comes back and says again what was not answered.
      closeWith(socket, failureOfException(error, { during: 'socket message', town: this.#townId() }));
    }
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (this.#isRunner(socket) && this.#town) runnerClosed(this.#ground, this.#loop, socket);
    closeQuietly(socket, 1000, 'closed');
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    if (this.#isRunner(socket) && this.#town) runnerClosed(this.#ground, this.#loop, socket);
  }

  #runnerOf(asked: URLSearchParams): RunnerAttachment {
    const runnerId = RunnerId.parse(asked.get('runner'));
    const serial = Number(asked.get('serial'));
    return { role: 'runner', runnerId, serial, instance: null, turn: turnAmongUnheard(this.#ground, runnerId) };
  }

  #closeAll(): void {
    for (const socket of this.ctx.getWebSockets('browser')) closeWith(socket, failure('town_deleted'));
    for (const socket of this.ctx.getWebSockets('runner')) sendAway(socket, failure('town_deleted'));
  }

  #isRunner(socket: WebSocket): boolean {
    return this.ctx.getTags(socket).includes('runner');
  }

  #townId(): string {
    return this.#ground.memory.townId();
  }

  #perform(effect: DueEffect): void {
    const done = performEffect(this.#ground, this.#townId(), effect);
    if (done) this.ctx.waitUntil(done.then((outcome) => void this.#intake.now(outcome)));
  }

  #setAlarm(at: number | null): void {
    // Of a town that is being deleted the alarm belongs to the deletion.
    if (at === this.#alarmAt || this.#ground.memory.deletion() !== null) return;
    this.#alarmAt = at;
    const set = at === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at);
    this.ctx.waitUntil(set);
  }
}

/** A model that was changed does not cut a call of the one before. */
const ENDS_CALLS: readonly FailureCode[] = ['town_stopped', 'budget_spent', 'run_over', 'town_deleted', 'model_token_invalid'];

const hasStore = (sql: ReturnType<typeof sqlOver>): boolean =>
  sql.all(
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1",
  ).length > 0;
