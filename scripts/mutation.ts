/**
 * Mutation testing of the core, a slice at a time: `npm run mutation -- [--only SLICE] [--since COMMIT] [--json]`. Ends with the score of each: of a hundred changes to
 * the sources that tests reach or should reach, how many a test finds. With `--since` only lines that changed after that commit are mutated.
 * Reports of every mutant stay in test-results/mutation-SLICE.json.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { changedLines } from './changed-lines.ts';

/** What of `packages/town/src` is changed. `starts` is what of the runs decides whether and where one begins. */
const STARTS = ['avoided', 'breaker', 'provider', 'setup', 'starts'].map((name) => `runs/${name}.ts`);
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  merges: ['merges/**/*.ts'],
  runs: ['runs/**/*.ts', ...STARTS.map((file) => `!${file}`)],
  starts: STARTS,
  spend: ['spend/**/*.ts'],
  beads: ['beads/**/*.ts'],
};
const SLICES = Object.keys(SOURCES);
const GOAL = 90;
const root = path.join(import.meta.dirname, '..');
const reports = path.join(root, 'test-results');

const { values } = parseArgs({
  options: { only: { type: 'string' }, since: { type: 'string' }, json: { type: 'boolean', default: false } },
  strict: true,
});
const chosen = SLICES.filter((slice) => values.only === undefined || slice === values.only);
if (chosen.length === 0) {
  console.error(`There is no slice ${JSON.stringify(values.only)}. Slices: ${SLICES.join(', ')}`);
  process.exit(2);
}

interface Score {
  readonly slice: string;
  readonly score: number;
  readonly found: number;
  readonly survived: number;
  readonly untested: number;
}

const town = 'packages/town/src';
const sourcesOf = (slice: string): string[] =>
  [...(SOURCES[slice] ?? []), '!**/*.test.ts', '!**/table.ts'].map((glob) => glob.replace(/^!?/, `$&${town}/`));

/** Lines of the slice that changed after the commit. */
function changedOf(slice: string, since: string): string[] {
  const globs = sourcesOf(slice);
  const matches = (file: string, glob: string): boolean => path.matchesGlob(file, glob);
  const isOfSlice = (file: string): boolean =>
    globs.some((glob) => matches(file, glob)) && !globs.some((glob) => glob.startsWith('!') && matches(file, glob.slice(1)));
  const diff = execFileSync('git', ['diff', '--unified=0', '--no-ext-diff', since, '--', town], { cwd: root, encoding: 'utf8' });
  return changedLines(diff).filter((range) => isOfSlice(range.slice(0, range.lastIndexOf(':'))));
}

function mutate(slice: string): Score | null {
  const mutated = values.since === undefined ? sourcesOf(slice) : changedOf(slice, values.since);
  if (mutated.length === 0) return null;
  const { status } = spawnSync('stryker', ['run', '--mutate', mutated.join(',')], {
    cwd: root,
    env: { ...process.env, MUTATED: slice },
    stdio: ['ignore', values.json ? 'ignore' : 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`The mutation run of ${slice} ended with code ${status}.`);
  const report = path.join(reports, `mutation-${slice}.json`);
  renameSync(path.join(reports, 'mutation.json'), report);
  return scoreOf(slice, readFileSync(report, 'utf8'));
}

/** Null: there was nothing to mutate. */
function scoreOf(slice: string, report: string): Score | null {
  const { files } = JSON.parse(report) as { files: Record<string, { mutants: { status: string }[] }> };
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length;
  const [found, survived, untested] = [count('Killed', 'Timeout'), count('Survived'), count('NoCoverage')];
  const all = found + survived + untested;
  if (all === 0) return null;
  const score = Math.round((1_000 * found) / all) / 10;
  return { slice, score, found, survived, untested };
}

const scores = chosen.map(mutate).filter((score) => score !== null);
for (const { slice, score, found, survived, untested } of scores)
  console.log(`${slice}: ${score} % (${found} found, ${survived} survived, ${untested} without a test)`);
console.log(JSON.stringify({ ok: scores.every(({ score }) => score >= GOAL), goal: GOAL, scores }));
