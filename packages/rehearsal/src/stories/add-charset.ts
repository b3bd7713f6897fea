import type { StoryInput } from '../model/story.ts';
import { slingOne } from './mayor.ts';
import { all, bash, commit, insertAfter, passedTests, runTests, write } from './shell.ts';

const TITLE = 'Add a charset helper with tests';
/** Long enough for a person, or a test, to end a process in the middle of any step. */
const SLOW_MS = 1_500;

const SOURCE = `
'use strict'

const contentType = require('.')

/**
 * The charset of a Content-Type header in lower case, or undefined.
 *
 * @param {string} header
 * @return {string | undefined}
 */
function charset (header) {
  return contentType.safeParse(header).parameters.charset?.toLowerCase()
}

module.exports = charset
`;

const TESTS = `
'use strict'

const { test } = require('node:test')
const { charset } = require('..')

test('charset', async function (t) {
  await t.test('should find the charset in lower case', function (t) {
    t.assert.strictEqual(charset('text/html; charset=UTF-8'), 'utf-8')
    t.assert.strictEqual(charset('text/html; Charset="utf-8"'), 'utf-8')
  })

  await t.test('should be undefined without one', function (t) {
    t.assert.strictEqual(charset('text/html'), undefined)
    t.assert.strictEqual(charset('nonsense'), undefined)
  })
})
`;

const README =
  "### fastContentTypeParse.charset(string)\n\n```js\nfastContentTypeParse.charset('text/html; charset=UTF-8') // 'utf-8'\n```\n";

/** Story C: slow enough to be interrupted anywhere, in three commits, and right when it is played again from the start on a branch that has some of them. */
export const addCharset: StoryInput = {
  id: 'add-charset',
  title: 'Slow work in several commits',
  suggestion: TITLE,
  scenes: [
    slingOne(
      '\\badd\\b.*\\bcharset\\b',
      TITLE,
      'Add `charset(header)`: the charset parameter in lower case, or undefined. One commit each for the code, the tests and the README.',
    ),
    {
      id: 'polecat',
      when: { role: 'polecat', asked: TITLE },
      find: { passed: passedTests },
      steps: [
        { text: '# Reading the bead\n', tool: 'gt_prime', args: {}, delayMs: SLOW_MS },
        bash('See what is on the branch', all('git status --short', 'git log --oneline -4'), {
          text: '# Looking at the branch\n',
          delayMs: SLOW_MS,
        }),
        bash(
          'Write charset.js and commit',
          all(
            write('charset.js', SOURCE),
            insertAfter('index.js', 'module.exports.safeParse = safeParse', "module.exports.charset = require('./charset')"),
            commit('Add charset'),
          ),
          { text: '# Writing charset\n', delayMs: SLOW_MS },
        ),
        bash('Write its tests and commit', all(write('test/charset.test.js', TESTS), 'sleep 2', commit('Test charset')), {
          text: '# Writing the tests\n',
          delayMs: SLOW_MS,
        }),
        bash(
          'Document it and commit',
          all(
            insertAfter(
              'README.md',
              "In case the header is invalid, it will return an object\nwith an empty string `''` as type and an empty Object for `parameters`.\n",
              README,
            ),
            commit('Document charset'),
          ),
          { text: '# Writing the README\n', delayMs: SLOW_MS, chunkMs: 200 },
        ),
        bash('Run all tests', runTests(), { text: '# Running the tests\n', delayMs: SLOW_MS }),
        {
          tool: 'gt_done',
          args: { summary: 'Added charset(header) with tests and a section in the README. {{passed}} tests pass.' },
          delayMs: SLOW_MS,
        },
        { text: '# Handed in\n\n`charset` is there, tested and documented. {{passed}} tests pass.' },
      ],
    },
  ],
};
