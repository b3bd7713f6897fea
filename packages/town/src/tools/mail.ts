import { ok, type Result, type ToolAnswer, type ToolArgs } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import { readAll, sendMail } from '../mail/commands.ts';
import { nudgeAgent } from '../people/agents.ts';
import type { Tx } from '../tx.ts';
import type { Caller } from './caller.ts';

export function mailSend(tx: Tx, _caller: Caller, args: ToolArgs<'mail_send'>): Result<ToolAnswer> {
  const sent = sendMail(tx, { agentId: args.to_agent_id, subject: args.subject, body: args.body });
  if (!sent.ok) return sent;
  const name = findAgent(tx.sql, args.to_agent_id)?.name ?? args.to_agent_id;
  return ok({
    summary: `Sent to ${name}; it stays until it is read.`,
    data: { mail_id: sent.value.mailId },
    links: [{ kind: 'agent', id: args.to_agent_id }],
  });
}

export function mailCheck(tx: Tx, { agent }: Caller, _args: ToolArgs<'mail_check'>): Result<ToolAnswer> {
  const read = readAll(tx, agent.id);
  return ok({
    summary: read.length === 0 ? 'No unread message.' : `${read.length} message${read.length === 1 ? '' : 's'}.`,
    data: read.map(({ id, sender, senderId, subject, body }) => ({ mail_id: id, from: sender, from_agent_id: senderId, subject, body })),
    links: [],
  });
}

export function nudge(tx: Tx, _caller: Caller, args: ToolArgs<'nudge'>): Result<ToolAnswer> {
  const sent = nudgeAgent(tx, args.to_agent_id, args.message, args.mode ?? 'wait-idle');
  if (!sent.ok) return sent;
  const { waits, note } = sent.value;
  return ok({
    summary: note ?? waits ?? 'It is told.',
    data: { nudge_id: sent.value.nudgeId },
    links: [{ kind: 'agent', id: args.to_agent_id }],
  });
}
