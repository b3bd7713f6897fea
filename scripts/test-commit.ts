/**
 * The commit suite: every check, every package's tests, the stories in a real browser. Ends with `N passed, N failed` alone on a line. `--only NAME` runs one step.
 */
import { PUBLIC_DATA } from './public-data.ts';
import { chosen, performAll, type Step } from './steps.ts';

const story = (name: string): Step => ({ name: `story ${name}`, command: ['node', 'stories/src/main.ts', name, '--json'], counts: 'json' });

const sim = (name: string, ...options: string[]): Step => ({
  name,
  command: ['node', 'packages/simulator/src/main.ts', ...options, '--from', '1', '--workers', '2', '--json'],
  counts: 'json',
});

const STEPS: readonly (Step | readonly Step[])[] = [
  { name: 'types', command: ['tsc', '-b'], counts: 'exit' },
  { name: 'lint', command: ['oxlint'], counts: 'exit' },
  { name: 'format', command: ['oxfmt', '--check', '.'], counts: 'exit' },
  { name: 'one writer a table', command: ['node', 'scripts/one-writer.ts'], counts: 'exit' },
  { name: 'reference pages', command: ['node', 'scripts/docs.ts', '--check'], counts: 'exit' },
  { name: 'dead exports', command: ['knip', '--no-config-hints'], counts: 'exit' },
  { name: 'unit tests', command: ['vitest', 'run'], counts: 'vitest' },
  /** At most so many lines, which is a minute or two, and at most so long; the night mutates everything. */
  {
    name: 'mutation of the change',
    command: ['node', 'scripts/mutation.ts', '--since', 'HEAD~1', '--lines', '40', '--minutes', '4', '--json'],
    counts: 'json',
  },
  sim('simulation', '--seeds', '2000', '--steps', '300'),
  sim('replicas', '--replicas', '--seeds', '200', '--steps', '200'),
  [
    { name: 'crash points', command: ['node', 'packages/simulator/src/crash/main.ts', '--json'], counts: 'json' },
    { name: 'worker tests in workerd', command: ['vitest', 'run', '--root', 'apps/worker'], counts: 'vitest' },
  ],
  { name: 'web build', command: ['npm', 'run', 'build', '-w', '@gastown/web'], counts: 'exit' },
  { name: 'web size', command: ['npm', 'run', 'size', '-w', '@gastown/web'], counts: 'exit' },
  /** The pages of the build of just now: a town that starts builds them anew. */
  [
    { name: 'routes', command: ['node', 'stories/src/routes/main.ts', '--json'], counts: 'json' },
    {
      name: 'histories',
      command: ['npm', 'run', '--silent', 'histories', '--', '--beads', '2', '--workers', '2', '--json'],
      counts: 'json',
    },
  ],
  /** The longest first; outages and kills leave a core free half of their time. */
  [
    {
      name: 'outages',
      command: ['node', 'stories/src/chaos/outages.ts', '--beads', '200', '--outages', '4', '--kills', '20', '--json'],
      counts: 'json',
    },
    story('C'),
    PUBLIC_DATA,
    story('A'),
    story('D'),
    story('kill'),
    { name: 'bad input', command: ['node', 'stories/src/main.ts', 'bad-input', '--json'], counts: 'json' },
    story('B'),
    story('doctor'),
    story('E'),
    story('F'),
    story('asks'),
  ],
];

const { total } = await performAll(chosen(STEPS));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed || !total.passed ? 1 : 0);
