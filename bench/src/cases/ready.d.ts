import type { Sql } from '@gastown/town';
import type { Case } from './trial.ts';
export declare const ready: (count: number) => Case;
/** The same question to the same rows without anything kept on write. */
export declare const naively: (store: Sql, order: 'newest' | 'oldest', limit: number) => number;
