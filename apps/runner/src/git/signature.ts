import { plainLine } from '@gastown/protocol';

/** Who signs the commits of a worktree: the author is the person, the committer the agent (GT-11). */
export interface Signature {
  readonly gitName: string;
  readonly gitEmail: string;
  readonly agentName: string;
}

export const AGENT_EMAIL = 'polecat@gastown.invalid';
/** As git takes it, on one line. */
export const committerName = (agentName: string): string => `${plainLine(agentName).replaceAll(/[<>]/g, '')} (Polecat)`;
