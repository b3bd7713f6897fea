import { z } from 'zod';
import { json } from './json.ts';
import { Failure } from './failures.ts';
import {
  AgentId,
  BeadId,
  ConvoyId,
  EffectId,
  Generation,
  MailId,
  MergeId,
  MoleculeId,
  NudgeId,
  QuarantineId,
  RigId,
  RunId,
  Sha,
  TownId,
  TriageId,
} from './ids.ts';
import { Provider, Price, Usage } from './models.ts';
import {
  AgentStatus,
  BeadStatus,
  BeadType,
  ConvoyStatus,
  DependencyType,
  EscalationCategory,
  Hold,
  MergeMode,
  MergePhase,
  NudgeMode,
  Priority,
  Role,
  RunState,
  Severity,
  SpendLevel,
  TriageAction,
  TriageKind,
  Wait,
  WorkKind,
} from './states.ts';

/**
 * The rows a browser's replica holds (architecture §6): what the town shows of itself. Times are epoch ms, money is micros.
 * The core computes every column; the browser only renders. Secrets are never here, only whether one is set (CF-4).
 */
const time = z.number().int();

export const ContainerState = z.enum(['stopped', 'starting', 'running', 'stopping', 'failed']);
export type ContainerState = z.infer<typeof ContainerState>;

export const ModelConfig = z.object({
  provider: Provider,
  model: z.string().max(200),
  baseUrl: z.string().max(500).nullable(),
  price: Price.nullable(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

/**
 * Thresholds of the patrols that a town may set for itself; what is absent is as in the limits. Silence of an agent counts from its last activity.
 */
const within = z.number().int().min(60_000).max(604_800_000);
const many = z.number().int().min(1).max(100_000);
export const PatrolSettings = z.object({
  silenceNudgeMs: within.optional(),
  silenceWarnMs: within.optional(),
  silenceEscalateMs: within.optional(),
  silenceStopMs: within.optional(),
  crashLoopFailures: many.optional(),
  crashLoopWindowMs: within.optional(),
  agentRetireMs: within.optional(),
  reescalateMs: within.optional(),
  alertMergeQueue: many.optional(),
  alertEscalationsAnHour: many.optional(),
  alertRestarts: many.optional(),
  alertEffects: many.optional(),
});
export type PatrolSettings = z.infer<typeof PatrolSettings>;

export const TownRow = z.object({
  id: TownId,
  name: z.string(),
  createdAt: time,
  paused: z.boolean(),
  /** Every agent was ended and no model call goes through; a stopped town is paused as well. */
  stopped: z.boolean(),
  container: z.object({ state: ContainerState, since: time, failure: Failure.nullable() }),
  runnerConnected: z.boolean(),
  model: ModelConfig.nullable(),
  /** Last four characters of the key in use, `env` when it comes from the environment, null when there is none. */
  modelKey: z.string().nullable(),
  /** True when the rehearsal model answers: the page says so. */
  scripted: z.boolean(),
  agentKind: z.string(),
  maxPolecats: z.number().int(),
  busyPolecats: z.number().int(),
  /** Is a new convoy planned first, unless its maker says otherwise? */
  stagedConvoysDefault: z.boolean(),
  budgetMicros: z.number().int().nullable(),
  usage: Usage,
  gitName: z.string(),
  gitEmail: z.string(),
  /** What the town set of its patrols' thresholds. */
  patrols: PatrolSettings,
  /** Set while no agent is started because starts fail (RC-20): until when, or null when one run probes. */
  dispatchHeld: z.object({ until: time.nullable(), failure: Failure.nullable() }).nullable(),
});
export type TownRow = z.infer<typeof TownRow>;

export const RigRow = z.object({
  id: RigId,
  name: z.string(),
  gitUrl: z.string(),
  createdAt: time,
  defaultBranch: z.string().nullable(),
  empty: z.boolean(),
  state: z.enum(['connecting', 'ready', 'unreachable', 'removed']),
  failure: Failure.nullable(),
  paused: z.boolean(),
  tokenSet: z.boolean(),
  gates: z.array(z.string()),
  maxPolecats: z.number().int(),
  busyPolecats: z.number().int(),
  usage: Usage,
});
export type RigRow = z.infer<typeof RigRow>;

/** `id`: a bead, or `external:…`, something outside this town. */
export const Dependency = z.object({ id: z.string(), type: DependencyType });

export const BeadRow = z.object({
  id: BeadId,
  type: BeadType,
  status: BeadStatus,
  title: z.string(),
  body: z.string(),
  rigId: RigId.nullable(),
  parentId: BeadId.nullable(),
  kind: WorkKind,
  hold: Hold.nullable(),
  deferUntil: time.nullable(),
  /** Time that one run may take; null: as long as it is heard of. */
  timeoutMs: z.number().int().nullable(),
  /** The convoy it belongs to, and its place there. */
  convoyId: ConvoyId.nullable(),
  convoyPlace: z.number().int().nullable(),
  priority: Priority,
  labels: z.array(z.string()),
  createdBy: z.string(),
  createdAt: time,
  updatedAt: time,
  closedAt: time.nullable(),
  archivedAt: time.nullable(),
  assigneeId: AgentId.nullable(),
  dependsOn: z.array(Dependency),
  wait: Wait.nullable(),
  failure: Failure.nullable(),
  attempts: z.number().int(),
  mergeId: MergeId.nullable(),
  landedCommit: Sha.nullable(),
  usage: Usage,
});
export type BeadRow = z.infer<typeof BeadRow>;

export const AgentRow = z.object({
  id: AgentId,
  name: z.string(),
  role: Role,
  identity: z.string(),
  rigId: RigId.nullable(),
  status: AgentStatus,
  paused: z.boolean(),
  beadId: BeadId.nullable(),
  runId: RunId.nullable(),
  statusLine: z.string().nullable(),
  lastActivityAt: time.nullable(),
  createdAt: time,
  usage: Usage,
});
export type AgentRow = z.infer<typeof AgentRow>;

/** A batch of beads. The counts are of all its beads, also of those that a snapshot leaves out because they are long closed. */
export const ConvoyRow = z.object({
  id: ConvoyId,
  title: z.string(),
  status: ConvoyStatus,
  paused: z.boolean(),
  mergeMode: MergeMode,
  total: z.number().int(),
  closed: z.number().int(),
  failed: z.number().int(),
  usage: Usage,
  wait: Wait.nullable(),
  createdBy: z.string(),
  createdAt: time,
  landedAt: time.nullable(),
  archivedAt: time.nullable(),
});
export type ConvoyRow = z.infer<typeof ConvoyRow>;

export const Commit = z.object({ sha: Sha, subject: z.string(), author: z.string(), at: time });
export type Commit = z.infer<typeof Commit>;

export const RunRow = z.object({
  id: RunId,
  agentId: AgentId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  generation: Generation,
  attempt: z.number().int(),
  state: RunState,
  model: z.string().nullable(),
  agentKind: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  endReason: z.enum(['done', 'no_changes', 'stopped', 'failed']).nullable(),
  failure: Failure.nullable(),
  branch: z.string().nullable(),
  headCommit: Sha.nullable(),
  commits: z.array(Commit),
  summary: z.string().nullable(),
  usage: Usage,
});
export type RunRow = z.infer<typeof RunRow>;

export const GateResult = z.object({
  command: z.string(),
  exitCode: z.number().int().nullable(),
  timedOut: z.boolean(),
  durationMs: z.number().int(),
  output: z.string(),
  truncated: z.boolean(),
});
export type GateResult = z.infer<typeof GateResult>;

export const MergeRow = z.object({
  id: MergeId,
  beadId: BeadId,
  rigId: RigId,
  runId: RunId,
  agentId: AgentId,
  branch: z.string(),
  targetBranch: z.string(),
  headCommit: Sha,
  phase: MergePhase,
  position: z.number().int().nullable(),
  builds: z.number().int(),
  baseCommit: Sha.nullable(),
  mergeCommit: Sha.nullable(),
  gates: z.array(GateResult),
  failure: Failure.nullable(),
  createdAt: time,
  updatedAt: time,
  landedAt: time.nullable(),
});
export type MergeRow = z.infer<typeof MergeRow>;

export const NudgeRow = z.object({
  id: NudgeId,
  agentId: AgentId,
  text: z.string(),
  mode: NudgeMode,
  source: z.string(),
  createdAt: time,
  state: z.enum(['pending', 'sent', 'delivered', 'expired']),
  deliveredAt: time.nullable(),
});
export type NudgeRow = z.infer<typeof NudgeRow>;

export const EscalationRow = z.object({
  id: BeadId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  agentId: AgentId.nullable(),
  severity: Severity,
  category: EscalationCategory,
  message: z.string(),
  createdAt: time,
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type EscalationRow = z.infer<typeof EscalationRow>;

/** What a patrol found and cannot decide (ES-7). `evidence` says what it saw. */
export const TriageRow = z.object({
  id: TriageId,
  kind: TriageKind,
  agentId: AgentId,
  beadId: BeadId.nullable(),
  rigId: RigId.nullable(),
  message: z.string(),
  actions: z.array(TriageAction),
  createdAt: time,
  resolvedAt: time.nullable(),
  resolvedBy: z.string().nullable(),
  /** Null when it settled itself. */
  action: TriageAction.nullable(),
  notes: z.string().nullable(),
});
export type TriageRow = z.infer<typeof TriageRow>;

/** A message between agents that stays until it is read (MS-1). */
export const MailRow = z.object({
  id: MailId,
  /** A person's name or an agent's identity. */
  from: z.string(),
  fromAgentId: AgentId.nullable(),
  agentId: AgentId,
  subject: z.string(),
  body: z.string(),
  createdAt: time,
  /** When it was read; it is closed then. */
  deliveredAt: time.nullable(),
});
export type MailRow = z.infer<typeof MailRow>;

/** `ready`: what it needs is done, so it is next. */
export const StepRow = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  needs: z.array(z.string()),
  state: z.enum(['waiting', 'ready', 'done']),
  summary: z.string().nullable(),
  doneAt: time.nullable(),
});
export type StepRow = z.infer<typeof StepRow>;
/** A written way of working on one bead, and how far it is. */
export const MoleculeRow = z.object({
  id: MoleculeId,
  beadId: BeadId,
  title: z.string(),
  steps: z.array(StepRow),
  done: z.number().int(),
  createdAt: time,
  closedAt: time.nullable(),
});
export type MoleculeRow = z.infer<typeof MoleculeRow>;

/** One ledger event as the feed and the timelines show it (DM-8, I6). */
export const EventRow = z.object({
  id: z.number().int(),
  at: time,
  type: z.string(),
  beadId: BeadId.nullable(),
  agentId: AgentId.nullable(),
  actor: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  data: z.record(z.string(), json()),
});
export type EventRow = z.infer<typeof EventRow>;

/** An effect that could not be performed and waits for a person (parked), with what it was and why. */
export const ParkedEffectRow = z.object({
  id: EffectId,
  kind: z.string(),
  target: z.string(),
  attempts: z.number().int(),
  failure: Failure.nullable(),
  at: time,
});
export type ParkedEffectRow = z.infer<typeof ParkedEffectRow>;

/** What may be spent on one thing, or (`of` is `*`) on each of its level that has no limit of its own. */
export const LimitRow = z.object({
  id: z.string(),
  level: SpendLevel,
  of: z.string(),
  softMicros: z.number().int().nullable(),
  hardMicros: z.number().int().nullable(),
});
export type LimitRow = z.infer<typeof LimitRow>;
/** An input over which the town broke, kept for a person (RC-9). The payload is JSON, cut and without credentials. */
export const QuarantineRow = z.object({
  id: QuarantineId,
  source: z.enum(['report', 'outcome', 'tool', 'container', 'spend']),
  kind: z.string(),
  payload: z.string(),
  /** False: only its beginning is kept, so it can be read and discarded. */
  retriable: z.boolean(),
  error: z.string(),
  tries: z.number().int(),
  /** How often the same came. */
  times: z.number().int(),
  firstAt: time,
  at: time,
});
export type QuarantineRow = z.infer<typeof QuarantineRow>;

/** The replica's tables, in the order in which a snapshot lists them. */
export const TABLES = {
  town: TownRow,
  rigs: RigRow,
  beads: BeadRow,
  agents: AgentRow,
  runs: RunRow,
  merges: MergeRow,
  nudges: NudgeRow,
  escalations: EscalationRow,
  triage: TriageRow,
  mail: MailRow,
  molecules: MoleculeRow,
  events: EventRow,
  parked: ParkedEffectRow,
  limits: LimitRow,
  quarantine: QuarantineRow,
  convoys: ConvoyRow,
} as const;
export type TableName = keyof typeof TABLES;
export type RowOf<T extends TableName> = z.infer<(typeof TABLES)[T]>;
export type Tables = { [T in TableName]: RowOf<T>[] };
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];
