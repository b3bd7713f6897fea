import type { Case } from './case.ts';
import { FLOODING } from './flooding.ts';
import { GATES } from './gates.ts';
import { PIPES, PLANTING } from './planting.ts';
import { REACHING } from './reaching.ts';
import { READING } from './reading.ts';
import { TOOLS } from './tools.ts';

export const SHELL_CASES: readonly Case[] = [...READING, ...REACHING, ...PLANTING, ...FLOODING];

/** What the reference page says of a case. */
interface Line {
  readonly id: string;
  readonly says: string;
  readonly stops: string;
  readonly needsUsers?: true;
}
export const ALL_CASES: readonly Line[] = [...SHELL_CASES, PIPES, ...TOOLS, ...GATES];
