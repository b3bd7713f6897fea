import type { MailRow } from '@gastown/protocol';

/** Unread first, then the newest first: what waits is seen before what was. */
const byMail = (a: MailRow, b: MailRow): number =>
  Number(a.deliveredAt !== null) - Number(b.deliveredAt !== null) || b.createdAt - a.createdAt || a.id.localeCompare(b.id);

/** Messages to or from one agent, or all. */
export const mailOf = (mail: Iterable<MailRow>, agentId: string | undefined): MailRow[] =>
  [...mail].filter((row) => !agentId || row.agentId === agentId || row.fromAgentId === agentId).toSorted(byMail);
