/**
 * Mutation testing of the core, a slice at a time: `npm run mutation -- [--only SLICE] [--since COMMIT [--lines N]] [--minutes N] [--json]`. Ends with the score of each: of
 * a hundred changes to the sources that tests reach or should reach, how many a test finds; a score below the goal is a failure. With `--since` only lines that changed
 * after that commit are mutated, with `--lines` at most so many of them. A slice that is not through after `--minutes` of the whole run is killed and has no score; where none
 * has one, the run says that it was skipped. Reports of every mutant stay in test-results/mutation-SLICE.json.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runAtMost } from './at-most.ts';
import { changedLines, firstLines } from './changed-lines.ts';
import { GOAL, isEnough, scoreOf, type Score } from './score.ts';

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
const root = path.join(import.meta.dirname, '..');
const reports = path.join(root, 'test-results');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    since: { type: 'string' },
    lines: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
  strict: true,
});
if (!/^[1-9]\d*$/.test(values.lines)) {
  console.error('--lines wants a whole number from 1 on.');
  process.exit(2);
}
if (!(Number(values.minutes) > 0)) {
  console.error('--minutes wants a number above 0.');
  process.exit(2);
}
const chosen = SLICES.filter((slice) => values.only === undefined || slice === values.only);
if (chosen.length === 0) {
  console.error(`There is no slice ${JSON.stringify(values.only)}. Slices: ${SLICES.join(', ')}`);
  process.exit(2);
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

const until = Date.now() + Number(values.minutes) * 60_000;
const whole = path.join(reports, 'mutation.json');

/** Null: there was nothing to mutate. `late`: its time was over first, and what it had found by then is no score. */
async function mutate(slice: string, mutated: readonly string[]): Promise<Score | 'late' | null> {
  rmSync(whole, { force: true });
  const call = { cwd: root, env: { ...process.env, MUTATED: slice }, quiet: values.json };
  const ended = await runAtMost(until - Date.now(), ['stryker', 'run', '--mutate', mutated.join(',')], call);
  if (ended === null) {
    rmSync(path.join(reports, 'stryker'), { recursive: true, force: true, maxRetries: 5 });
    return 'late';
  }
  if (ended.code !== 0) throw new Error(`The mutation run of ${slice} ended with code ${ended.code}.`);
  const report = path.join(reports, `mutation-${slice}.json`);
  renameSync(whole, report);
  return scoreOf(slice, readFileSync(report, 'utf8'));
}

/** There is no commit before the newest: a clone of one commit, or a first commit. Any other name that git does not know is a mistake. */
function isCutOff(since: string): boolean {
  const asked = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${since}^{commit}`], { cwd: root });
  if (asked.status === 0) return false;
  if (/^HEAD[~^]\d*$/.test(since)) return true;
  console.error(`There is no commit ${JSON.stringify(since)} here.`);
  return process.exit(2);
}

function changes(since: string): { slice: string; mutated: string[]; left: number }[] {
  let room = Number(values.lines);
  return chosen.map((slice) => {
    const { ranges, left } = firstLines(changedOf(slice, since), room);
    room = left > 0 ? 0 : room - firstLines(ranges, 0).left;
    return { slice, mutated: ranges, left };
  });
}

const { since } = values;
const cutOff = since !== undefined && isCutOff(since);
const wanted = since === undefined ? chosen.map((slice) => ({ slice, mutated: sourcesOf(slice), left: 0 })) : cutOff ? [] : changes(since);
const scores: Score[] = [];
const late: string[] = [];
for (const { slice, mutated } of wanted) {
  if (mutated.length === 0) continue;
  const score = await mutate(slice, mutated);
  if (score === 'late') late.push(slice);
  else if (score !== null) scores.push(score);
}
for (const { slice, score, found, timedOut, survived, untested } of scores)
  console.log(`${slice}: ${score} % (${found} found, ${timedOut} of them by their time; ${survived} survived, ${untested} without a test)`);
const left = wanted.reduce((sum, one) => sum + one.left, 0);
const ok = scores.every((score) => isEnough(score, since !== undefined));
const notDone = [
  ...(cutOff ? [`there is no ${since} here (a clone of one commit?), so what changed is not known`] : []),
  ...(left > 0 ? [`${left} changed lines are left to the night`] : []),
  ...late.map((slice) => `${slice} was not through after ${values.minutes} minutes and is left to the night`),
  ...(!cutOff && late.length === 0 && scores.length === 0 ? [`nothing of ${chosen.join(', ')} to mutate`] : []),
];
const skipped = scores.length === 0 && (cutOff || late.length > 0);
console.log(
  JSON.stringify({ ok, goal: GOAL, ...(skipped && { skipped: notDone.join('; ') }), ...(notDone.length > 0 && { notDone }), scores }),
);
process.exitCode = ok ? 0 : 1;
