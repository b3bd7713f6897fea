import { ServerFrame, type ClientHello } from '@gastown/protocol';
import { openSocket, type Socket } from '../live-socket.ts';
import { Replica } from './store.ts';

/**
 * One town's live link: the replica, its socket and what the page may say about the connection.
 * `unreadable` means that the server speaks another version: only a reload helps.
 */
export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'offline'; since: number; failures: number }
  | { state: 'unreadable' };

export class TownConnection {
  readonly replica = new Replica();
  link: Link = { state: 'connecting' };
  private lastSeen: number | null = null;
  private socket: Socket | null = null;
  private users = 0;
  private readonly listeners = new Set<() => void>();
  private readonly town: string;

  constructor(town: string) {
    this.town = town;
  }

  /** Connects while anyone uses it; the rows stay when the last one leaves, so that coming back shows them at once. */
  use(): () => void {
    this.users += 1;
    this.socket ??= this.connect();
    return () => {
      this.users -= 1;
      queueMicrotask(() => {
        if (this.users > 0) return;
        this.socket?.close();
        this.socket = null;
      });
    };
  }

  onLink(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private connect(): Socket {
    return openSocket(`/api/towns/${this.town}/live`, {
      hello: (): ClientHello => ({ t: 'hello', rev: this.replica.rev, epoch: this.replica.epoch }),
      frame: (data) => {
        const frame = ServerFrame.safeParse(data);
        if (!frame.success) {
          console.error('unreadable frame', frame.error.issues);
          this.socket?.close();
          return this.become({ state: 'unreadable' });
        }
        this.lastSeen = Date.now();
        this.replica.apply(frame.data);
        this.become({ state: 'live' });
      },
      down: (failures) => this.become({ state: 'offline', since: this.lastSeen ?? Date.now(), failures }),
    });
  }

  private become(link: Link): void {
    if (link.state === this.link.state && link.state === 'live') return;
    this.link = link;
    for (const listener of this.listeners) listener();
  }
}

const connections = new Map<string, TownConnection>();
export function connectionOf(town: string): TownConnection {
  const found = connections.get(town) ?? new TownConnection(town);
  connections.set(town, found);
  return found;
}
