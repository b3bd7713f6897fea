import type { BeadStatus, BeadType, MergePhase, RunState } from '@gastown/protocol';

/**
 * Every legal move by the town itself, one table for each type of thing (ST-2, I7). What is not here is the refusal `illegal_transition`.
 * A person may move a bead anywhere (ST-14); nothing automatic leaves `closed` or `failed` (ST-3).
 */
type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

const ISSUE: Moves<BeadStatus> = {
  open: ['in_progress', 'closed', 'failed'],
  in_progress: ['open', 'in_review', 'closed', 'failed'],
  in_review: ['open', 'in_progress', 'closed', 'failed'],
  closed: [],
  failed: [],
};
const MERGE_REQUEST: Moves<BeadStatus> = {
  open: ['in_progress', 'closed', 'failed'],
  in_progress: ['open', 'closed', 'failed'],
  in_review: [],
  closed: [],
  failed: [],
};
/** A convoy that landed is open again when a bead of it is, or when one is added (CV-12, I11). */
const CONVOY: Moves<BeadStatus> = { open: ['closed'], in_progress: [], in_review: [], closed: ['open'], failed: [] };
const SHORT_LIVED: Moves<BeadStatus> = { open: ['closed'], in_progress: [], in_review: [], closed: [], failed: [] };

export const BEAD_MOVES: Readonly<Record<BeadType, Moves<BeadStatus>>> = {
  issue: ISSUE,
  merge_request: MERGE_REQUEST,
  escalation: SHORT_LIVED,
  agent: SHORT_LIVED,
  message: SHORT_LIVED,
  triage_request: SHORT_LIVED,
  convoy: CONVOY,
  molecule: ISSUE,
};

/** `failed → queued` is a person's retry. `testing → landed` is a merge that an earlier try had landed already. */
export const MERGE_MOVES: Moves<MergePhase> = {
  queued: ['testing', 'failed'],
  testing: ['landing', 'landed', 'queued', 'failed'],
  landing: ['landed', 'queued', 'failed'],
  landed: [],
  failed: ['queued'],
};

export const RUN_MOVES: Moves<RunState> = {
  starting: ['working', 'idle', 'ended'],
  working: ['idle', 'ended'],
  idle: ['working', 'ended'],
  ended: [],
};

export const mayMove = <S extends string>(moves: Moves<S>, from: S, to: S): boolean => moves[from].includes(to);
