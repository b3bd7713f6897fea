import type { RunnerId } from '@gastown/protocol';
import { makePolecat } from '../agents/commands.ts';
import { agentsById, findAgent, liveAgents, type Agent } from '../agents/store.ts';
import { dispatchableBeads, rigsWithReadyWork, type ReadyBead } from '../beads/ready.ts';
import { mustMove } from '../beads/status.ts';
import { findBead, issueOf, updateIssue, type Issue } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { startGate, townGate } from '../gates.ts';
import { findRig, type Rig } from '../rigs/store.ts';
import { place, withOneMore, type Placeable } from '../runners/placing.ts';
import { placeables } from '../runners/view.ts';
import type { Tx } from '../tx.ts';
import { spentAgents } from '../spend/reached.ts';
import { avoidedBy } from './avoided.ts';
import { beginRun } from './begin.ts';
import { isProbing, readBreaker } from './breaker.ts';
import { isInterrupted } from './charges.ts';
import { heldAgents, isHeld, liveRuns, runsOfBead, type Run } from './store.ts';

/**
 * Rule: ready work gets an agent while there are free slots in its rig and in the town (RC-12, RC-16), and a runner that takes it, best first (RC-13).
 * Late assignment: only here is an agent made or chosen, for a bead that starts at this moment.
 */
export function dispatch(tx: Tx): void {
  const town = theTown(tx.sql);
  if (townGate(tx.sql, town)) return;
  const polecats = liveRuns(tx.sql).filter((run) => run.beadId !== null);
  let free = town.maxPolecats - polecats.length;
  if (isProbing(readBreaker(tx.sql))) free = Math.min(free, polecats.some((run) => run.state === 'starting') ? 0 : 1);
  if (free <= 0) return;
  const waiting = rigsWithReadyWork(tx.sql);
  if (waiting.length === 0) return;
  let runners: readonly Placeable[] = placeables(tx.sql, false);
  const placed = waiting.filter((rigId) => place(runners, rigId, 'run') !== null);
  const line = bestFirst(placed.flatMap((rigId) => candidates(tx, rigId, polecats, free)));
  if (line.length === 0) return;
  const busy = new Set([...heldAgents(tx.sql), ...spentAgents(tx.sql)]);
  for (const bead of line) {
    const runnerId = free > 0 ? place(runners, bead.rigId, 'run', avoidedBy(tx.sql, bead.id, tx.now)) : null;
    if (runnerId === null) continue;
    start(tx, bead, busy, runnerId);
    free -= 1;
    runners = withOneMore(runners, runnerId, 'run');
  }
}

function candidates(tx: Tx, rigId: string, polecats: readonly Run[], free: number): ReadyBead[] {
  const rig = findRig(tx.sql, rigId);
  if (!rig || startGate(tx.sql, rig)) return [];
  const slots = Math.min(free, rig.maxPolecats - polecats.filter((run) => run.rigId === rigId).length);
  return slots > 0 ? sound(tx, rigId, slots, slots) : [];
}
/** Those at the front that cannot be read, or are held by a run that cannot, stand in nobody's way (DM-15). */
function sound(tx: Tx, rigId: string, slots: number, looked: number): ReadyBead[] {
  const front = dispatchableBeads(tx.sql, rigId, looked);
  const found = front.filter(({ id }) => findBead(tx.sql, id) !== null && !isHeld(tx.sql, '', id));
  return found.length < slots && front.length === looked ? sound(tx, rigId, slots, looked * 2) : found.slice(0, slots);
}
const bestFirst = (beads: readonly ReadyBead[]): ReadyBead[] =>
  beads.toSorted((a, b) => a.rank - b.rank || a.createdAt - b.createdAt || a.place - b.place);

/** Bead and rig can be read: else it would be no candidate. */
function start(tx: Tx, ready: ReadyBead, busy: Set<string>, runnerId: RunnerId): void {
  const bead = findBead(tx.sql, ready.id)!;
  const rig = findRig(tx.sql, ready.rigId)!;
  const issue = issueOf(tx.sql, bead.id);
  const agent = wantedAgent(tx, issue, busy) ?? chooseAgent(tx, bead.id, rig, busy);
  const runId = beginRun(tx, agent, { bead, issue }, runnerId);
  mustMove(tx, bead.id, 'in_progress', { assigneeId: agent.id, data: { runId } });
  busy.add(agent.id);
}

/** Whom somebody chose for it among those of its rig, once, if free. */
function wantedAgent(tx: Tx, issue: Issue, busy: ReadonlySet<string>): Agent | null {
  if (issue.wantedAgent === null) return null;
  updateIssue(tx, issue.beadId, { wanted_agent: null });
  const agent = findAgent(tx.sql, issue.wantedAgent);
  return agent && agent.retiredAt === null && !agent.paused && !busy.has(agent.id) ? agent : null;
}

/** The bead's earlier agent when it is idle (unless a person took the bead from it), else an idle one of the rig, else a new one. */
function chooseAgent(tx: Tx, beadId: string, rig: Rig, busy: ReadonlySet<string>): Agent {
  const last = runsOfBead(tx.sql, beadId).at(-1);
  const [earlier] = last && (last.endReason !== 'stopped' || isInterrupted(last)) ? agentsById(tx.sql, [last.agentId]) : [];
  if (earlier && !earlier.paused && earlier.retiredAt === null && !busy.has(earlier.id)) return earlier;
  const idle = liveAgents(tx.sql)
    .filter((agent) => agent.rigId === rig.id && !agent.paused && !busy.has(agent.id) && agent.id !== last?.agentId)
    .toSorted((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name));
  return idle[0] ?? makePolecat(tx, rig);
}
