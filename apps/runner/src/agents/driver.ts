import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { Failure, PermissionCategory, PermissionDecision, Permissions, Result, Role, Usage } from '@gastown/protocol';
import type { AgentKind } from './agent-kind.ts';

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
  readonly kind: Pick<AgentKind, 'role' | 'access' | 'rulesWithRole'>;
  readonly cwd: string;
  readonly role: Role;
  readonly rolePrompt: string;
  /** Address of the run's tool server. */
  readonly toolUrl: string;
  readonly resumeSessionId: string | null;
  readonly permissions: Permissions;
  /** Asks a person. Null: nobody decides any more. Absent: nobody is there, and what would be asked is denied. */
  readonly onPermission?: (question: PermissionQuestion) => Promise<PermissionDecision | null>;
  /** The process that will hold the session, told before it is opened there: at its start, and again when it goes on in another one. */
  readonly onProcess?: (pid: number | null) => void;
  /** Awaited when the process runs that will hold the session, before it is opened there. */
  readonly beforeOpen?: () => Promise<void>;
  readonly onUpdate: (update: SessionUpdate) => void;
}

/** What an agent asks permission for, in no agent's own words. */
export interface PermissionQuestion {
  /** The agent's own id of what it asks about; the same again is the same question. */
  readonly requestId: string;
  readonly category: PermissionCategory;
  /** One line: the command, the address, the path. */
  readonly title: string;
  readonly detail: string;
  /** Aborted when the agent does not wait for it any more: its turn is over. */
  readonly signal: AbortSignal;
}

export interface AgentSession {
  readonly id: string;
  readonly resumed: boolean;
  readonly model: string | null;
  /** Resolves at the end of the turn; a turn that broke is a value too. */
  prompt(text: string): Promise<TurnEnd>;
  /** Asks the agent to end its turn; the prompt then resolves. */
  cancel(): Promise<void>;
  /** Whether the agent said that nothing of it goes on: closing ends its work, also that of a turn which was cancelled and is not answered. False: it may go on. */
  close(): Promise<boolean>;
  /** Lets go of it without a word to the agent, which does not listen. */
  abandon(): void;
}

export interface TurnEnd {
  readonly stopReason: string;
  readonly usage: Usage | null;
  readonly failure: Failure | null;
}
