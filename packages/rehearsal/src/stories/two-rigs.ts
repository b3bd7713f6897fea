import type { StoryInput } from '../model/story.ts';
import { rigId, slungBead } from './mayor.ts';
import { all, bash, commit, insertAfter, passedTests, runTests, write } from './shell.ts';

const JSON_TITLE = 'Add an isJson helper';
const TEXT_TITLE = 'Add an isText helper';
const README_TITLE = 'Document isJson in the README';

const helper = (name: string, says: string, test: string) => `
'use strict'

const contentType = require('.')

/**
 * ${says}
 *
 * @param {string} header
 * @return {boolean}
 */
function ${name} (header) {
  return ${test}.test(contentType.safeParse(header).type)
}

module.exports = ${name}
`;

const helperTests = (name: string, yes: readonly string[], no: readonly string[]) => `
'use strict'

const { test } = require('node:test')
const { ${name} } = require('..')

test('${name}', async function (t) {
  await t.test('should say yes', function (t) {
    for (const header of ${JSON.stringify(yes).replaceAll('"', "'")}) t.assert.strictEqual(${name}(header), true, header)
  })

  await t.test('should say no', function (t) {
    for (const header of ${JSON.stringify(no).replaceAll('"', "'")}) t.assert.strictEqual(${name}(header), false, header)
  })
})
`;

interface Helper {
  readonly title: string;
  readonly name: string;
  readonly file: string;
  readonly after: string;
  readonly source: string;
  readonly tests: string;
}

const helperScene = ({ title, name, file, after, source, tests }: Helper): StoryInput['scenes'][number] => ({
  id: `polecat-${file}`,
  when: { role: 'polecat', asked: title, without: [README_TITLE] },
  find: { passed: passedTests },
  steps: [
    { text: '# Reading the bead\n', tool: 'gt_prime', args: {} },
    bash(
      `Write ${name} with its tests`,
      all(
        write(`${file}.js`, source),
        insertAfter('index.js', after, `module.exports.${name} = require('./${file}')`),
        write(`test/${file}.test.js`, tests),
      ),
      { text: `# Writing ${name}\n` },
    ),
    bash('Run all tests', runTests(), { text: '# Running the tests\n' }),
    bash('Commit', all(commit(`Add ${name}`)), { text: '# Committing\n' }),
    { tool: 'gt_done', args: { summary: `Added ${name}(header) with tests. {{passed}} tests pass.` } },
    { text: `# Handed in\n\n\`${name}\` is there and tested. {{passed}} tests pass.` },
  ],
});

const README = '### fastContentTypeParse.isJson(string)\n\nTrue for `application/json` and every type with the suffix `+json`.\n';

/** Story D: three beads over two rigs; the README bead waits until isJson has landed. */
export const twoRigs: StoryInput = {
  id: 'two-rigs',
  title: 'Three beads over two rigs, one after another where it matters',
  scenes: [
    {
      id: 'mayor',
      when: { role: 'mayor', asked: '\\bisJson\\b.*\\bisText\\b' },
      find: {
        first_rig: rigId(),
        second_rig: rigId(2, 'This wish is for two rigs, and the town has fewer. Connect a second repository, then ask me again.'),
        json_bead: slungBead(),
        text_bead: slungBead(2),
        readme_bead: slungBead(3),
      },
      steps: [
        { text: 'I will look at the rigs first. ', tool: 'gt_list_rigs', args: {} },
        {
          tools: [
            {
              tool: 'gt_sling',
              args: {
                rig_id: '{{first_rig}}',
                title: JSON_TITLE,
                body: 'Add `isJson(header)`: true for `application/json` and every type with the suffix `+json`. With tests.',
              },
            },
            {
              tool: 'gt_sling',
              args: { rig_id: '{{second_rig}}', title: TEXT_TITLE, body: 'Add `isText(header)`: true for every `text/` type. With tests.' },
            },
          ],
        },
        {
          tool: 'gt_sling',
          args: {
            rig_id: '{{first_rig}}',
            title: README_TITLE,
            body: 'A section of the README for `isJson`, once it has landed.',
            depends_on: ['{{json_bead}}'],
          },
        },
        {
          text: `Three beads are in line: **${JSON_TITLE}** \`{{json_bead}}\`, **${TEXT_TITLE}** \`{{text_bead}}\` on the other rig, and **${README_TITLE}** \`{{readme_bead}}\`, which waits for the first.`,
        },
      ],
    },
    {
      id: 'polecat-readme',
      when: { role: 'polecat', asked: README_TITLE },
      find: {
        answer: {
          tool: 'bash',
          find: 'isJson says (true|false)',
          otherwise: '# Stopped\n\n`isJson` is not in this branch, so there is nothing to document.',
        },
      },
      steps: [
        { text: '# Reading the bead\n', tool: 'gt_prime', args: {} },
        bash('Try isJson', "node -p \"'isJson says ' + require('.').isJson('application/problem+json')\"", { text: '# Trying isJson\n' }),
        bash(
          'Write the section and commit',
          `${all(insertAfter('README.md', "with an empty string `''` as type and an empty Object for `parameters`.", `\n${README.trimEnd()}`), commit(README_TITLE))} # it says {{answer}}`,
          { text: '# Writing the README\n' },
        ),
        { tool: 'gt_done', args: { summary: 'The README has a section on isJson, tried first on application/problem+json: {{answer}}.' } },
        { text: '# Handed in\n\nThe README tells what `isJson` does.' },
      ],
    },
    helperScene({
      title: JSON_TITLE,
      name: 'isJson',
      file: 'is-json',
      after: 'module.exports.defaultContentType = defaultContentType',
      source: helper('isJson', 'True for JSON: application/json and every type with the suffix +json.', '/^application\\/json$|\\+json$/'),
      tests: helperTests(
        'isJson',
        ['application/json; charset=utf-8', 'application/problem+json'],
        ['text/html', 'application/jsonp', 'nonsense'],
      ),
    }),
    helperScene({
      title: TEXT_TITLE,
      name: 'isText',
      file: 'is-text',
      after: 'module.exports.safeParse = safeParse',
      source: helper('isText', 'True for every text/ type.', '/^text\\//'),
      tests: helperTests('isText', ['text/html', 'TEXT/plain; charset=utf-8'], ['application/json', 'nonsense']),
    }),
  ],
};
