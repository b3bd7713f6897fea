import { DurableObject } from 'cloudflare:workers';
import { failure, type StoredItem } from '@gastown/protocol';
import type { Env } from '../env.ts';
import { accepted, closeQuietly, closeWith, refusal } from '../sockets.ts';
import { sqlOver } from '../sql.ts';
import { LiveItems } from './live-items.ts';
import type { AgentRpc } from './rpc.ts';
import { receive, replaceRunner, type Attachment, type StreamGround } from './stream.ts';
import { Transcript } from './transcript.ts';

/** One agent's stream, named `<town>/<agent>`: a shell around `transcript.ts` and `stream.ts`. Sockets hibernate. */
export class AgentDO extends DurableObject<Env> implements AgentRpc {
  #ground: StreamGround;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#ground = this.#open();
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  #open(): StreamGround {
    return {
      transcript: new Transcript(sqlOver(this.ctx.storage.sql)),
      live: new LiveItems(),
      sockets: (role) => this.ctx.getWebSockets(role),
      databaseBytes: () => this.ctx.storage.sql.databaseSize,
    };
  }

  /** Only the edge reaches this; it has authorised the caller and set the role. */
  override async fetch(request: Request): Promise<Response> {
    const role = new URL(request.url).searchParams.get('role');
    if (role !== 'runner' && role !== 'browser') return refusal(failure('unknown_route'));
    if (this.ctx.storage.kv.get<boolean>('destroyed')) return refusal(failure('town_deleted'));
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [role]);
    server.serializeAttachment((role === 'runner' ? { role } : { role, watching: false }) satisfies Attachment);
    if (role === 'runner') replaceRunner(this.#ground, server);
    return accepted(client);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    receive(this.#ground, socket, message);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#left(socket);
    closeQuietly(socket, 1000, 'closed');
  }
  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#left(socket);
  }

  /** Without its writer nothing is being written. */
  #left(socket: WebSocket): void {
    const others = this.ctx.getWebSockets('runner').filter((other) => other !== socket && other.readyState === WebSocket.OPEN);
    if (this.ctx.getTags(socket).includes('runner') && others.length === 0) this.#ground.live.clear();
  }

  async items(before: number | null, limit: number): Promise<StoredItem[]> {
    return this.#ground.transcript.before(before, limit);
  }

  /** Only the mark stays: a late writer finds it and writes nothing (I14). */
  async destroy(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) closeWith(socket, failure('town_deleted'));
    await this.ctx.storage.deleteAll();
    this.ctx.storage.kv.put('destroyed', true);
    this.#ground = this.#open();
  }
}
