import { DurableObject } from 'cloudflare:workers';
import { failure, refuse, type Failure, type Result } from '@gastown/protocol';
import type { Env } from '../env.ts';
import { runnerToken } from '../secrets/tokens.ts';
import { CloudflareRuntime } from './cloudflare.ts';
import { LocalRuntime } from './local.ts';
import type { ContainerExit, ContainerRpc } from './rpc.ts';
import type { ContainerRuntime } from './runtime.ts';

/**
 * Lifecycle of one town's container (D9). Owns one fact, `wanted`: `running` from a start until a stop or an exit.
 * A crash between a start and its note leaves a running container that the next start finds (starting is idempotent).
 */
type Wanted = 'running' | 'stopped';
/** The town asks for a stop when nothing works there, or what is there does not answer: turns need no long grace. */
const KILL_MS = 30_000;

export class TownContainerDO extends DurableObject<Env> implements ContainerRpc {
  /** Starts and stops go one after the other: a stop or an end never overtakes a start that is under way. */
  #turn: Promise<unknown> = Promise.resolve();
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  start(townId: string, start: number): Promise<Result<null>> {
    return this.#inTurn(() => this.#start(townId, start));
  }
  stop(townId: string): Promise<Result<null>> {
    return this.#inTurn(() => this.#stop(townId));
  }
  destroy(townId: string): Promise<void> {
    return this.#inTurn(() => this.#destroy(townId));
  }

  async #start(townId: string, start: number): Promise<Result<null>> {
    if (this.ctx.storage.kv.get<boolean>('destroyed')) return refuse(failure('town_deleted'));
    const runtime = this.#runtime(townId);
    // The one before was asked to end, and the town goes on without it.
    if (this.#wanted() === 'stopped') await runtime.kill();
    const started = await runtime.start(await this.#environment(townId, start));
    if (started.ok) this.#want('running');
    return started;
  }

  async #stop(townId: string): Promise<Result<null>> {
    this.#want('stopped');
    this.ctx.storage.kv.put('town', townId);
    if (this.ctx.container) await this.ctx.storage.setAlarm(Date.now() + KILL_MS);
    return this.#runtime(townId).stop();
  }

  /** It was asked to end and had its time. */
  override alarm(): Promise<void> {
    return this.#inTurn(async () => {
      const townId = this.ctx.storage.kv.get<string>('town');
      if (townId !== undefined && this.#wanted() === 'stopped') await this.#runtime(townId).kill();
    });
  }

  async status(townId: string): Promise<{ state: 'stopped' | 'running' }> {
    return { state: (await this.#runtime(townId).running()) ? 'running' : 'stopped' };
  }

  async exited(townId: string, exit: ContainerExit): Promise<void> {
    const { kv } = this.ctx.storage;
    const why = this.#wanted() === 'running' ? failureOf(exit) : (kv.get<Failure>('untold') ?? null);
    this.#want('stopped');
    // Kept until the town has heard of it: who reports the exit does so again when this breaks.
    if (why) kv.put('untold', why);
    const command = { kind: 'container.observed', state: 'stopped', failure: why } as const;
    await this.env.TOWN.get(this.env.TOWN.idFromName(townId)).command({ key: null, actor: { kind: 'town' }, command });
    kv.delete('untold');
  }

  async forget(): Promise<boolean> {
    const ran = this.#wanted() === 'running';
    if (ran) this.#want('stopped');
    return ran;
  }

  /** Only the mark stays: a late start finds it and starts nothing (I14). */
  async #destroy(townId: string): Promise<void> {
    if (this.ctx.storage.kv.get('wanted') !== undefined) {
      const stopped = await this.#stop(townId);
      if (!stopped.ok) throw new Error(stopped.failure.message);
      await this.#runtime(townId).kill();
    }
    await this.ctx.storage.deleteAll();
    this.ctx.storage.kv.put('destroyed', true);
  }

  #wanted(): Wanted {
    return this.ctx.storage.kv.get<Wanted>('wanted') ?? 'stopped';
  }

  #want(state: Wanted): void {
    this.ctx.storage.kv.put('wanted', state);
  }

  #runtime(townId: string): ContainerRuntime {
    if (!this.ctx.container) return new LocalRuntime(this.env.HOST_URL, this.env.HOST_KEY, townId);
    const runtime = new CloudflareRuntime(this.ctx.container, (exit) => this.exited(townId, exit));
    return {
      start: (environment) => this.#watched(runtime, environment),
      stop: () => runtime.stop(),
      kill: () => runtime.kill(),
      running: () => runtime.running(),
    };
  }

  async #watched(runtime: CloudflareRuntime, environment: Record<string, string>): Promise<Result<null>> {
    const ran = await runtime.running();
    const started = await runtime.start(environment);
    if (started.ok && !ran) this.ctx.waitUntil(runtime.watch());
    return started;
  }

  /** What the container host adds is its own: folder, PATH, HOME, LANG. No key of a provider or a repository (contracts). */
  async #environment(townId: string, start: number): Promise<Record<string, string>> {
    const token = await runnerToken(this.env.SEAL_KEY, townId, start);
    return { GASTOWN_URL: this.env.PUBLIC_URL, GASTOWN_TOWN: townId, GASTOWN_RUNNER_TOKEN: token };
  }
}

function failureOf({ code, signal }: ContainerExit): Failure | null {
  if (code === 0) return null;
  return failure('runner_lost', `The runner ended with ${signal ?? `exit code ${code ?? 'unknown'}`}.`, { code, signal });
}
