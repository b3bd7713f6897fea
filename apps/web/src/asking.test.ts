import { expect, test } from 'vitest';
import { AgentId } from '@gastown/protocol';
import { questionName, questionOf } from './asking.ts';

const agentId = AgentId.parse('ag-1a2b3c4d');

test('a question has a short name: who asks, and how it begins', () => {
  expect(questionOf({ agentId, message: '' }, 'Toast')).toBe('Question of Toast');
  expect(questionOf({ agentId, message: '' }, undefined)).toBe('Question of an agent');
  expect(questionName({ agentId: null, message: 'May it\n\nland?' }, undefined)).toBe('Question of the town: May it land?');
  const name = questionName({ agentId, message: 'word '.repeat(400) }, 'Toast');
  expect(name).toMatch(/^Question of Toast: word .*word…$/);
  expect(name.length).toBeLessThanOrEqual('Question of Toast: '.length + 121);
});
