import type { AgentId, Failure, Report, RunId, TerminalKind } from '@gastown/protocol';
import type { InstalledAgent } from '../agents/installed.ts';
import type { Pool } from '../agents/pool.ts';
import type { AgentStream } from '../agents/stream.ts';
import type { Conversations } from '../conversations/conversations.ts';
import type { Link } from '../link/link.ts';
import type { ToolServer } from '../mcp/server.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { Leftovers } from './leftovers.ts';
import type { Phases } from './phases.ts';
import type { PlaceSurroundings } from './place.ts';
import type { Saver } from './save.ts';

/** What runs are made of, and what they talk to. */
export interface RunsSurroundings extends PlaceSurroundings {
  readonly installed: readonly InstalledAgent[];
  readonly pool: Pool;
  readonly tools: ToolServer;
  /** The token of a pool at the model door. */
  readonly askDoor: (pool: string) => Promise<string>;
  readonly link: () => Link;
  readonly openStream: (agentId: AgentId, runId: RunId, onTerminalWanted: (kind: TerminalKind) => void) => AgentStream;
  readonly terminals: Terminals;
  readonly conversations: Conversations;
  readonly leftovers: Pick<Leftovers, 'of'>;
  readonly silenceMs: number;
  readonly now: () => number;
  readonly path: string;
  readonly lang: string;
  readonly redact: (text: string) => string;
}

/** Who has a run among the others. */
export interface Holder {
  readonly say: (report: Report) => void;
  readonly saver: Saver | null;
  /** The town knows that the run is over. */
  readonly forget: () => void;
  readonly clear: () => Promise<void>;
  readonly onAsk: () => void;
  readonly onTurnEnd: () => void;
  readonly onLost: (lost: Failure) => void;
  readonly phases: Phases;
}
