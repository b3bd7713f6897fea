import type { Audit } from './audit/report.ts';
import type { Preview } from './audit/preview.ts';
import type { Counted } from './counters.ts';
import type {
  AgentId,
  BadLines,
  BadLinesQuery,
  BeadAnswer,
  BeadEvents,
  BeadEventsQuery,
  BeadsPage,
  BeadsQuery,
  BeadTimeline,
  Delta,
  DoneEvidence,
  EffectId,
  Failure,
  FromRunner,
  Outcome,
  PersonCommand,
  ReadyAnswer,
  Report,
  Result,
  RunId,
  RunnerEffect,
  RunnerId,
  RunnerSelf,
  Snapshot,
  SpendQuery,
  SpendSeries,
  ToolName,
  Usage,
  Generation,
  ModelConfig,
  ModelTrouble,
  RigId,
  RigRow,
} from '@gastown/protocol';
import type { ExportPage, ExportWish } from './exchange/export.ts';

/**
 * The border of the core (architecture §3). Everything here is synchronous; time, ids and SQL come in; the shell performs effects and brings their
 * outcomes back as commands.
 */

/** One SQLite database. `all` reads every row; `run` writes and returns the number of rows written. Parameters are positional (`?`), at most 100. */
export interface Sql {
  all(statement: string, ...parameters: SqlValue[]): Record<string, SqlValue>[];
  run(statement: string, ...parameters: SqlValue[]): number;
  /** A row could not be read and was skipped (DM-15): to be logged and looked at. The message holds no value of the row. */
  unreadable?(finding: string): void;
  /** Where answers are remembered: the same store, which keeps none. For what is large and asked once. */
  readonly unremembered?: Sql;
}
export type SqlValue = string | number | null | ArrayBuffer | Uint8Array;

/** What the core may not make itself. `random(bytes)` returns that many bytes as lower-case hex. `now` is epoch ms of the town's clock. */
export interface Moment {
  readonly now: number;
  random(bytes: number): string;
}

/** Who acts: shown in the ledger and the feed. */
export type Actor =
  | { kind: 'person'; id: string; name: string }
  | { kind: 'agent'; id: AgentId }
  | { kind: 'runner'; instance: string }
  | { kind: 'town' };

/** Secrets reach the core sealed; `hint` is the last four characters. */
export interface SealedSecret {
  readonly sealed: string;
  readonly hint: string;
}

/** Anything that happens to a town. `key` makes it idempotent: the same key again returns the first result and changes nothing. */
export type TownCommand =
  | {
      kind: 'town.create';
      id: string;
      name: string;
      epoch: string;
      gitName: string;
      gitEmail: string;
      model: ModelConfig | null;
      modelKeyHint: string | null;
      scripted: boolean;
      agentKind: string;
    }
  /** The launcher started anew: what the environment offers may have changed. */
  | { kind: 'town.environment'; model: ModelConfig | null; modelKeyHint: string | null; scripted: boolean }
  | { kind: 'town.delete' }
  /** `secret` accompanies the commands that carry one in the clear at the edge (`rig.add`, `rig.set_token`, `town.set_model_key`). */
  | { kind: 'person'; command: PersonCommand; secret: SealedSecret | null }
  /** `runnerId`: who passed the call on; only the runner that holds the run may. Null: it came another way. */
  | {
      kind: 'tool';
      runnerId?: RunnerId | null;
      runId: RunId;
      generation: Generation;
      tool: ToolName;
      args: unknown;
      evidence: DoneEvidence | null;
    }
  /** `runnerId`: whose token opened the link. A runner that is not there (any more) is refused as `unknown_runner`. */
  | { kind: 'runner.hello'; runnerId: RunnerId; hello: Extract<FromRunner, { t: 'hello' }> }
  | { kind: 'runner.report'; runnerId: RunnerId; instance: string; seq: number; report: Report }
  | { kind: 'runner.gone'; runnerId: RunnerId; instance: string }
  /** From the container's lifecycle object. `stopped` with a failure: it ended and nobody had asked for that. */
  | { kind: 'container.observed'; state: 'running' | 'stopped' | 'failed'; failure: Failure | null }
  | { kind: 'effect.outcome'; effectId: EffectId; outcome: Outcome }
  /** `worked`: false when the provider broke the call off or refused in it, so that it proves nothing. */
  | { kind: 'spend'; runId: RunId; usage: Usage; model: string; worked?: boolean }
  /** What the model door saw of the provider in a call of this run that began at `since`. Once lost is no harm: the next call meets it again. */
  | { kind: 'model.trouble'; runId: RunId; model: Pick<ModelConfig, 'provider' | 'model'>; since: number; trouble: ModelTrouble }
  /** What the town broke over each time: kept for a person, and counted as heard (RC-9). */
  | { kind: 'quarantine'; input: Poison; actor: Actor; error: string; tries: number }
  /** The alarm, or anything that only wants the due work done. */
  | { kind: 'wake' };

/** Input that comes by itself, so that nobody is there who would hear that it broke. */
export type Poison = Extract<TownCommand, { kind: 'runner.report' | 'tool' | 'effect.outcome' | 'container.observed' | 'spend' }>;

export interface Envelope {
  readonly key: string | null;
  readonly actor: Actor;
  readonly command: TownCommand;
}

/** An effect that the shell must perform now. The same effect may be handed out again until its outcome is known. */
export type DueEffect =
  | { effectId: EffectId; target: 'runner'; runnerId: RunnerId; effect: RunnerEffect }
  | { effectId: EffectId; target: 'container'; effect: { kind: 'container.start' } | { kind: 'container.stop' } };

/** May this model call go through, and for whom? `sealedKey` null: take the key of the environment for that provider. */
export interface ModelPass {
  readonly runId: RunId;
  /** Where the run is: a call that comes with the token of another runner is not its. */
  readonly runnerId: RunnerId;
  readonly model: ModelConfig;
  readonly sealedKey: string | null;
  readonly rigId: RigId | null;
  /** The town has a budget: a run has one call under way at a time (I9). */
  readonly budgeted: boolean;
}

export interface Town {
  /**
   * One command: rows, ledger, outbox, then reconcile. The caller wraps it in one storage transaction.
   * @throws RuleError when a rule broke: undo the transaction, and do it again `without` that rule, so that no input waits for it (RC-15).
   */
  handle(envelope: Envelope, moment: Moment, without?: ReadonlySet<string>): Result<unknown>;
  /** Hands out what is due and marks it sent, in the caller's transaction. */
  takeDueEffects(moment: Moment): DueEffect[];
  /** The earliest time at which something is due, or null: an idle town sets no alarm (P7). Pure read. */
  nextWake(): number | null;
  /** What the town would do if it woke now (RC-23). It writes: the caller undoes the transaction, always. */
  preview(moment: Moment, without?: ReadonlySet<string>): Preview;
  /** Every checker over every row, the ledger replayed, what waits for a person (I6, RC-23). Pure read of the whole store. */
  audit(now: number): Audit;
  /** The ledger of one bead, or null when there is none. */
  timeline(beadId: string): BeadTimeline | null;
  /** A page of it and of its merges' ledger, newest first; null when there is no such bead. */
  beadEvents(beadId: string, query: BeadEventsQuery): BeadEvents | null;
  /** What was done since this town was opened (RC-26). */
  counted(): Counted;
  /** Current revision: grows with every change a replica can see. */
  rev(): number;
  snapshot(): Snapshot;
  /** Rows changed after `rev`; a snapshot instead when the town no longer knows what was deleted since. */
  since(rev: number): Delta | Snapshot;
  /** The door's question: which run does this session belong to, and is it live, within its budget, with a model? `runnerId`: who asks; a session of another runner is none of its business. */
  modelPass(sessionId: string, runnerId?: RunnerId): Result<ModelPass>;
  /** What was spent when, for a chart. */
  spendSeries(query: SpendQuery, now: number): SpendSeries;
  /** What the agents of its roles are asked with. */
  models(): ModelConfig[];
  agentExists(id: string): boolean;
  agentIds(): AgentId[];
  sealedRigToken(rigId: RigId): string | null;
  /** Everything that is stored sealed, for who can try whether it opens. */
  sealedSecrets(): { rigs: { name: string; sealed: string }[]; modelKey: string | null };
  /** All rigs but those that were removed. */
  rigIds(): RigId[];
  /** The last report of this runner instance that is committed. */
  runnerSeq(runnerId: RunnerId, instance: string): number;
  /** Which token of this runner is good; null: there is no such runner. The container's needs none (0). */
  runnerSerial(runnerId: string): number | null;
  /** May this runner have the rig's credentials? It takes the rig, or something of the rig was placed there before and is not over. */
  runnerMayUse(runnerId: string, rigId: RigId): boolean;
  /** Where the agent's session is, or was last; the container's when it never had one. */
  runnerOfAgent(agentId: string): RunnerId;
  /** What a machine is told of itself. */
  runnerSelf(runnerId: RunnerId): Result<RunnerSelf>;
  exists(): boolean;
  /** Beads as JSONL, page by page. */
  exportPage(wish: ExportWish, now: number): ExportPage;
  /** What imports could not take, in the order in which it came. */
  badLines(query: BadLinesQuery): BadLines;
  /** What may start now, best first or oldest first. */
  ready(order: 'newest' | 'oldest', limit: number): ReadyAnswer;
  /** All beads, page by page, archived and closed ones too. */
  beads(query: BeadsQuery): BeadsPage;
  /** One bead of any type (DM-1), work as a page shows it. */
  bead(id: string): BeadAnswer | null;
  /** Removed ones too. */
  rigExists(id: string): boolean;
  /** A rig by its id or its name. */
  rigNamed(named: string): RigId | null;
  rigNames(): string[];
  /** As the page shows them; removed ones are not among them. */
  rigs(): RigRow[];
}
