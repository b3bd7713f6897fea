import type { Agent } from '../agents/store.ts';
import type { TownCommand } from '../api.ts';
import type { Run } from '../runs/store.ts';

export type ToolCommand = Extract<TownCommand, { kind: 'tool' }>;

/** Who calls a tool: a live run and its agent, and what the runner saw with its own eyes. */
export interface Caller {
  readonly run: Run;
  readonly agent: Agent;
  readonly evidence: ToolCommand['evidence'];
}
