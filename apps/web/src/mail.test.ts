import { expect, test } from 'vitest';
import { MailRow } from '@gastown/protocol';
import { mailOf } from './mail.ts';

const mail = (id: string, change: object = {}) =>
  MailRow.parse({
    id,
    from: 'You',
    fromAgentId: null,
    agentId: 'ag-00000001',
    subject: 's',
    body: 'b',
    createdAt: 1,
    deliveredAt: null,
    ...change,
  });
const all = [
  mail('ml-00000001', { deliveredAt: 9, createdAt: 8 }),
  mail('ml-00000002'),
  mail('ml-00000003', { createdAt: 5, fromAgentId: 'ag-00000002' }),
  mail('ml-00000004', { agentId: 'ag-00000002', createdAt: 7 }),
];
const shown = (agent?: string) => mailOf(all, agent).map(({ id }) => id.at(-1));

test('what is not read stands first, the newest above (MS-3)', () => expect(shown()).toEqual(['4', '3', '2', '1']));
test('the mail of an agent is what it got and what it wrote (MS-4)', () => expect(shown('ag-00000002')).toEqual(['4', '3']));
