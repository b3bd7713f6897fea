import { findAgent, liveAgents, updateAgent, type Agent } from '../agents/store.ts';
import { mustMove, unassign } from '../beads/status.ts';
import { beadsById, findBead, type Bead } from '../beads/store.ts';
import { setSwept, theTown } from '../config/store.ts';
import { asBead } from '../ids.ts';
import { returnMail } from '../mail/commands.ts';
import { expireNudge, openNudges } from '../messages/store.ts';
import { isInterrupted } from '../runs/charges.ts';
import { beadsOfAgent, heldAgents, lastRunOfAgent } from '../runs/store.ts';
import { settleTriageOf } from '../triage/request.ts';
import type { Tx } from '../tx.ts';
import { threshold } from './settings.ts';

/**
 * Polecats that had no run for a day are retired (PT-10), so that their names are free. Looked for once an hour in a town that is awake anyway: nobody
 * is woken for it, and nobody sees it. Singletons stay.
 */
const SWEEP_MS = 3_600_000;
/** At most so many beads are let go at once; an agent with more is retired by a later sweep. */
const RELEASED = 200;

export function retireAgents(tx: Tx): void {
  if (tx.now - theTown(tx.sql).sweptAt < SWEEP_MS) return;
  const polecats = liveAgents(tx.sql).filter((agent) => agent.role === 'polecat');
  /** A tick without work writes nothing; a command that writes anyway keeps the next ones from looking. */
  if (polecats.length === 0 && tx.touched.changes === 0) return;
  setSwept(tx);
  const held = heldAgents(tx.sql);
  for (const agent of polecats) if (!held.has(agent.id) && isForgotten(tx, agent)) retire(tx, agent);
}
function isForgotten(tx: Tx, agent: Agent): boolean {
  const last = lastRunOfAgent(tx.sql, agent.id);
  /** A stop of the town interrupted it, and its bead waits for it. */
  if (last?.beadId && isInterrupted(last) && findBead(tx.sql, last.beadId)?.status === 'open') return false;
  const since = last?.endedAt ?? agent.createdAt;
  return tx.now - since >= threshold(tx.sql, 'agentRetireMs');
}

function retire(tx: Tx, agent: Agent): void {
  const assigned = beadsById(tx.sql, beadsOfAgent(tx.sql, agent.id)).filter((bead) => bead.assigneeId === agent.id);
  for (const bead of assigned.slice(0, RELEASED)) release(tx, bead);
  if (assigned.length > RELEASED) return;
  returnMail(tx, agent.id, agent.name);
  for (const nudge of openNudges(tx.sql, agent.id)) expireNudge(tx, nudge);
  settleTriageOf(tx, 'crash_loop', agent.id, `${agent.name} is retired.`);
  updateAgent(tx, agent.id, { retired_at: tx.now });
  if (findAgent(tx.sql, agent.id)) mustMove(tx, asBead(agent.id), 'closed', { data: { reason: 'retired' } });
}

/** Work in progress without a run goes back in line; everything else only is nobody's any more: what is over stays over (AG-21, AG-25). */
function release(tx: Tx, bead: Bead): void {
  if (bead.status === 'in_progress') mustMove(tx, bead.id, 'open', { data: { reason: 'its agent is retired' } });
  else unassign(tx, bead);
}
