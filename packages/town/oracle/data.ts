import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Data of public projects, which this repository does not carry: `GASTOWN_TEST_DATA`, or beside the project. */
const ROOT = path.join(import.meta.dirname, '../../..');
const FOLDER = process.env['GASTOWN_TEST_DATA'] ?? path.join(ROOT, '../shared/data');

export const there = (name: string): boolean => existsSync(path.join(FOLDER, name));
export const textOf = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');
export const jsonOf = <T>(name: string): T => JSON.parse(textOf(name)) as T;
export const linesOf = <T>(name: string): T[] =>
  textOf(name)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);

export interface Issue {
  readonly id: string;
  readonly status?: string;
  readonly dependencies?: Edge[];
  readonly [field: string]: unknown;
}
export interface Edge {
  readonly issue_id: string;
  readonly depends_on_id: string;
  readonly type: string;
  readonly metadata?: unknown;
}
export interface Expected {
  readonly counts: { readonly edges_held: number };
  readonly ready_cli_by_priority: string[];
  readonly ready_cli_oldest_first: string[];
  readonly ready_api: string[];
  readonly ready_with_ephemeral: string[];
  readonly blocked: Record<string, string[]>;
  readonly skipped_edges: [string, string, string, string][];
  readonly drain_waves: string[][];
}
