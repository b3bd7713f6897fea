import {
  explainWait,
  type BeadRow,
  type ConvoyRow,
  type LimitFigures,
  type MergeRow,
  type PermissionRow,
  type PersonCommand,
  type RigRow,
  type RunnerRow,
  type RunRow,
  type TownRow,
} from '@gastown/protocol';
import type { DrawerRef } from './drawers.ts';
import type { SettingsTab } from './navigation.ts';

/** Why a bead is not moving, and the step that would move it (ui.md §1.4). The sentence is the protocol's; here is only the way to the step. */
export interface NextStep {
  readonly label: string;
  readonly does:
    | { drawer: DrawerRef }
    | { settings: SettingsTab; limit?: string }
    | { resume: true }
    | { reset: true }
    | { retry: string }
    | { start: string }
    | { reconnect: string }
    | { settle: { beadId: string; dependsOn: string; type: string } }
    | { resumeRig: string }
    | { resumeRunner: string }
    | { startConvoy: string }
    | { resumeConvoy: string };
}
export interface Waiting {
  readonly sentence: string;
  readonly step: NextStep | null;
}
interface Around {
  town: TownRow | undefined;
  rig: RigRow | undefined;
  bead(id: string): BeadRow | undefined;
  limit?(ref: string): LimitFigures | undefined;
  convoy?(id: string): ConvoyRow | undefined;
  permission?(id: string): PermissionRow | undefined;
  merge?(id: string): MergeRow | undefined;
  runner?(id: string): RunnerRow | undefined;
  run?(id: string): RunRow | undefined;
}

export function waitingOf(bead: BeadRow, around: Around): Waiting | null {
  const sentence = explainWait(bead, around);
  return sentence && bead.status !== 'closed' ? { sentence, step: stepOf(bead) } : null;
}

type Held = Pick<BeadRow, 'hold' | 'deferUntil'>;
/** A start lets go what holds a bead, and leaves its date; only of what is put off and nothing else the date ends, and its button says so. */
const onlyDated = ({ hold, deferUntil }: Held): boolean => hold === 'deferred' || (hold === null && deferUntil !== null);
export function startWord(bead: Held): string {
  if (bead.hold === 'pinned') return 'Unpin';
  return onlyDated(bead) ? 'Start now' : 'Start';
}
/** What that button does: to unpin sends no agent. */
export const startCommand = ({ id, hold }: Pick<BeadRow, 'id' | 'hold'>): PersonCommand => ({
  kind: hold === 'pinned' ? 'bead.unpin' : 'bead.start',
  beadId: id,
});
export function startedWords(bead: Held): string {
  if (bead.hold === 'pinned') return 'Unpinned: it is planned until you start it';
  return bead.deferUntil !== null && !onlyDated(bead) ? 'Started; it stays put off until its date' : 'Nothing holds the bead any more';
}

function stepOf(bead: BeadRow): NextStep | null {
  const ref = bead.wait?.ref ?? null;
  switch (bead.wait?.code) {
    case 'blocked_by_open':
    case 'blocked_by_failed':
    case 'waits_for_children':
    case 'parent_blocked':
    case 'parent_deferred':
      return ref ? { label: `Open ${ref}`, does: { drawer: { kind: 'bead', id: ref } } } : null;
    case 'no_slot':
      return { label: 'Slots', does: { settings: 'agents' } };
    case 'town_paused':
    case 'town_stopped':
      return { label: 'Resume town', does: { resume: true } };
    case 'budget_spent':
    case 'soft_limit':
      return { label: 'Raise the limit', does: { settings: 'spend', ...(ref && { limit: ref }) } };
    case 'no_model':
      return { label: 'Choose a model', does: { settings: 'models' } };
    case 'container_failed':
      return { label: 'Town status', does: { settings: 'general' } };
    case 'rig_unreachable':
      return bead.rigId ? { label: 'Reconnect', does: { reconnect: bead.rigId } } : null;
    case 'rig_connecting':
      return bead.rigId ? { label: 'Open rig', does: { drawer: { kind: 'rig', id: bead.rigId } } } : null;
    case 'agent_starting':
    case 'worktree_preparing':
    case 'agent_working':
    case 'agent_silent':
    case 'hand_in_refused':
      return bead.assigneeId ? { label: 'Watch', does: { drawer: { kind: 'agent', id: bead.assigneeId } } } : null;
    case 'in_queue':
    case 'testing':
    case 'landing':
      return bead.mergeId ? { label: 'Open merge', does: { drawer: { kind: 'merge', id: bead.mergeId } } } : null;
    case 'needs_person':
      if (bead.status === 'failed') return { label: 'Retry', does: { retry: bead.id } };
      return bead.status === 'in_review' && ref ? { label: 'Open merge', does: { drawer: { kind: 'merge', id: ref } } } : null;
    case 'rig_paused':
      return bead.rigId ? { label: 'Resume rig', does: { resumeRig: bead.rigId } } : null;
    case 'no_runner':
      return { label: 'Runners', does: { settings: 'runners' } };
    case 'runner_away':
    case 'runner_places':
      return ref ? { label: 'Open runner', does: { drawer: { kind: 'runner', id: ref } } } : null;
    case 'runner_unfit':
      return { label: 'Agents', does: { settings: 'agents' } };
    case 'runner_paused':
      return ref ? { label: 'Resume runner', does: { resumeRunner: ref } } : null;
    case 'convoy_paused':
      return ref ? { label: 'Resume convoy', does: { resumeConvoy: ref } } : null;
    case 'staged':
      if (ref) return { label: 'Start convoy', does: { startConvoy: ref } };
      return { label: startWord(bead), does: { start: bead.id } };
    case 'deferred':
      return { label: 'Start now', does: { start: bead.id } };
    case 'held':
      return bead.hold === 'not_work' ? null : { label: startWord(bead), does: { start: bead.id } };
    case 'model_held':
      return { label: 'Try now', does: { reset: true } };
    case 'retry_later':
      return { label: 'Try now', does: { retry: bead.id } };
    case 'blocked_by_external': {
      const edge = bead.dependsOn.find(({ id, type }) => id === ref && (type === 'blocks' || type === 'conditional-blocks'));
      return edge ? { label: 'It is settled', does: { settle: { beadId: bead.id, dependsOn: edge.id, type: edge.type } } } : null;
    }
    // Its buttons stand below, with what is asked.
    case 'permission_asked':
    case 'person_asked':
    case 'runner_full':
    case 'runner_keeping':
    case 'not_dispatched':
    case 'container_starting':
    case 'container_stopping':
    case 'runner_draining':
    case undefined:
      return null;
  }
}
