import type { Case } from './trial.ts';
/** P6: a tick that finds nothing to do. The naive one looks at every bead that is not closed, as a loop that polls does. */
export declare const quietLarge: Case;
/** Thirty agents at work, a thousand beads behind them. */
export declare const quietBusy: Case;
