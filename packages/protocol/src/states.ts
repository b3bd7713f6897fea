import { z } from 'zod';

export const BeadType = z.enum(['issue', 'message', 'merge_request', 'escalation', 'convoy', 'agent', 'molecule', 'triage_request']);
export type BeadType = z.infer<typeof BeadType>;

export const BeadStatus = z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']);
export type BeadStatus = z.infer<typeof BeadStatus>;

export const Priority = z.enum(['low', 'medium', 'high', 'critical']);
export type Priority = z.infer<typeof Priority>;

/**
 * What one bead is to another. These four decide whether work may start (design/core.md §1); `tracks` is the town's own (convoy membership);
 * every other word, `related` or `discovered-from` say, is a note between beads.
 */
export const BLOCKING_TYPES = ['blocks', 'conditional-blocks', 'waits-for', 'parent-child'] as const;
export const DependencyType = z
  .string()
  .max(50)
  .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes, at most 50');
export type DependencyType = z.infer<typeof DependencyType>;
/** `waits-for` ends when all children of the other bead are done, or with `any` when one is. */
export const ChildrenGate = z.enum(['all', 'any']);
export type ChildrenGate = z.infer<typeof ChildrenGate>;

/** The kind of a piece of work, a word that people choose. The town sends no agent to these. */
export const WorkKind = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9_-]*$/, 'must be lower-case letters, digits, dashes and underscores, at most 40');
export const UNDISPATCHED_KINDS = ['epic', 'decision', 'milestone', 'convoy', 'event', 'slot'] as const;
/** Records of other tools that are no work at all. */
export const RECORD_KINDS = ['merge-request', 'gate', 'molecule', 'message', 'agent', 'role', 'rig'] as const;

/**
 * Why a bead must not start though nothing blocks it: planned and not begun, put off without a date, pinned as a note, in a state that another tool gave it,
 * or a record that is no work.
 */
export const Hold = z.enum(['staged', 'deferred', 'pinned', 'foreign', 'not_work']);
export type Hold = z.infer<typeof Hold>;

/** Who or what let something fail (FR-1). */
export const FailureSource = z.enum(['container', 'scheduler', 'patrol', 'refinery', 'triage', 'mayor', 'user', 'admin', 'platform']);
export type FailureSource = z.infer<typeof FailureSource>;

export const Role = z.enum(['mayor', 'polecat', 'refinery', 'triage']);
export type Role = z.infer<typeof Role>;
/** Roles whose agents ask a model. The refinery's judgement is code so far, and triage is a person's. */
export const ModelRole = Role.extract(['mayor', 'polecat']);
export type ModelRole = z.infer<typeof ModelRole>;
export const MODEL_ROLES = ModelRole.options;

/** How hard a model thinks before it answers. `default`: the agent and the provider decide, nothing is said of it. */
export const Effort = z.enum(['default', 'low', 'medium', 'high']);
export type Effort = z.infer<typeof Effort>;

export const AgentStatus = z.enum(['starting', 'working', 'idle', 'waiting', 'away', 'stalled', 'exited', 'failed', 'dead']);
export type AgentStatus = z.infer<typeof AgentStatus>;

/**
 * One run: `starting` (effect written, not yet confirmed) → `working` (a turn is in flight) ⇄ `idle` (session open, no turn) → `ended`.
 */
export const RunState = z.enum(['starting', 'working', 'idle', 'ended']);
export type RunState = z.infer<typeof RunState>;

/** Why a run ended: `done` and `no_changes` are success; everything else is a failure code. */
export const MergePhase = z.enum(['queued', 'testing', 'landing', 'landed', 'failed']);
export type MergePhase = z.infer<typeof MergePhase>;

/** `staged`: planned, nothing of it starts. `landed`: every bead of it is closed. `cancelled`: closed by force before that. */
export const ConvoyStatus = z.enum(['staged', 'open', 'landed', 'cancelled']);
export type ConvoyStatus = z.infer<typeof ConvoyStatus>;
/** Each bead tested and landed by itself, or all on one branch that is landed at the end. */
export const MergeMode = z.enum(['review-and-merge', 'review-then-land']);
export type MergeMode = z.infer<typeof MergeMode>;

export const NudgeMode = z.enum(['wait-idle', 'immediate', 'queue']);
export type NudgeMode = z.infer<typeof NudgeMode>;

export const Severity = z.enum(['low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;
/** `budget` is the town's own: money ran out. */
export const EscalationCategory = z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate_timeout', 'lifecycle', 'budget']);
export type EscalationCategory = z.infer<typeof EscalationCategory>;

/** What a patrol asks about (ES-7), and the five ways to answer (ES-12). */
export const TriageKind = z.enum(['stuck_agent', 'crash_loop']);
export type TriageKind = z.infer<typeof TriageKind>;
export const TriageAction = z.enum(['RESTART', 'CLOSE_BEAD', 'REASSIGN_BEAD', 'NUDGE', 'ESCALATE_TO_MAYOR']);
export type TriageAction = z.infer<typeof TriageAction>;

/** What an agent may ask a person for: the network, files outside its worktree, a command, anything else. */
export const PermissionCategory = z.enum(['web', 'outside', 'commands', 'other']);
export type PermissionCategory = z.infer<typeof PermissionCategory>;
export const PermissionRule = z.enum(['allow', 'ask', 'deny']);
export type PermissionRule = z.infer<typeof PermissionRule>;
/** `once`: this time. `run`: this time and whenever this run asks the same again. */
export const PermissionDecision = z.enum(['once', 'run', 'deny']);
export type PermissionDecision = z.infer<typeof PermissionDecision>;

/** The six states of the page (ui.md §1.3): every object on the screen is in one of them. */
export const Signal = z.enum(['working', 'waiting_for_you', 'idle', 'queued', 'failed', 'stalled']);
export type Signal = z.infer<typeof Signal>;

/**
 * Why a bead is not moving: a closed list (I10). `ref` names the bead, merge, escalation, permission, runner or rig meant, or (`budget_spent`, `soft_limit`) the level and its
 * id, `rig:rig-1a2b3c4d` say; `until` is a time (epoch ms).
 * `explainWait` in `waits.ts` turns it into the one sentence that every surface shows.
 */
export const WaitCode = z.enum([
  'blocked_by_open',
  'blocked_by_failed',
  'blocked_by_external',
  'waits_for_children',
  'parent_blocked',
  'staged',
  'deferred',
  'parent_deferred',
  'held',
  'not_dispatched',
  'no_slot',
  'town_paused',
  'town_stopped',
  'rig_paused',
  'convoy_paused',
  'budget_spent',
  'soft_limit',
  'no_model',
  'container_starting',
  'container_failed',
  'container_stopping',
  'runner_draining',
  'rig_connecting',
  'rig_unreachable',
  'retry_later',
  'model_held',
  'runner_full',
  'runner_keeping',
  'no_runner',
  'runner_away',
  'runner_paused',
  'runner_unfit',
  'runner_places',
  'agent_starting',
  'worktree_preparing',
  'agent_working',
  'agent_silent',
  'hand_in_refused',
  'person_asked',
  'permission_asked',
  'in_queue',
  'testing',
  'landing',
  'needs_person',
]);
export type WaitCode = z.infer<typeof WaitCode>;
/** Waits that end by themselves, as soon as there is room or in a moment: what waits so is in line, and nothing keeps it. */
export const IN_LINE: ReadonlySet<WaitCode> = new Set<WaitCode>([
  'no_slot',
  'retry_later',
  'container_starting',
  'container_stopping',
  'runner_draining',
  'runner_full',
  'runner_keeping',
  'runner_places',
]);
export const Wait = z.object({ code: WaitCode, ref: z.string().nullable(), until: z.number().int().nullable() });
export type Wait = z.infer<typeof Wait>;

/** What money is counted and limited for, from the smallest to the largest. */
export const SpendLevel = z.enum(['run', 'bead', 'convoy', 'agent', 'rig', 'town']);
export type SpendLevel = z.infer<typeof SpendLevel>;

/** A shell where an agent works, or the agent program's own screen. */
export const TerminalKind = z.enum(['shell', 'live']);
export type TerminalKind = z.infer<typeof TerminalKind>;
