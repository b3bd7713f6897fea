import { failure, ok, refuse, type Result } from '@gastown/protocol';
import type { ContainerExit } from './rpc.ts';
import type { ContainerRuntime } from './runtime.ts';

/** The platform's container beside this object. SIGTERM lets the runner drain. */
const SIGTERM = 15;

export class CloudflareRuntime implements ContainerRuntime {
  readonly #container: Container;
  readonly #onExit: (exit: ContainerExit) => Promise<void>;
  constructor(container: Container, onExit: (exit: ContainerExit) => Promise<void>) {
    this.#container = container;
    this.#onExit = onExit;
  }

  async start(environment: Record<string, string>): Promise<Result<null>> {
    if (this.#container.running) return ok(null);
    try {
      this.#container.start({ env: environment, enableInternet: true });
    } catch (cause) {
      return refuse(failure('container_failed', cause instanceof Error ? cause.message : 'The container does not start.'));
    }
    return ok(null);
  }

  /** Resolves when the container is gone; the object keeps itself awake with it. */
  async watch(): Promise<void> {
    try {
      await this.#container.monitor();
      await this.#onExit({ code: 0, signal: null });
    } catch (cause) {
      await this.#onExit({ code: exitCodeOf(cause), signal: null });
    }
  }

  async stop(): Promise<Result<null>> {
    if (this.#container.running) this.#container.signal(SIGTERM);
    return ok(null);
  }

  async kill(): Promise<void> {
    if (this.#container.running) await this.#container.destroy();
  }

  async running(): Promise<boolean> {
    return this.#container.running;
  }
}

const exitCodeOf = (cause: unknown): number | null =>
  cause instanceof Error && 'exitCode' in cause && typeof cause.exitCode === 'number' ? cause.exitCode : null;
