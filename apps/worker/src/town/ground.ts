import type { AgentId, RunnerId } from '@gastown/protocol';
import type { Town } from '@gastown/town';
import type { Env } from '../env.ts';

/** What the modules of the TownDO's shell work on. The shell owns it; `store` is null when this object holds no town (never created, or deleted). */
export interface Ground {
  readonly env: Env;
  readonly store: () => Town | null;
  readonly now: () => number;
  readonly sockets: (role: 'runner' | 'browser') => WebSocket[];
  /** Runs in one storage transaction: all of it is kept, or nothing. */
  readonly transaction: <T>(work: () => T) => T;
  readonly memory: Memory;
}

/** The shell's own few facts, beside the core's tables. */
export interface Memory {
  townId(): string;
  setTownId(id: string): void;
  /** The process that is this runner; it stays so while its link is down for a moment. */
  instanceOf(runnerId: RunnerId): string | null;
  setInstance(runnerId: RunnerId, instance: string | null, serial?: number | null): void;
  /** Of the token with which that process came. */
  serialOf(runnerId: RunnerId): number | null;
  /** The number of the next start of the container: later than all before, also than those that a state which was put back forgot. */
  nextStart(now: number): number;
  /** The tokens of earlier starts are worthless. */
  leastStart(): number;
  setLeastStart(start: number): void;
  /** Which runner this process is; null: none any more. */
  runnerOf(instance: string): RunnerId | null;
  /** The runners whose links the town was told are up. */
  linked(): RunnerId[];
  setLinked(runnerId: RunnerId, linked: boolean): void;
  /** The agents that a runner may have sockets to, last let in last (`agent-sockets.ts`). */
  agentsOf(runnerId: RunnerId): AgentId[];
  setAgentsOf(runnerId: RunnerId, agents: readonly AgentId[]): void;
  /** How far the deletion of the agents came: the last id that is gone, '' at its begin. Null: the town is not being deleted. */
  deletion(): string | null;
  setDeletion(reached: string): void;
  /** A deleted town's object keeps this one mark, so that no late or doubled creation brings it back (DL-5). */
  deleted(): boolean;
  setDeleted(): void;
  /** How often the town broke over the report of this name; the last one alone is remembered, and they come in order. */
  triesOf(name: string): number;
  setTries(name: string, tries: number): void;
  alarmFailures(): number;
  setAlarmFailures(count: number): void;
}
