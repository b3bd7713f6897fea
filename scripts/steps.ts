/** Steps of a suite: commands run one after the other, each counted by its report, its last JSON line or its exit code. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { jsonOf, skippedBy, tallyOfJson, tallyOfVitest, type Tally } from './tally.ts';

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** `exit`: one test, by exit code. `vitest`: counts from its JSON report. `json`: one test, by exit code and by `ok` in its last line, which is shown; one that says `skipped` there counts neither way. */
  readonly counts: 'exit' | 'vitest' | 'json';
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder without which there is nothing to run: then the step is skipped, said so, and counted neither way. */
  readonly needs?: string;
}
interface Performed {
  readonly tally: Tally;
  readonly seconds: number;
  /** The figures of a suite that ends with a JSON line. */
  readonly figures: unknown;
}

/** No last line is longer. */
const LINE = 1_000_000;
const root = path.join(import.meta.dirname, '..');

/** So many steps of a list run side by side: one that has all its processes to itself still waits half of its time. */
export const LANES = 3;

/** Goes on after a failure, so that one run shows them all. */
export async function performAll(
  steps: readonly (Step | readonly Step[])[],
): Promise<{ total: Tally; performed: ({ name: string } & Performed)[] }> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'gastown-test-'));
  const performed: ({ name: string } & Performed)[] = [];
  for (const group of steps) {
    const together = 'command' in group ? [group] : group;
    const waiting = together.entries();
    const ended: Performed[] = [];
    const lane = async (): Promise<void> => {
      for (const [at, step] of waiting) ended[at] = await perform(step, path.join(scratch, `report-${at}.json`));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    performed.push(...together.map(({ name }, at) => ({ name, ...ended[at]! })));
  }
  rmSync(scratch, { recursive: true, force: true });
  const sum = (of: keyof Tally): number => performed.reduce((count, { tally }) => count + tally[of], 0);
  return { total: { passed: sum('passed'), failed: sum('failed') }, performed };
}

async function perform(step: Step, report: string): Promise<Performed> {
  if (step.needs !== undefined && !existsSync(step.needs)) {
    console.log(`skipped ${step.name}: ${step.needs} is not there`);
    return { tally: { passed: 0, failed: 0 }, seconds: 0, figures: null };
  }
  rmSync(report, { force: true });
  const began = Date.now();
  const extra = step.counts === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : [];
  const { code, output, last } = await run([...step.command, ...extra], step.environment);
  const tally = tallyOf(step, code, last, report);
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const skipped = step.counts === 'json' && !tally.failed ? skippedBy(last) : null;
  if (skipped !== null) console.log(`skipped ${step.name}: ${skipped}`);
  else console.log(`${tally.failed ? 'FAILED' : 'ok    '} ${step.name}: ${tally.passed} passed, ${tally.failed} failed (${seconds} s)`);
  if (tally.failed) console.log(output.slice(-6_000));
  else if (step.counts === 'json') console.log(`       ${last.slice(0, 400)}`);
  return { tally, seconds, figures: step.counts === 'json' ? jsonOf(last) : null };
}

function tallyOf(step: Step, code: number, last: string, report: string): Tally {
  if (step.counts === 'vitest') return tallyOfVitest(readReport(report), code);
  if (step.counts === 'json') return tallyOfJson(last, code);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

/** `output` is all that it said; `last` the last line of what is no complaint. */
function run(command: readonly string[], environment: Step['environment'] = {}): Promise<{ code: number; output: string; last: string }> {
  const env = {
    ...process.env,
    ...environment,
    NO_COLOR: '1',
    PATH: `${path.dirname(process.execPath)}:${root}/node_modules/.bin:${process.env.PATH}`,
  };
  return new Promise((resolve) => {
    const child = spawn(command[0]!, command.slice(1), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      said = (said + chunk.toString()).slice(-LINE);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', (error) => resolve({ code: 1, output: String(error), last: '' }));
    child.on('close', (code) => resolve({ code: code ?? 1, output, last: said.trimEnd().split('\n').at(-1) ?? '' }));
  });
}

function readReport(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

/** `--only NAME` runs one step. */
export function chosen<S extends Step | readonly Step[]>(steps: readonly S[]): readonly (S | Step)[] {
  const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? '') : undefined;
  if (only === undefined) return steps;
  const each = steps.flatMap((step): readonly Step[] => ('command' in step ? [step] : step));
  const found = each.filter((step) => step.name === only);
  if (!found.length) console.error(`There is no step named ${JSON.stringify(only)}. Steps: ${each.map((step) => step.name).join(', ')}`);
  return found;
}
