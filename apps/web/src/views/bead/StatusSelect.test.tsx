import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { settableFrom } from '../../ordering.ts';
import { Reopening } from './StatusSelect.tsx';

test('a person sets a bead to what is theirs to decide, or leaves it as it is: the town says what is in progress and in review (ST-14)', () => {
  const from = (status: Parameters<typeof settableFrom>[0]) => settableFrom(status).map((column) => column.status);
  expect(from('closed')).toEqual(['open', 'closed', 'failed']);
  expect(from('in_progress')).toEqual(['open', 'in_progress', 'closed', 'failed']);
  expect(from('in_review')).toEqual(['open', 'in_review', 'closed', 'failed']);
});

const asked = (over: object) =>
  renderToStaticMarkup(<Reopening bead={aBead({ status: 'closed', ...over })} onOpen={() => {}} onKeep={() => {}} />);

test('before a bead that is over is opened again, the page says what follows', () => {
  expect(asked({ landedCommit: 'a'.repeat(40) })).toMatch(
    /has landed\. If you open it again, an agent is sent to it again.*>Leave it landed</s,
  );
  expect(asked({})).toMatch(/is closed\. .*>Open it again<.*>Leave it closed</s);
});

test('of a bead that no agent is sent to it promises none', () => {
  expect(asked({ kind: 'epic' })).toContain('what waits for it waits again');
});
