import { expect, test } from 'vitest';
import { greyContrast, greyOf, rgbOf } from './grey.ts';
import { badDay, colourOnly, goodDay, tooFaint, type Mark, type Seen } from './judge.ts';
import { PLACES, missing } from './places.ts';

const well: Seen = {
  words: 'acme Board Open 3 In progress 2',
  alerts: '',
  toasts: '',
  h1: ['Board'],
  h2: ['Open'],
  mains: 1,
  waiting: [],
  link: 'live',
  sideways: false,
};
const broken: Seen = { ...well, words: 'The town does not answer. This is how it stood at 19:02; the page keeps trying by itself.' };

test('a page on a bad day says what is wrong and what happens next', () => {
  expect(badDay(broken)).toEqual([]);
  expect(badDay(well)).toEqual(['does not say what is wrong', 'does not say what happens next']);
  expect(badDay({ ...broken, words: 'The town does not answer, whatever you do.' })).toEqual(['does not say what happens next']);
  expect(badDay({ ...broken, words: 'Nothing to see.', alerts: 'The town cannot answer right now. The page keeps trying.' })).toEqual([
    'is blank',
  ]);
});

test('a page that is blank, without a heading or a landmark, or that waits without an end, is found', () => {
  expect(badDay({ ...broken, words: '', h1: [], mains: 0, waiting: ['Loading town'] })).toEqual([
    'is blank',
    'has no heading',
    'has 0 main landmarks',
    'waits without an end: Loading town',
    'does not say what is wrong',
    'does not say what happens next',
  ]);
});

test('when the server is back the page shows what it showed before', () => {
  expect(goodDay(well, well)).toEqual([]);
  expect(goodDay(broken, well)).toEqual(['still says that something is wrong']);
  expect(goodDay({ ...well, h2: [] }, well)).toEqual(['did not show “Open” again']);
  expect(goodDay({ ...well, sideways: true }, null)).toEqual(['scrolls sideways']);
});

test('the contrast of a text is that of its greys', () => {
  expect(greyOf([255, 255, 255])).toBeCloseTo(255);
  expect(greyContrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
  expect(rgbOf('rgba(0, 0, 0, 0)')).toBeNull();
  const ink = { where: 'p', text: '#f26a1b', back: '#ffffff', least: 4.5 };
  expect(tooFaint([ink])).toEqual(['text too faint in grey: 3.88 of 4.5 (#f26a1b on #ffffff) at p']);
  expect(
    tooFaint([
      { ...ink, least: 3 },
      { ...ink, text: '#b84500' },
    ]),
  ).toEqual([]);
});

const mark = (more: Partial<Mark>): Mark => ({
  where: 'a',
  form: 'circle',
  colour: 'rgb(11, 114, 100)',
  sign: null,
  told: '',
  beside: null,
  ...more,
});

test('two states have two forms, and each is named (UI-20)', () => {
  const working = mark({ sign: 'Working', told: 'Toast Working' });
  const failed = mark({ where: 'b', sign: 'Failed', told: 'Toast Failed', colour: 'rgb(255, 220, 210)' });
  expect(colourOnly([working, working, { ...failed, form: 'cross' }])).toEqual([]);
  expect(colourOnly([working, failed])).toEqual(['told apart by colour only: a (rgb(11, 114, 100)), b (rgb(255, 220, 210))']);
  expect(colourOnly([{ ...working, told: 'Toast' }])).toEqual(['nothing says “Working” at a']);
});

test('what is no state may differ by its grey, but not by its colour alone (UI-20)', () => {
  expect(colourOnly([mark({}), mark({ where: 'b', colour: 'rgb(182, 35, 62)' })])).toEqual([]);
  expect(colourOnly([mark({}), mark({ where: 'b', colour: 'rgb(106, 75, 196)' })])).toHaveLength(1);
  expect(colourOnly([mark({ beside: 'rgb(182, 35, 62)' })])).toHaveLength(1);
  expect(colourOnly([mark({ beside: 'rgb(236, 236, 239)' })])).toEqual([]);
});

test('a route that nobody walks is found, and one that is gone', () => {
  const routes = PLACES.map(({ route }) => route);
  expect(missing('the route', routes, routes)).toEqual([]);
  expect(missing('the route', [...routes, '/t/$town/new-page'], routes)).toEqual([
    'the route /t/$town/new-page is of the page and in no row of places.ts',
  ]);
  expect(missing('the route', routes.slice(1), routes)).toEqual(['the route / is in places.ts and not of the page']);
});
