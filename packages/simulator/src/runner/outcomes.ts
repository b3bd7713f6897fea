import type { Failure, Outcome } from '@gastown/protocol';

export const NONE: Outcome = { state: 'succeeded', value: { kind: 'none' } };
export const failed = (why: Failure, retry = false): Outcome => ({ state: 'failed', failure: why, retry });
