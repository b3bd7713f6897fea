import { IN_LINE, type BeadRow, type WaitCode } from '@gastown/protocol';

/** Waits that a person chose, or whose word the page has too; what waits for something names it. */
const WORDS: Partial<Record<WaitCode, string>> = {
  staged: 'planned',
  parent_deferred: 'put off',
  not_dispatched: 'open',
  blocked_by_external: 'blocked',
  waits_for_children: 'waits for its parts',
  parent_blocked: 'blocked',
  town_stopped: 'stopped',
  town_paused: 'paused',
  rig_paused: 'paused',
  convoy_paused: 'paused',
  runner_paused: 'paused',
  runner_away: 'held',
  rig_connecting: 'held',
  model_held: 'held',
  agent_starting: 'starting',
  worktree_preparing: 'starting',
  agent_working: 'working',
  hand_in_refused: 'cannot hand in',
  agent_silent: 'stalled',
  in_queue: 'in queue',
  testing: 'testing',
  landing: 'landing',
};

/** How a bead stands, in a word or few, as the page says it; the sentence is for `beads show`. */
export function stateOf(bead: BeadRow): string {
  const { status, type, closedAt, landedCommit } = bead;
  if (status === 'closed' || status === 'failed') {
    const word = status === 'failed' ? 'failed' : landedCommit === null ? 'closed' : 'landed';
    return closedAt === null ? word : `${word} ${day(closedAt)}`;
  }
  return (type === 'issue' ? waiting(bead) : null) ?? status.replace('_', ' ');
}

function waiting({ hold, wait, status, deferUntil }: BeadRow): string | null {
  if (wait?.code === 'held' || (wait === null && hold !== null)) return heldAs(hold);
  if (wait === null) return null;
  const { code, ref, until } = wait;
  if (code === 'runner_away' && status === 'in_progress') return 'runner away';
  if (code === 'deferred') return putOff(until ?? deferUntil);
  if (code === 'blocked_by_open' && ref !== null) return `waits for ${ref}`;
  if (code === 'blocked_by_failed' && ref !== null) return `blocked by ${ref}`;
  if (IN_LINE.has(code)) return status === 'open' ? 'queued' : null;
  return WORDS[code] ?? 'waits for you';
}
const putOff = (until: number | null): string => (until === null ? 'put off' : `put off to ${day(until)}`);

const HELD: Record<NonNullable<BeadRow['hold']>, string> = {
  staged: 'planned',
  deferred: 'put off',
  pinned: 'pinned',
  foreign: 'held',
  not_work: 'record',
};
const heldAs = (hold: BeadRow['hold']): string => (hold === null ? 'held' : HELD[hold]);

const day = (at: number): string => new Date(at).toLocaleDateString('sv');
