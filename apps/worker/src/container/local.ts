import { failure, LIMITS, ok, refuse, type Result } from '@gastown/protocol';
import { z } from 'zod';
import type { ContainerRuntime } from './runtime.ts';

/** The launcher's container host (contracts, HOST_URL): the runner is a child process of the launcher. */
const Status = z.object({ state: z.string() });

export class LocalRuntime implements ContainerRuntime {
  readonly #url: string;
  readonly #key: string;
  constructor(hostUrl: string, hostKey: string, townId: string) {
    this.#url = new URL(`/containers/${townId}`, hostUrl).href;
    this.#key = hostKey;
  }

  async start(environment: Record<string, string>): Promise<Result<null>> {
    return nothing(await this.#call('PUT', { env: environment }));
  }

  async stop(): Promise<Result<null>> {
    return nothing(await this.#call('DELETE'));
  }

  /** The launcher kills what does not end. */
  async kill(): Promise<void> {}

  async running(): Promise<boolean> {
    const answered = await this.#call('GET');
    if (!answered.ok) throw new Error(answered.failure.message);
    return Status.parse(JSON.parse(answered.value)).state === 'running';
  }

  async #call(method: string, body?: unknown): Promise<Result<string>> {
    try {
      const response = await fetch(this.#url, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
        headers: { 'x-host-key': this.#key, 'content-type': 'application/json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(LIMITS.containerCallMs.value),
      });
      const text = await response.text();
      return response.ok
        ? ok(text)
        : refuse(failure('container_failed', `The container host answered ${response.status}: ${text.slice(0, 300)}`));
    } catch (cause) {
      return refuse(
        failure('container_failed', `The container host does not answer: ${cause instanceof Error ? cause.message : 'unknown reason'}.`),
      );
    }
  }
}

const nothing = (result: Result<string>): Result<null> => (result.ok ? ok(null) : result);
