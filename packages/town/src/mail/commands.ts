import { failure, LIMITS, ok, refuse, type AgentId, type MailId, type Result } from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { findAgent, theMayor } from '../agents/store.ts';
import { createBead } from '../beads/create.ts';
import { mustMove } from '../beads/status.ts';
import { asBead, newMailId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { findNudge, nudgeDelivered, nudgeForThisSession } from '../messages/store.ts';
import type { Tx } from '../tx.ts';
import { findMail, insertMail, setDelivered, setReader, unreadOf, type Mail } from './store.ts';

/** Mail stays until it is read (MS-1 to MS-3): a `message` bead that is closed by reading. */
export interface Letter {
  readonly agentId: AgentId;
  readonly subject: string;
  readonly body: string;
}

export function sendMail(tx: Tx, { agentId, subject, body }: Letter): Result<{ mailId: MailId }> {
  const agent = findAgent(tx.sql, agentId);
  if (!agent) return refuse(failure('unknown_agent', `There is no agent ${agentId}.`, { agentId }));
  if (agent.retiredAt !== null)
    return refuse(failure('unknown_agent', `${agent.name} is retired; write to the Mayor or to whoever has the bead now.`, { agentId }));
  if (unreadOf(tx.sql, agentId).length >= LIMITS.unreadMail.value)
    return refuse(failure('mailbox_full', `${agent.name} has ${LIMITS.unreadMail.value} unread messages.`, { agentId }));
  const id = newMailId(tx);
  createBead(
    tx,
    {
      id: asBead(id),
      type: 'message',
      title: subject,
      body,
      rigId: agent.rigId,
      parentId: null,
      assigneeId: null,
      priority: 'medium',
      labels: [],
      createdBy: actorLabel(tx),
    },
    { type: 'mail_sent', agentId, data: { subject } },
  );
  insertMail(tx, { id, sender: actorLabel(tx), senderId: tx.actor.kind === 'agent' ? tx.actor.id : null, agentId, subject, body });
  return ok({ mailId: id });
}

/** Reading closes it; once (MS-3). */
export function deliver(tx: Tx, mail: Mail): void {
  setDelivered(tx, mail.id);
  mustMove(tx, asBead(mail.id), 'closed', { data: { reader: mail.agentId } });
}

/** What the agent has not read, read now; not what is in its session at this moment. */
export function readAll(tx: Tx, agentId: string): Mail[] {
  const unread = unreadOf(tx.sql, agentId).filter((mail) => !mail.nudgeId || findNudge(tx.sql, mail.nudgeId)?.state !== 'sent');
  for (const mail of unread) readNow(tx, mail);
  return unread;
}
function readNow(tx: Tx, mail: Mail): void {
  if (mail.nudgeId) nudgeDelivered(tx, mail.nudgeId);
  deliver(tx, mail);
}

/**
 * A person read it in the agent's stead. Twice is once. What is with a session already cannot be taken back from it, and its run waits for that turn: it has
 * it, and no other session is told again (I3, MS-3).
 */
export function readMail(tx: Tx, { mailId }: { mailId: string }): Result<{ mailId: string }> {
  const mail = findMail(tx.sql, mailId);
  if (!mail) return refuse(failure('unknown_mail', `There is no message ${mailId}.`, { mailId }));
  if (mail.deliveredAt !== null) return ok({ mailId });
  if (mail.nudgeId && findNudge(tx.sql, mail.nudgeId)?.state === 'sent') {
    nudgeForThisSession(tx, mail.nudgeId);
    deliver(tx, mail);
  } else readNow(tx, mail);
  return ok({ mailId });
}

/** Its reader will have no run any more: the Mayor decides what becomes of it (MS-2). */
export function returnMail(tx: Tx, agentId: string, name: string): void {
  const mayor = theMayor(tx.sql);
  for (const mail of unreadOf(tx.sql, agentId)) {
    setReader(tx, mail.id, mayor.id, `For ${name}, who is retired: ${mail.subject}`.slice(0, LIMITS.mailSubjectCharacters.value));
    record(tx, { type: 'mail_returned', beadId: asBead(mail.id), agentId, data: { to: mayor.id } });
  }
}
