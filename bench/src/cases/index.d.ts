import type { Case } from './trial.ts';
/** By the name that the command line and the worker know. */
export declare const CASES: Readonly<Record<string, readonly Case[]>>;
