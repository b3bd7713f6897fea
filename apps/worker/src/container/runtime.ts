import type { Result } from '@gastown/protocol';

/** What starts and stops a town's runner: the platform's container, or the launcher on this machine. */
export interface ContainerRuntime {
  /** Starting a running container changes nothing. */
  start(environment: Record<string, string>): Promise<Result<null>>;
  stop(): Promise<Result<null>>;
  /** Of one that does not end though it was asked to. Where the machine sees to that itself, nothing. */
  kill(): Promise<void>;
  running(): Promise<boolean>;
}
