import type { StoryInput } from '../model/story.ts';
import { slingOne } from './mayor.ts';
import { all, bash, commit, edit, passedTests, runTests, write } from './shell.ts';

const TITLE = 'Let parse accept an array of header values';

/** The start of `parse` as published, with the bug of the first attempt, and as it should be. */
const PUBLISHED = `  if (typeof header !== 'string') {
    throw new TypeError('argument header is required and must be a string')
  }

  const result = parseHeader(header)

  if (result === defaultContentType) {`;

const WITH_BUG = `  // a field that is sent twice arrives as an array: the first value counts
  const value = String(Array.isArray(header) ? header[0] : header)

  const result = parseHeader(value)

  if (result === defaultContentType) {`;

const FIXED = `  // a field that is sent twice arrives as an array: the first value counts
  const value = Array.isArray(header) ? header[0] : header
  if (typeof value !== 'string') {
    throw new TypeError('argument header is required and must be a string')
  }

  const result = parseHeader(value)

  if (result === defaultContentType) {`;

const TESTS = `
'use strict'

const { test } = require('node:test')
const { parse } = require('..')

test('parse of an array', async function (t) {
  await t.test('should take the first value', function (t) {
    t.assert.strictEqual(parse(['text/html; charset=utf-8', 'text/plain']).type, 'text/html')
  })
})
`;

const MORE_TESTS = TESTS.replace(
  /\}\)\s*$/,
  `
  await t.test('should refuse an array without a string', function (t) {
    for (const wrong of [[], [7], [null]]) {
      t.assert.throws(() => parse(wrong), new TypeError('argument header is required and must be a string'))
    }
  })
})
`,
);

/** What a later attempt is told, in its prompt or by gt_prime: that a gate ended with an exit code other than 0. */
const GATE_FAILED = ['\\bgates?\\b', '\\bexit(?:ed|s)?(?:[ _]?code)?\\b[^\\n\\d]{0,20}[1-9]\\d*'];

/** Story B: the first attempt breaks tests that were there before and is handed in all the same; the next one is told, and mends it. */
export const acceptArray: StoryInput = {
  id: 'accept-array',
  title: 'A change that breaks the tests, and the attempt that mends it',
  suggestion: TITLE,
  scenes: [
    slingOne(
      '\\bparse\\b.*\\barray\\b',
      TITLE,
      'A field that is sent twice arrives as an array in some frameworks. `parse` takes the first value then; everything else stays as it is. Cover it with tests in `test/array.test.js`.',
    ),
    {
      id: 'polecat-again',
      when: { role: 'polecat', asked: TITLE, context: GATE_FAILED },
      find: { passed: passedTests },
      steps: [
        { text: '# Reading what the gate said\n', tool: 'gt_prime', args: {} },
        bash('See what is here', all('git log --oneline -3', "grep -n 'String(Array' index.js || true", runTests()), {
          text: '# Reproducing the failure\n',
        }),
        bash('Check the type again', all(edit('index.js', [WITH_BUG, PUBLISHED], FIXED), write('test/array.test.js', MORE_TESTS)), {
          text: '# Keeping the type check\n',
        }),
        bash('Run all tests', runTests(), { text: '# Running all the tests\n' }),
        bash('Commit', all(commit('Let parse accept an array of header values')), { text: '# Committing\n' }),
        {
          tool: 'gt_done',
          args: {
            summary:
              'parse takes the first value of an array and refuses everything else as before: the first attempt had turned every value into a string. {{passed}} tests pass.',
          },
        },
        {
          text: '# Handed in again\n\nThe gate was right: the first attempt dropped the type check. It is back, and {{passed}} tests pass.',
        },
      ],
    },
    {
      id: 'polecat-first',
      when: { role: 'polecat', asked: TITLE },
      find: { passed: passedTests },
      steps: [
        { text: '# Reading the bead\n', tool: 'gt_prime', args: {} },
        bash('Take the first value', all(edit('index.js', [PUBLISHED], WITH_BUG), write('test/array.test.js', TESTS)), {
          text: '# Changing parse\n',
        }),
        bash('Run the new test only', runTests('test/array.test.js'), { text: '# Running the new test\n' }),
        bash('Commit', all(commit('Let parse accept an array of header values')), { text: '# Committing\n' }),
        { tool: 'gt_done', args: { summary: 'parse takes the first value of an array. The new test passes.' } },
        { text: '# Handed in\n\n`parse` accepts an array. I ran only the new test ({{passed}} passed).' },
      ],
    },
  ],
};
