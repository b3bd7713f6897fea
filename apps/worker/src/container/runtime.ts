import type { Result } from '@gastown/protocol';

/** What starts and stops a town's runner: the platform's container, or the launcher on this machine. */
export interface ContainerRuntime {
  /** Starting a running container changes nothing. */
  start(environment: Record<string, string>): Promise<Result<null>>;
  stop(): Promise<Result<null>>;
  running(): Promise<boolean>;
}
