/** Shell commands for the scripted workers: real edits of the sample repository, safe to run again on a branch that has them already. */
import type { StoryInput } from '../model/story.ts';

type SceneInput = StoryInput['scenes'][number];
export type StepInput = SceneInput['steps'][number];

export const bash = (description: string, command: string, more: Partial<StepInput> = {}): StepInput => ({
  ...more,
  tool: 'bash',
  args: { command, description },
});

/** Writes a whole file. */
export const write = (path: string, content: string): string => `cat > ${path} <<'END'\n${content.trim()}\nEND`;

/** Replaces the first of `find` that the file holds by `put`; nothing to do when `put` is there; fails when neither is. */
export const edit = (path: string, find: readonly string[], put: string): string =>
  [
    `node - <<'END'`,
    `const fs = require('node:fs')`,
    `const [path, find, put] = [${JSON.stringify(path)}, ${JSON.stringify(find)}, ${JSON.stringify(put)}]`,
    `const source = fs.readFileSync(path, 'utf8')`,
    `const old = source.includes(put) ? put : find.find((text) => source.includes(text))`,
    `if (old === undefined) throw new Error('cannot find the place to edit in ' + path)`,
    `fs.writeFileSync(path, source.replace(old, () => put))`,
    `END`,
  ].join('\n');

/** Adds a line after another one. */
export const insertAfter = (path: string, line: string, added: string): string => edit(path, [`${line}\n`], `${line}\n${added}\n`);

/** Commits everything; says so when there is nothing new. */
export const commit = (message: string): string =>
  `git add -A && if git diff --cached --quiet; then echo "Nothing new to commit."; else git commit --quiet -m '${message}'; fi && git log --oneline -1`;

export const all = (...commands: readonly string[]): string => ['set -e', ...commands].join('\n');

/** Runs the tests of the repository and shows the totals; the exit code is the tests' own. */
export const runTests = (files: string = ''): string =>
  `node --test ${files} > .test-output 2>&1; code=$?; tail -n 12 .test-output; rm -f .test-output; exit $code`;

/** The number of passed tests in the worker's last test run, whichever reporter printed it. */
export const passedTests = {
  tool: 'bash',
  find: '(?:ℹ|#) pass (\\d+)',
  nth: -1,
  otherwise: '# Stopped\n\nThe tests of this repository did not report. This script is written for the sample repository.',
} as const;
