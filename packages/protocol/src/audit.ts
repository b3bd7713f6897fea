import { z } from 'zod';
import { json } from './json.ts';
import { Failure } from './failures.ts';
import { TownId } from './ids.ts';

/**
 * What the doctor says of a living town (I6, RC-9, RC-23, RC-26): `GET /api/towns/:town/audit` for a page, `gastown doctor --town` for a terminal.
 * Sentences are for people and come from the core; ids, counts and times are beside them. Times are epoch ms.
 */
const time = z.number().int();
const count = z.number().int().nonnegative();

/** The ledger's event that a finding or a difference points at. */
export const AuditEvent = z.object({
  id: z.number().int(),
  at: time,
  type: z.string(),
  actor: z.string(),
  cause: z.string(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** `bad`: something that must hold does not. `note`: it waits for a person, and all is as it should be. */
export const AuditGrade = z.enum(['bad', 'note']);
export type AuditGrade = z.infer<typeof AuditGrade>;

export const AuditFinding = z.object({
  /** The invariant (`I6`) or the requirement (`DM-15`, `RC-9`) that it is about. */
  check: z.string(),
  grade: AuditGrade,
  /** What was found, with the ids. */
  found: z.string(),
  /** What is promised. */
  promise: z.string(),
  /** What it means for the person. */
  means: z.string(),
  next: z.string(),
  /** The last thing that happened to what it is about; null when the ledger knows of nothing. */
  since: AuditEvent.nullable(),
  /** Since when it is known; null: nobody knows. */
  at: time.nullable(),
});
export type AuditFinding = z.infer<typeof AuditFinding>;

/** One invariant, with how many findings there are: also the quiet ones are shown. */
export const AuditCheck = z.object({ check: z.string(), promise: z.string(), found: count });
export type AuditCheck = z.infer<typeof AuditCheck>;

/** Where the tables and the ledger differ. `edge`: the column is the other end of a dependency. */
export const ReplayDifference = z.object({
  id: z.string(),
  column: z.string(),
  ledger: z.string(),
  table: z.string(),
  last: AuditEvent.nullable(),
});
export type ReplayDifference = z.infer<typeof ReplayDifference>;

export const ReplayReport = z.object({
  events: count,
  beads: count,
  edges: count,
  /** Columns that were compared, and columns of which the ledger of an earlier version says nothing. */
  compared: count,
  unknown: count,
  differences: z.array(ReplayDifference),
  /** More differences than are listed. */
  left: count,
});
export type ReplayReport = z.infer<typeof ReplayReport>;

/** One thing that a look of the rules would do now; nothing of it was done. */
export const DryRunStep = z.object({
  rule: z.string(),
  /** Who or what, and what becomes of it. */
  what: z.string(),
  /** What the rule is for. */
  why: z.string(),
  /** The bead, run, merge or effect; null when it is the town itself. */
  subject: z.string().nullable(),
});
export type DryRunStep = z.infer<typeof DryRunStep>;

export const DryRunReport = z.object({
  steps: z.array(DryRunStep),
  /** What would leave the town. */
  effects: z.array(z.object({ id: z.string(), kind: z.string(), target: z.string() })),
  /** When it would wake next; null: it would only wait for others. */
  nextWake: time.nullable(),
  /** A rule that broke, and was left out. */
  broken: z.array(z.object({ rule: z.string(), error: z.string() })),
});
export type DryRunReport = z.infer<typeof DryRunReport>;

/** Counted in memory since the object woke (RC-26). Milliseconds as the platform lets them be measured. */
export const TownMetrics = z.object({
  since: time,
  commands: z.record(z.string(), count),
  refused: count,
  /** Changes of rows by rule. */
  actions: z.record(z.string(), count),
  /** Rules that broke and were left out, how often. */
  broken: z.record(z.string(), count),
  unreadable: count,
  quarantined: count,
  ticks: z.object({ count, lastMs: z.array(z.number()), slowestMs: z.number(), slow: count }),
});
export type TownMetrics = z.infer<typeof TownMetrics>;

/** Something that is due at a time. */
export const DueTime = z.object({ at: time, what: z.string() });
export type DueTime = z.infer<typeof DueTime>;

export const AuditReport = z.object({
  town: z.object({ id: TownId, name: z.string() }),
  at: time,
  rev: z.number().int(),
  schema: z.number().int(),
  /** No finding is bad. */
  ok: z.boolean(),
  /** Worst first. */
  findings: z.array(AuditFinding),
  /** More findings than are listed. */
  left: count,
  checks: z.array(AuditCheck),
  replay: ReplayReport,
  dryRun: DryRunReport,
  /** Effects that wait for others, and parked ones that wait for a person. */
  effects: z.object({ pending: count, sent: count, parked: count }),
  quarantined: count,
  /** What waits for a person, as Attention counts it, and the first of them in its order; null: the rows are too damaged to tell. */
  needs: z.object({ total: count, first: z.array(z.string()) }).nullable(),
  due: z.array(DueTime),
  nextWake: time.nullable(),
  metrics: TownMetrics,
});
export type AuditReport = z.infer<typeof AuditReport>;

/** One bead's ledger, oldest first: `gastown doctor --town T --events BEAD`. */
export const BeadTimeline = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  events: z.array(
    AuditEvent.extend({
      before: z.string().nullable(),
      after: z.string().nullable(),
      agent: z.string().nullable(),
      failure: Failure.nullable(),
      /** Everything else that the event says. */
      data: z.record(z.string(), json()),
    }),
  ),
});
export type BeadTimeline = z.infer<typeof BeadTimeline>;
