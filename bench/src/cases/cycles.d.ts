import type { Case } from './trial.ts';
export declare const chain: Case;
export declare const dense: Case;
/** Ten layers of two, each of a layer after both of the next: the ways double at each layer. */
export declare const diamonds: Case;
