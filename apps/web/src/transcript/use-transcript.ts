import { StreamOut, type WatchHello } from '@gastown/protocol';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { api } from '../api.ts';
import { openSocket, type Socket } from '../live-socket.ts';
import { EMPTY, applyFrame, prependOlder, type Transcript } from './merge.ts';

/** One agent's live transcript: a socket that resumes by revision, and older pages on request. Frames that arrive in one paint are shown at once. */
const PAGE = 100;

class Watch {
  transcript: Transcript = EMPTY;
  problem: 'offline' | 'unreadable' | null = null;
  loadingOlder = false;
  private socket: Socket | null = null;
  private due = false;
  private readonly listeners = new Set<() => void>();
  private readonly town: string;
  private readonly agent: string;

  constructor(town: string, agent: string) {
    this.town = town;
    this.agent = agent;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  open(): () => void {
    const socket = openSocket(`/api/towns/${this.town}/agents/${this.agent}/live`, {
      hello: (): WatchHello => ({ t: 'watch', rev: this.transcript.rev, limit: PAGE }),
      frame: (data) => {
        const frame = StreamOut.safeParse(data);
        if (!frame.success) {
          console.error('unreadable frame', frame.error.issues);
          socket.close();
          return this.tell('unreadable');
        }
        this.transcript = applyFrame(this.transcript, frame.data);
        this.tell(null);
      },
      down: () => this.tell('offline'),
    });
    this.socket = socket;
    return () => this.socket?.close();
  }

  readonly older = async (): Promise<void> => {
    const first = this.transcript.items[0];
    if (!first || !this.transcript.more || this.loadingOlder) return;
    this.loadingOlder = true;
    this.tell(this.problem);
    const answer = await api.items(this.town, this.agent, first.pos, PAGE);
    this.loadingOlder = false;
    if (answer.ok) this.transcript = prependOlder(this.transcript, answer.value, answer.value.length > 0);
    this.tell(this.problem);
  };

  private tell(problem: Watch['problem']): void {
    this.problem = problem;
    if (this.due) return;
    this.due = true;
    const flush = () => {
      this.due = false;
      for (const listener of this.listeners) listener();
    };
    // A hidden page paints no frames; its transcript must still be right when it comes back.
    if (document.hidden) queueMicrotask(flush);
    else requestAnimationFrame(flush);
  }
}

export function useTranscript(town: string, agent: string) {
  const [watch] = useState(() => new Watch(town, agent));
  useEffect(() => watch.open(), [watch]);
  const transcript = useSyncExternalStore(watch.subscribe, () => watch.transcript);
  const problem = useSyncExternalStore(watch.subscribe, () => watch.problem);
  const loadingOlder = useSyncExternalStore(watch.subscribe, () => watch.loadingOlder);
  return { transcript, problem, loadingOlder, older: watch.older };
}
