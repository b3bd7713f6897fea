import type { AgentRow, BeadRow, FailureCode, MergeRow, RigRow, RunnerRow, RunRow, Signal, TownRow, WaitCode } from '@gastown/protocol';
import type { Reach } from '@gastown/protocol/needs';

/** What a sign shows: one of the six states, its word, and whether it stands for finished work (the tick). */
export interface Sign {
  readonly signal: Signal;
  readonly word: string;
  readonly done?: true;
}
const sign = (signal: Signal, word: string): Sign => ({ signal, word });
const finished = (word: string): Sign => ({ signal: 'idle', word, done: true });

export const WORDS: Record<Signal, string> = {
  working: 'Working',
  waiting_for_you: 'Waiting for you',
  idle: 'Idle',
  queued: 'Queued',
  failed: 'Failed',
  stalled: 'Stalled',
};

/** Waits that end only when a person does something. */
const NEEDS_PERSON: ReadonlySet<WaitCode> = new Set<WaitCode>([
  'blocked_by_failed',
  'budget_spent',
  'soft_limit',
  'no_model',
  'container_failed',
  'rig_unreachable',
  'needs_person',
  'permission_asked',
  'person_asked',
  'no_runner',
  'runner_unfit',
]);
/** Waits that a person chose: nothing is owed, nothing moves. */
const HELD: Partial<Record<WaitCode, string>> = {
  staged: 'Planned',
  deferred: 'Put off',
  parent_deferred: 'Put off',
  held: 'Held',
  not_dispatched: 'Open',
};
const BLOCKED: ReadonlySet<WaitCode> = new Set<WaitCode>([
  'blocked_by_open',
  'blocked_by_external',
  'waits_for_children',
  'parent_blocked',
]);
/** Waits for somebody to let the whole go on: its town, repository, convoy, runner or model. */
const STANDING_STILL: Partial<Record<WaitCode, string>> = {
  town_stopped: 'Stopped',
  town_paused: 'Paused',
  rig_paused: 'Paused',
  convoy_paused: 'Paused',
  runner_paused: 'Paused',
  runner_away: 'Held',
  rig_connecting: 'Held',
  model_held: 'Held',
};
const WORKING: Partial<Record<WaitCode, string>> = {
  agent_starting: 'Starting',
  worktree_preparing: 'Starting',
  agent_working: 'Working',
  hand_in_refused: 'Cannot hand in',
  testing: 'Testing',
  landing: 'Landing',
};

/** It may well be at work, and most links are back in a moment: nothing changes its place or colour for that. */
const AWAY = sign('working', 'Runner away');

/** The agent of a bead while it works on this one; what it does on another bead is told there. */
export const workerOn = (bead: BeadRow, agent: AgentRow | undefined): AgentRow | undefined =>
  agent?.beadId === bead.id ? agent : undefined;

/** `assigned`: the agent of the bead, wherever it works. */
export function beadSign(bead: BeadRow, assigned?: AgentRow): Sign {
  const agent = workerOn(bead, assigned);
  if (bead.status === 'closed') return finished(bead.landedCommit ? 'Landed' : 'Closed');
  if (bead.status === 'failed') return sign('failed', 'Failed');
  if (bead.wait?.code === 'agent_silent' || (bead.status === 'in_progress' && agent?.status === 'stalled'))
    return sign('stalled', 'Stalled');
  if (bead.status === 'in_progress' && agent?.status === 'waiting') return sign('waiting_for_you', 'Waiting for you');
  const code = bead.wait?.code;
  if (code === 'runner_away' && bead.status === 'in_progress') return AWAY;
  if (code && HELD[code]) return sign('idle', code === 'held' && bead.hold === 'pinned' ? 'Pinned' : HELD[code]);
  if (code && NEEDS_PERSON.has(code)) return sign('waiting_for_you', code === 'blocked_by_failed' ? 'Blocked' : 'Waiting for you');
  if (code && WORKING[code]) return sign('working', WORKING[code]);
  if (code && BLOCKED.has(code)) return sign('queued', 'Blocked');
  if (bead.status === 'in_progress') return sign('working', 'Working');
  if (code && STANDING_STILL[code]) return sign('queued', STANDING_STILL[code]);
  if (bead.status === 'in_review') return sign('queued', 'In queue');
  return sign('queued', 'Queued');
}

export function agentSign(agent: AgentRow): Sign {
  if (agent.asks) return sign('waiting_for_you', 'Waiting for you');
  switch (agent.status) {
    case 'working':
      return sign('working', 'Working');
    case 'starting':
      return sign('working', 'Starting');
    case 'away':
      return AWAY;
    // The Mayor waits for its next message: nothing is owed.
    case 'waiting':
      return agent.role === 'mayor' ? sign('idle', 'Ready') : sign('waiting_for_you', 'Waiting for you');
    case 'stalled':
      return sign('stalled', 'Stalled');
    // A polecat at rest: what failed is its last run, and the bead of it says what follows.
    case 'failed':
      return agent.role === 'mayor' ? sign('failed', 'Failed') : sign('idle', agent.paused ? 'Paused' : 'Last run failed');
    case 'dead':
      return sign('idle', 'Retired');
    case 'exited':
      return sign('idle', agent.paused ? 'Paused' : 'Exited');
    case 'idle':
      return sign('idle', agent.paused ? 'Paused' : 'Idle');
  }
}

export function mergeSign(merge: MergeRow): Sign {
  switch (merge.phase) {
    case 'queued':
      return sign('queued', 'Queued');
    case 'testing':
      return sign('working', 'Testing');
    case 'landing':
      return sign('working', 'Landing');
    case 'landed':
      return finished('Landed');
    case 'failed':
      return sign('failed', 'Failed');
  }
}

/** `reach`: of the limit that holds it. */
export function rigSign(rig: RigRow, reach: Reach = null): Sign {
  switch (rig.state) {
    case 'connecting':
      return sign('queued', 'Connecting');
    case 'unreachable':
      return sign('failed', 'Unreachable');
    case 'removed':
      return sign('idle', 'Removed');
    case 'ready':
      if (rig.busyPolecats > 0) return sign('working', rig.paused ? 'Pausing' : 'Working');
      if (rig.paused) return sign('idle', 'Paused');
      return reach ? sign('waiting_for_you', reach === 'hard' ? 'Hard limit reached' : 'Soft limit reached') : sign('idle', 'Ready');
  }
}

/** `container`: of the town, for the runner that lives in it. */
export function runnerSign(runner: RunnerRow, container?: TownRow['container']): Sign {
  if (runner.failure) return sign('stalled', 'Does not answer');
  if (!runner.connected) return runner.kind === 'container' ? asleepSign(container) : awaySign(runner);
  if (runner.drainingAt !== null) return sign('working', 'Ending');
  if (runner.busy > 0) return sign('working', runner.paused ? 'Pausing' : 'Working');
  return sign('idle', runner.paused ? 'Paused' : 'Linked');
}
function asleepSign(container: TownRow['container'] | undefined): Sign {
  if (container?.state === 'failed') return sign('failed', 'Does not start');
  if (container?.state === 'starting' || container?.state === 'running') return sign('working', 'Starting');
  return sign('idle', container?.state === 'stopping' ? 'Stopping' : 'Asleep');
}
/** A machine that is needed, since nothing else may take its rigs, and one that is only one of several. */
function awaySign({ linkSince, rigs }: RunnerRow): Sign {
  if (linkSince === null) return sign('queued', 'Not started yet');
  return sign(rigs !== null && rigs.length > 0 ? 'stalled' : 'idle', 'Not linked');
}

export function townSign(town: TownRow, attention: number): Sign {
  if (town.container.state === 'failed') return sign('failed', 'Container failed');
  if (attention > 0) return sign('waiting_for_you', 'Waiting for you');
  if (town.stopped) return sign('idle', 'Stopped');
  if (town.paused) return sign('idle', 'Paused');
  if (town.busyPolecats > 0) return sign('working', 'Working');
  if (town.container.state === 'starting') return sign('working', 'Starting');
  return sign('idle', town.container.state === 'running' ? 'Ready' : 'Asleep');
}

/** The machine went, not the agent: the bead pays no attempt for it (RC-34). */
const LOST: ReadonlySet<FailureCode> = new Set<FailureCode>(['runner_lost', 'runner_drained', 'runner_wedged']);
export const isLost = ({ failure }: Pick<RunRow, 'failure'>): boolean => failure !== null && LOST.has(failure.code);
/** `merge`: of what it handed in. */
export function runSign(run: Pick<RunRow, 'state' | 'endReason' | 'failure' | 'away'>, merge?: Pick<MergeRow, 'phase'>): Sign {
  if (run.away) return AWAY;
  if (run.state === 'starting') return sign('working', 'Starting');
  if (run.state === 'working') return sign('working', 'Working');
  if (run.state === 'idle') return sign('idle', 'Idle');
  switch (run.endReason) {
    case 'done':
      if (merge?.phase === 'failed') return sign('failed', 'Did not land');
      return finished(merge?.phase === 'landed' ? 'Landed' : 'Handed in');
    case 'no_changes':
      return finished('No changes');
    case 'stopped':
      return sign('idle', 'Stopped');
    case 'failed':
    case null:
      return isLost(run) ? sign('idle', 'Lost with its runner') : sign('failed', 'Failed');
  }
}
