import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Commit } from '@gastown/protocol';
import { ForeignCommits } from './ForeignCommits.tsx';

const commit = (digit: string, foreign?: Commit['foreign']) =>
  Commit.parse({ sha: digit.repeat(40), subject: `Commit ${digit}`, author: 'Ada', at: 1, foreign });

test('a merge shows which commits seem to be made for something else, and why; without any it says nothing (GT-17)', () => {
  const shown = renderToStaticMarkup(
    <ForeignCommits commits={[commit('a'), commit('b', 'another_person'), commit('c', 'another_bead')]} />,
  );
  expect(shown).not.toContain('Commit a');
  expect(shown).toMatch(/Commit b.*not made by an agent of this town.*Commit c.*names another bead/);
  expect(renderToStaticMarkup(<ForeignCommits commits={[commit('a')]} />)).toBe('');
});
