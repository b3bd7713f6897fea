import type { StoryInput } from '../model/story.ts';
import { slingOne } from './mayor.ts';
import { all, bash, commit, insertAfter, passedTests, runTests, write } from './shell.ts';

const TITLE = 'Add a format function with tests';

const SOURCE = `
'use strict'

const TOKEN = /^[!#$%&'*+\\-.^_\`|~0-9A-Za-z]+$/
const QUOTABLE = /^[\\t\\x20-\\x7e\\x80-\\xff]*$/

/**
 * Format a content type object as a header value, the reverse of parse.
 *
 * @param {{ type: string, parameters?: Record<string, string> }} contentType
 * @return {string}
 */
function format (contentType) {
  if (contentType === null || typeof contentType !== 'object' || typeof contentType.type !== 'string') {
    throw new TypeError('argument contentType is required and must have a type')
  }
  const [type, subtype, ...rest] = contentType.type.split('/')
  if (rest.length > 0 || !TOKEN.test(type) || !TOKEN.test(subtype ?? '')) {
    throw new TypeError('invalid media type')
  }
  const parameters = Object.entries(contentType.parameters ?? {}).map(([name, value]) => {
    if (!TOKEN.test(name) || typeof value !== 'string' || !QUOTABLE.test(value)) {
      throw new TypeError('invalid parameter ' + name)
    }
    return '; ' + name + '=' + (TOKEN.test(value) ? value : '"' + value.replace(/["\\\\]/g, '\\\\$&') + '"')
  })
  return contentType.type + parameters.join('')
}

module.exports = format
`;

const TESTS = `
'use strict'

const { test } = require('node:test')
const { format, parse } = require('..')

test('format', async function (t) {
  await t.test('should write a bare type', function (t) {
    t.assert.strictEqual(format({ type: 'text/html' }), 'text/html')
  })

  await t.test('should write parameters in order', function (t) {
    t.assert.strictEqual(format({ type: 'text/html', parameters: { charset: 'utf-8', foo: 'bar' } }), 'text/html; charset=utf-8; foo=bar')
  })

  await t.test('should quote and escape what is not a token', function (t) {
    t.assert.strictEqual(format({ type: 'text/html', parameters: { title: 'a "b" \\\\ c' } }), 'text/html; title="a \\\\"b\\\\" \\\\\\\\ c"')
  })

  await t.test('should be the reverse of parse', function (t) {
    const header = 'multipart/form-data; boundary="a b;c"; charset=utf-8'
    t.assert.strictEqual(format(parse(header)), header)
  })

  await t.test('should refuse what is not a content type', function (t) {
    for (const wrong of [null, undefined, 'text/html', {}, { type: 'text' }, { type: 'a/b/c' }, { type: 'text/html', parameters: { 'a b': 'c' } }]) {
      t.assert.throws(() => format(wrong), TypeError)
    }
  })
})
`;

/** Story A: a wish becomes a bead, the polecat does it, the tests pass, it lands. */
export const addFormat: StoryInput = {
  id: 'add-format',
  title: 'A feature with tests, from wish to landed',
  suggestion: TITLE,
  scenes: [
    slingOne(
      '\\badd\\b.*\\bformat\\b',
      TITLE,
      'Add `format(contentType)`: the reverse of `parse`. It takes `{ type, parameters }` and returns the header value, quoting parameter values that are not tokens. Cover it with tests in `test/format.test.js`.',
    ),
    {
      id: 'polecat',
      when: { role: 'polecat', asked: 'Add a format function' },
      find: { passed: passedTests },
      steps: [
        { text: '# Reading the bead\n', tool: 'gt_prime', args: {} },
        bash('See what is here', all('git log --oneline -3', 'ls', "grep -n 'module.exports' index.js"), {
          text: '# Looking at the code\n',
        }),
        bash(
          'Write format.js and export it',
          all(
            write('format.js', SOURCE),
            insertAfter('index.js', 'module.exports.parse = parse', "module.exports.format = require('./format')"),
          ),
          { text: '# Writing format\n' },
        ),
        bash('Write its tests', write('test/format.test.js', TESTS), { text: '# Writing the tests\n' }),
        bash('Run all tests', runTests(), { text: '# Running the tests\n' }),
        bash('Commit', all(commit('Add format, the reverse of parse')), { text: '# Committing\n' }),
        {
          tool: 'gt_done',
          args: {
            summary:
              'Added format(contentType), the reverse of parse, exported from index.js, with tests in test/format.test.js. {{passed}} tests pass.',
          },
        },
        { text: '# Handed in\n\n`format` writes a content type back as a header value. {{passed}} tests pass.' },
      ],
    },
  ],
};
