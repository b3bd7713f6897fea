import { z } from 'zod';

export const BeadType = z.enum(['issue', 'message', 'merge_request', 'escalation', 'convoy', 'agent', 'molecule', 'triage_request']);
export type BeadType = z.infer<typeof BeadType>;

export const BeadStatus = z.enum(['open', 'in_progress', 'in_review', 'closed', 'failed']);
export type BeadStatus = z.infer<typeof BeadStatus>;

export const Priority = z.enum(['low', 'medium', 'high', 'critical']);
export type Priority = z.infer<typeof Priority>;

export const DependencyType = z.enum(['blocks', 'tracks', 'parent-child', 'related']);
export type DependencyType = z.infer<typeof DependencyType>;

export const Role = z.enum(['mayor', 'polecat', 'refinery', 'triage']);
export type Role = z.infer<typeof Role>;

export const AgentStatus = z.enum(['starting', 'working', 'idle', 'waiting', 'stalled', 'exited', 'failed', 'dead']);
export type AgentStatus = z.infer<typeof AgentStatus>;

/**
 * One run: `starting` (effect written, not yet confirmed) → `working` (a turn is in flight) ⇄ `idle` (session open, no turn) → `ended`.
 */
export const RunState = z.enum(['starting', 'working', 'idle', 'ended']);
export type RunState = z.infer<typeof RunState>;

/** Why a run ended: `done` and `no_changes` are success; everything else is a failure code. */
export const MergePhase = z.enum(['queued', 'testing', 'landing', 'landed', 'failed']);
export type MergePhase = z.infer<typeof MergePhase>;

export const NudgeMode = z.enum(['wait-idle', 'immediate', 'queue']);
export type NudgeMode = z.infer<typeof NudgeMode>;

export const Severity = z.enum(['low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;
export const EscalationCategory = z.enum(['decision', 'help', 'blocked', 'failed', 'emergency', 'gate_timeout', 'lifecycle']);
export type EscalationCategory = z.infer<typeof EscalationCategory>;

/** The six states of the page (ui.md §1.3): every object on the screen is in one of them. */
export const Signal = z.enum(['working', 'waiting_for_you', 'idle', 'queued', 'failed', 'stalled']);
export type Signal = z.infer<typeof Signal>;

/**
 * Why a bead is not moving: a closed list (I10). `ref` names the bead, merge, escalation or rig meant; `until` is a time (epoch ms).
 * `explainWait` in `waits.ts` turns it into the one sentence that every surface shows.
 */
export const WaitCode = z.enum([
  'blocked_by_open',
  'blocked_by_failed',
  'no_slot',
  'town_paused',
  'budget_spent',
  'no_model',
  'container_starting',
  'container_failed',
  'rig_connecting',
  'rig_unreachable',
  'retry_later',
  'agent_starting',
  'agent_working',
  'in_queue',
  'testing',
  'landing',
  'needs_person',
]);
export type WaitCode = z.infer<typeof WaitCode>;
export const Wait = z.object({ code: WaitCode, ref: z.string().nullable(), until: z.number().int().nullable() });
export type Wait = z.infer<typeof Wait>;
