import type { AgentId, RunId, TerminalKind } from '@gastown/protocol';
import { MOST_WAITING, openAgentStream } from './stream.ts';
import type { AgentStream, OwnedStream, StreamSurroundings } from './stream.ts';

/**
 * The streams of this runner: of each agent at most one, that of the run which came last. What an earlier run could not bring to the town yet goes to the next, so that it comes before what that says, and no
 * two of one agent take turns. What runs that are over hold together is bounded: of those that came first the items go, and a notice says so.
 */
export interface Streams {
  open(agentId: AgentId, runId: RunId, onTerminalWanted: (kind: TerminalKind) => void): AgentStream;
  /** The runner ends: all at once. */
  end(): void;
}

type StreamsSurroundings = Omit<StreamSurroundings, 'agentId' | 'runId' | 'onTerminalWanted' | 'onEnd'> & {
  /** Characters that streams of runs that are over may hold together. */
  readonly mostLeft?: number;
};

export function makeStreams(around: StreamsSurroundings): Streams {
  const streams = new Map<AgentId, OwnedStream>();
  const makeRoom = (): void => {
    let left = 0;
    for (const stream of [...streams.values()].toReversed()) {
      left += stream.left() ?? 0;
      if (left > (around.mostLeft ?? MOST_WAITING) && stream.left() !== null) stream.giveUp();
    }
  };
  return {
    open(agentId, runId, onTerminalWanted) {
      const stream = openAgentStream({
        ...around,
        agentId,
        runId,
        onTerminalWanted,
        onEnd: () => void (streams.get(agentId) === stream && streams.delete(agentId)),
      });
      streams.get(agentId)?.handTo(stream);
      streams.set(agentId, stream);
      return {
        ...stream,
        close() {
          stream.close();
          makeRoom();
        },
      };
    },
    end() {
      for (const stream of streams.values()) stream.end();
    },
  };
}
