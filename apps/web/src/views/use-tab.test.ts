import { expect, test } from 'vitest';
import { AGENT_TABS, tabIn } from './use-tab.ts';

test('the address says which tab of an agent is open; one that says nothing known opens the transcript (UI-5)', () => {
  for (const tab of AGENT_TABS) expect(tabIn(tab)).toBe(tab);
  expect(tabIn(undefined)).toBe('transcript');
  expect(tabIn('toString')).toBe('transcript');
});
