/** Who signs the commits of a worktree: the author is the person, the committer the agent (GT-11). */
export interface Signature {
  readonly gitName: string;
  readonly gitEmail: string;
  readonly agentName: string;
}

export const AGENT_EMAIL = 'polecat@gastown.invalid';
export const committerName = (agentName: string): string => `${agentName} (Polecat)`;
