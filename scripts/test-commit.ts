/**
 * The commit suite: every check, every package's tests, the stories in a real browser. Goes on after a failure so that one run shows
 * them all, and ends with `N passed, N failed` alone on a line. `--only NAME` runs one step.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { tallyOfVitest, type Tally } from './tally.ts';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** `exit`: one test, by exit code. `vitest`: counts from its JSON report. `json`: one test, by the `ok` of the last line. */
  readonly counts: 'exit' | 'vitest' | 'json';
}

const story = (name: string): Step => ({ name: `story ${name}`, command: ['node', 'stories/src/main.ts', name, '--json'], counts: 'json' });

const STEPS: readonly Step[] = [
  { name: 'types', command: ['tsc', '-b'], counts: 'exit' },
  { name: 'lint', command: ['oxlint'], counts: 'exit' },
  { name: 'format', command: ['oxfmt', '--check', '.'], counts: 'exit' },
  { name: 'one writer a table', command: ['node', 'scripts/one-writer.ts'], counts: 'exit' },
  { name: 'reference pages', command: ['node', 'scripts/docs.ts', '--check'], counts: 'exit' },
  { name: 'dead exports', command: ['knip', '--no-config-hints'], counts: 'exit' },
  { name: 'unit tests', command: ['vitest', 'run'], counts: 'vitest' },
  { name: 'worker tests in workerd', command: ['vitest', 'run', '--root', 'apps/worker'], counts: 'vitest' },
  { name: 'web build', command: ['npm', 'run', 'build', '-w', '@gastown/web'], counts: 'exit' },
  { name: 'web size', command: ['npm', 'run', 'size', '-w', '@gastown/web'], counts: 'exit' },
  story('A'),
  story('B'),
  story('C'),
  story('D'),
  story('E'),
  { name: 'bad input', command: ['node', 'stories/src/main.ts', 'bad-input', '--json'], counts: 'json' },
];

const root = path.join(import.meta.dirname, '..');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'gastown-test-'));
const environment = {
  ...process.env,
  NO_COLOR: '1',
  PATH: `${path.dirname(process.execPath)}:${root}/node_modules/.bin:${process.env.PATH}`,
};

function run(command: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command[0]!, command.slice(1), { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function perform(step: Step): Promise<{ tally: Tally; output: string }> {
  const report = path.join(scratch, 'report.json');
  rmSync(report, { force: true });
  const command =
    step.counts === 'vitest' ? [...step.command, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : step.command;
  const { code, output } = await run(command);
  if (step.counts === 'vitest') return { tally: tallyOfVitest(readReport(report), code), output };
  return { tally: code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }, output };
}

function readReport(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const chosen = STEPS.filter((step) => !only || step.name === only);
const total = { passed: 0, failed: 0 };
for (const step of chosen) {
  const began = Date.now();
  const { tally, output } = await perform(step);
  total.passed += tally.passed;
  total.failed += tally.failed;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${tally.failed ? 'FAILED' : 'ok    '} ${step.name}: ${tally.passed} passed, ${tally.failed} failed (${seconds} s)`);
  if (tally.failed) console.log(output.slice(-6_000));
  else if (step.counts === 'json') console.log(`       ${output.trim().split('\n').at(-1)?.slice(0, 400)}`);
}
rmSync(scratch, { recursive: true, force: true });
if (!chosen.length) console.error(`There is no step named ${only}. Steps: ${STEPS.map((step) => step.name).join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed || !total.passed ? 1 : 0);
