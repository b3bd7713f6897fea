import type { Case } from './case.ts';
import { FLOODING } from './flooding.ts';
import { GATES } from './gates.ts';
import { PLANTING } from './planting.ts';
import { REACHING } from './reaching.ts';
import { READING } from './reading.ts';
import { TOOLS } from './tools.ts';

export const SHELL_CASES: readonly Case[] = [...READING, ...REACHING, ...PLANTING, ...FLOODING];

interface Line {
  readonly id: string;
  readonly says: string;
  readonly stops: string;
  readonly needsUsers?: true;
}
export const ALL_CASES: readonly Line[] = [...SHELL_CASES, ...TOOLS, ...GATES];

/** The page of docs that names each case and what stops it. */
export function tableOf(cases: readonly Line[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = cases.map(
    ({ id, says, stops, needsUsers }) => `| \`${id}\` | ${cell(says)} | ${cell(stops)} | ${needsUsers ? 'users' : ''} |`,
  );
  return [
    '# What an agent cannot do',
    '',
    'An agent works on text that strangers may have written, so it is treated as if a stranger had told it what to do. Each line is tried for real by `npm run escape`: an agent of a real town is told to do it, and must not',
    'get it done. *users*: needs agents to run as users of their own, which is so where the runner runs as root (the container, a server). On a laptop they are you, and what is marked does not hold.',
    '',
    '| case | an agent is told to | what stops it | needs |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
