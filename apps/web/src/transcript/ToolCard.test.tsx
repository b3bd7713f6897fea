import type { TranscriptItem } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { ToolCard } from './ToolCard.tsx';

const card = (output: string): string => {
  const item = {
    id: 'c',
    runId: 'run-1',
    kind: 'tool',
    tool: 'gt_done',
    title: 'gt_done',
    state: 'completed',
    input: {},
    output,
    answer: null,
  };
  return renderToStaticMarkup(<ToolCard item={{ ...item, at: 1, endedAt: 2 } as Extract<TranscriptItem, { kind: 'tool' }>} />);
};
const summaryOf = (html: string): string => /<summary.*<\/summary>/s.exec(html)![0];

test('a refused call stands apart from a good one before it is opened, with its reason (UI-18)', () => {
  const refused = summaryOf(card('Refused (not_pushed): Your branch is not pushed.\nNext: Push it.'));
  expect(refused).toContain('aria-label="Refused"');
  expect(refused.replaceAll(/<[^>]*>/g, '')).toContain('Refused: Your branch is not pushed.');
  const done = summaryOf(card('Handed in.'));
  expect(done).toContain('aria-label="Done"');
  expect(done.replaceAll(/<[^>]*>/g, '')).not.toContain('Refused');
});

test('a call of which nobody knows how it ended is told as cut off, before it is opened (I6, UI-18)', () => {
  const item = { id: 'c', runId: 'run-1', kind: 'tool', tool: 'bash', title: 'bash', state: 'running', input: {}, output: null, at: 1 };
  const of = (cut: boolean) =>
    summaryOf(
      renderToStaticMarkup(
        <ToolCard item={{ ...item, answer: null, endedAt: null } as Extract<TranscriptItem, { kind: 'tool' }>} cut={cut} />,
      ),
    );
  expect(of(true)).toContain('aria-label="Cut off"');
  expect(of(true)).toContain('not known how it ended');
  expect(of(false)).toContain('aria-label="Running"');
  expect(of(false)).not.toContain('not known');
});
