import type { Failure, FailureCode } from '@gastown/protocol';

const BY_AGENT: readonly FailureCode[] = ['gate_failed', 'gate_timeout', 'merge_conflict', 'branch_missing', 'nothing_done'];

/** What an agent can mend; every other failure of a merge is a matter of settings or of the world, and asks a person. */
export const isForAgent = (why: Failure): boolean => BY_AGENT.includes(why.code);
