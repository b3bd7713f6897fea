import type { EscalationRow } from '@gastown/protocol';
import { inShort } from './format.ts';

type Asked = Pick<EscalationRow, 'agentId' | 'message'>;
/** Who asks; `agent` is the name of the one who does, where it is known. */
export const questionOf = ({ agentId }: Asked, agent: string | undefined): string =>
  `Question of ${agentId === null ? 'the town' : (agent ?? 'an agent')}`;
/** The name of a question: who asks, and how it begins, on one line. */
export const questionName = (asked: Asked, agent: string | undefined): string =>
  `${questionOf(asked, agent)}: ${inShort(asked.message.replaceAll(/\s+/g, ' ').trim())}`;
