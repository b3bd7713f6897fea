import type { RunRow, SessionInfo } from '@gastown/protocol';

/** Why the agent's program shows no live view; null: it has one, or it is a program of another machine that nobody here knows. */
export function noLiveView(kinds: SessionInfo['agentKinds'], run: Pick<RunRow, 'agentKind'> | undefined): string | null {
  const kind = kinds.find(({ id }) => id === run?.agentKind);
  return kind === undefined || kind.liveView ? null : `${kind.label} has no screen of its own: use the shell, or read the transcript.`;
}
