import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { Failure, Result, Role, Usage } from '@gastown/protocol';

/** What the runner asks of an agent program, however it is spoken to. The one implementation is ACP (`acp.ts`). */
export interface AgentProcess {
  /** The process that holds the sessions, null where there is none on this machine. */
  readonly pid: number | null;
  openSession(wish: SessionWish): Promise<Result<AgentSession>>;
  /** Settles when the process has ended, for whatever reason. */
  readonly gone: Promise<Failure>;
  stop(): Promise<void>;
}

export interface SessionWish {
  readonly cwd: string;
  readonly role: Role;
  /** Address of the run's tool server. */
  readonly toolUrl: string;
  readonly resumeSessionId: string | null;
  readonly onUpdate: (update: SessionUpdate) => void;
}

export interface AgentSession {
  readonly id: string;
  readonly resumed: boolean;
  readonly model: string | null;
  /** Resolves at the end of the turn; a turn that broke is a value too. */
  prompt(text: string): Promise<TurnEnd>;
  /** Asks the agent to end its turn; the prompt then resolves. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

export interface TurnEnd {
  readonly stopReason: string;
  readonly usage: Usage | null;
  readonly failure: Failure | null;
}
