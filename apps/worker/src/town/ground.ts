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
  /** The runner that is this town's; it stays so while its link is down for a moment. */
  runner(): string | null;
  setRunner(instance: string | null): void;
  /** Whether the town was told that this runner's link is up. */
  linked(): boolean;
  setLinked(linked: boolean): void;
  /** A deleted town's object keeps this one mark, so that no late or doubled creation brings it back (DL-5). */
  deleted(): boolean;
  setDeleted(): void;
  /** How often the town broke over the report of this name; the last one alone is remembered, and they come in order. */
  triesOf(name: string): number;
  setTries(name: string, tries: number): void;
  alarmFailures(): number;
  setAlarmFailures(count: number): void;
}
