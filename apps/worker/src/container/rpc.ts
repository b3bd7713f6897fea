import type { Result } from '@gastown/protocol';

export interface ContainerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Lifecycle of one town's container and nothing else (CT). */
export interface ContainerRpc {
  /** `start`: its number, for the token of the runner. A container that runs keeps the token that it has. */
  start(townId: string, start: number): Promise<Result<null>>;
  stop(townId: string): Promise<Result<null>>;
  status(townId: string): Promise<{ state: 'stopped' | 'running' }>;
  exited(townId: string, exit: ContainerExit): Promise<void>;
  /** The machine under it started anew: whatever ran is gone. True when something ran. */
  forget(): Promise<boolean>;
  destroy(townId: string): Promise<void>;
}
