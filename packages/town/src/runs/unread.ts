import { findAgent, liveAgents } from '../agents/store.ts';
import { unreadOf } from '../mail/store.ts';
import { addNudge, expireNudge, type Nudge } from '../messages/store.ts';
import type { Tx } from '../tx.ts';
import { liveRunOfAgent } from './store.ts';

const QUOTED = 200;

/**
 * Nobody will read this message any more: the ledger says so to people, a word of the town to the agent that wrote it, if it is there to hear it (AG-14). Mail is not
 * lost with it: that takes another way.
 */
export function expireUnread(tx: Tx, nudge: Nudge): void {
  expireNudge(tx, nudge);
  if (unreadOf(tx.sql, nudge.agentId).some((mail) => mail.nudgeId === nudge.id)) return;
  const sender = liveAgents(tx.sql).find(({ id, identity }) => identity === nudge.source && id !== nudge.agentId);
  if (!sender || (sender.role !== 'mayor' && !liveRunOfAgent(tx.sql, sender.id))) return;
  const name = findAgent(tx.sql, nudge.agentId)?.name ?? nudge.agentId;
  const said = nudge.text.length > QUOTED ? `${nudge.text.slice(0, QUOTED)}…` : nudge.text;
  const text = `${name} did not read your message, and will not. You wrote:\n\n${said}`;
  addNudge(tx, { agentId: sender.id, text, mode: 'wait-idle', source: 'town' }, false);
}
