import { aBead } from '@gastown/protocol/testing';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { boardSearch, chosenIn, filterOf, type BoardSearch } from '../board-search.ts';
import { columnOf, countOf } from '../ordering.ts';
import { TownConnection } from '../replica/connection.ts';
import { TownContext } from '../replica/hooks.ts';
import { parseSearch } from '../search.ts';
import { BoardFilters } from './BoardFilters.tsx';

const beads = [
  aBead({ id: 'gt-1', ready: true, wait: { code: 'no_slot', ref: null, until: null } }),
  aBead({ id: 'gt-2', wait: { code: 'blocked_by_open', ref: 'gt-1', until: null } }),
  aBead({ id: 'gt-3', ready: true, wait: { code: 'town_paused', ref: null, until: null } }),
  aBead({ id: 'gt-4', wait: { code: 'staged', ref: null, until: null } }),
  aBead({ id: 'gt-5', status: 'closed' }),
];
function shown(search: BoardSearch): string {
  const connection = new TownConnection('t');
  connection.replica.apply({ t: 'snapshot', rev: 1, epoch: 'e', put: { beads }, leftOut: { closed: false, archived: false } });
  return renderToStaticMarkup(
    <TownContext value={connection}>
      <BoardFilters search={search} put={() => {}} rigs={[]} />
    </TownContext>,
  );
}
const readyIn = (html: string) => /<button[^>]*>Ready</.exec(html)?.[0];

test('the board is narrowed by its address to what the town says is ready, whatever keeps that from beginning (design/core.md §1)', () => {
  const filter = filterOf(boardSearch(parseSearch('?ready=only')));
  expect(columnOf(beads, 'open', filter, new Map()).map(({ id }) => id)).toEqual(['gt-1', 'gt-3']);
  expect(columnOf(beads, 'closed', filter, new Map())).toEqual([]);
  expect(columnOf(beads, 'open', filterOf(boardSearch({})), new Map())).toHaveLength(4);
});

test('a button says Ready and whether it is chosen, and counts among what a phone keeps behind one button', () => {
  expect(readyIn(shown({}))).toMatch(/type="button".*aria-pressed="false".*title="Open, unblocked/);
  expect(readyIn(shown({ ready: 'only' }))).toContain('aria-pressed="true"');
  expect([chosenIn({}), chosenIn({ ready: 'only' })]).toEqual([0, 1]);
});

test('of closed beads none is ready, so that no older ones are promised there', () => {
  const leftOut = { closed: true, archived: true };
  expect(countOf(0, 0, 'closed', { ready: true }, leftOut)).toEqual({ figure: '0', words: null, older: null });
  expect(countOf(0, 0, 'closed', {}, leftOut).figure).toBe('0+');
});
