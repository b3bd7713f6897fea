import { DurableObject } from 'cloudflare:workers';
import {
  failure,
  HOME_RUNNER,
  LastScreen,
  refuse,
  RunnerId,
  TerminalKind,
  type ConversationInfo,
  type Result,
  type StoredItem,
} from '@gastown/protocol';
import type { Env } from '../env.ts';
import { endSocket, isOver, pageOf, sessionTag, type Page } from '../page-sessions.ts';
import { accepted, closeQuietly, closeWith, refusal } from '../sockets.ts';
import { sqlOver } from '../sql.ts';
import { Conversation } from './conversation.ts';
import { LiveItems } from './live-items.ts';
import type { AgentRpc } from './rpc.ts';
import { drop, isOf, wasDropped, type Holder } from './sides.ts';
import { currentStreams, receive, runnerCame, runOf, type Attachment, type StreamGround } from './stream.ts';
import {
  asTerminal,
  asViewer,
  receiveTerminal,
  runCame,
  terminalCame,
  terminalLeft,
  terminalRefused,
  terminalSockets,
  viewersFull,
  type TerminalGround,
  type TerminalAttachment,
} from './terminals.ts';
import { Transcript } from './transcript.ts';

/** Tag of the sockets that are about terminals. */
const TERMINALS = 'terminals';
const NO_KIND = failure('invalid_input', 'kind: expected shell or live');

/** One agent's stream and terminals, named `<town>/<agent>`: a shell around `transcript.ts`, `stream.ts` and `terminals.ts`. Sockets hibernate. */
export class AgentDO extends DurableObject<Env> implements AgentRpc {
  #ground: StreamGround;
  #conversation: Conversation;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#ground = this.#open();
    this.#conversation = new Conversation(sqlOver(ctx.storage.sql));
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  #open(): StreamGround {
    return {
      transcript: new Transcript(sqlOver(this.ctx.storage.sql)),
      live: new LiveItems(),
      sockets: (role) => this.#socketsWith(role),
      databaseBytes: () => this.ctx.storage.sql.databaseSize,
      runs: () => this.ctx.storage.kv.get<string[]>('runs') ?? [],
      keepRuns: (runs) => this.ctx.storage.kv.put('runs', [...runs]),
      onTerminalRefused: (kind, refused) => terminalRefused(this.#terminals, kind, refused),
    };
  }

  readonly #terminals: TerminalGround = {
    tagged: (tag) => this.#socketsWith(tag),
    streams: () => currentStreams(this.#ground),
    last: (kind) => LastScreen.nullable().parse(this.ctx.storage.kv.get(`screen:${kind}`) ?? null),
    keepLast: (kind, last) => this.ctx.storage.kv.put(`screen:${kind}`, last),
  };

  #socketsWith(tag: string): WebSocket[] {
    return this.ctx.getWebSockets(tag).filter((socket) => !isOver(socket, Date.now()));
  }

  /** Only the edge reaches this; it has authorised the caller and set the role, of a runner which one it is, of a page its session. */
  override async fetch(request: Request): Promise<Response> {
    const asked = new URL(request.url).searchParams;
    const role = asked.get('role');
    if (this.#isDestroyed()) return refusal(failure('town_deleted'));
    const holder = { runner: RunnerId.parse(asked.get('runner') ?? HOME_RUNNER), serial: Number(asked.get('serial') ?? 0) };
    if (role === 'viewer') return this.#acceptViewer(asked.get('kind'), pageOf(asked));
    if (role === 'terminal') return this.#acceptTerminal(asked.get('kind'), holder);
    if (role === 'browser') return this.#accept([role, sessionTag(pageOf(asked).session)], { role, ...pageOf(asked), watching: false });
    if (role !== 'runner') return refusal(failure('unknown_route'));
    const run = asked.get('run') ?? '';
    return this.#accept([role], { role, run, ...holder, dropped: false }, (server) => {
      if (runnerCame(this.#ground, server, { run, over: asked.has('over') })) this.#isWith(holder);
    });
  }

  #accept(tags: string[], attachment: Attachment | TerminalAttachment, then?: (server: WebSocket) => void): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, tags);
    server.serializeAttachment(attachment);
    then?.(server);
    return accepted(client);
  }

  /** The agent's own run is there: nobody else has anything of the agent any more, nor does who came with an older token. */
  #isWith(holder: Holder): void {
    this.#drop((socket) => !isOf(socket, holder), 'the agent is with another runner');
    runCame(this.#terminals);
  }

  #drop(which: (socket: WebSocket) => boolean, reason: string): void {
    for (const socket of [...this.ctx.getWebSockets('runner'), ...terminalSockets(this.#terminals)]) {
      if (wasDropped(socket) || !which(socket)) continue;
      drop(socket, reason);
      this.#left(socket);
    }
  }

  #acceptViewer(named: string | null, page: Page): Response {
    const kind = TerminalKind.safeParse(named);
    if (!kind.success) return refusal(NO_KIND);
    const full = viewersFull(this.#terminals);
    if (full) return refusal(full);
    const viewer = crypto.getRandomValues(new Uint32Array(1))[0]!;
    const { tags, attachment } = asViewer(kind.data, viewer, page);
    return this.#accept([TERMINALS, sessionTag(page.session), ...tags], attachment);
  }

  #acceptTerminal(named: string | null, holder: Holder): Response {
    const kind = TerminalKind.safeParse(named);
    if (!kind.success) return refusal(NO_KIND);
    const { tags, attachment } = asTerminal(kind.data, holder);
    return this.#accept([TERMINALS, ...tags], attachment, (server) => terminalCame(this.#terminals, kind.data, server));
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    // It was on its way when the socket was closed.
    if (this.#isDestroyed()) return closeWith(socket, failure('town_deleted'));
    if (wasDropped(socket) || isOver(socket, Date.now())) return;
    if (this.ctx.getTags(socket).includes(TERMINALS)) receiveTerminal(this.#terminals, socket, message);
    else receive(this.#ground, socket, message);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (!wasDropped(socket)) this.#left(socket);
    closeQuietly(socket, 1000, 'closed');
  }
  override async webSocketError(socket: WebSocket): Promise<void> {
    if (!wasDropped(socket)) this.#left(socket);
  }

  /** Without its writer nothing of a run is being written. */
  #left(socket: WebSocket): void {
    if (this.ctx.getTags(socket).includes(TERMINALS)) return terminalLeft(this.#terminals, socket);
    if (!this.ctx.getTags(socket).includes('runner')) return;
    const run = runOf(socket);
    const others = this.ctx.getWebSockets('runner').filter((other) => other !== socket && other.readyState === WebSocket.OPEN);
    if (!others.some((other) => runOf(other) === run)) this.#ground.live.leave(run);
  }

  async items(before: number | null, limit: number): Promise<StoredItem[]> {
    return this.#ground.transcript.before(before, limit);
  }

  async keepConversation(info: ConversationInfo, bytes: Uint8Array): Promise<Result<null>> {
    if (this.#isDestroyed()) return refuse(failure('town_deleted'));
    return this.ctx.storage.transactionSync(() => this.#conversation.keep(info, bytes));
  }
  async conversationInfo(): Promise<ConversationInfo | null> {
    return this.#conversation.info();
  }
  async conversation(): Promise<{ info: ConversationInfo; bytes: Uint8Array<ArrayBuffer> } | null> {
    const info = this.#conversation.info();
    return info && { info, bytes: this.#conversation.bytes() };
  }

  async dropRunner(runner: RunnerId, least: number | null): Promise<void> {
    const serial = least ?? Number.POSITIVE_INFINITY;
    this.#drop(
      (socket) => isOf(socket, { runner, serial: 0 }) && !isOf(socket, { runner, serial }),
      'the token of this runner is good no more',
    );
  }

  async endSession(session: string): Promise<void> {
    for (const socket of this.ctx.getWebSockets(sessionTag(session))) {
      endSocket(socket);
      this.#left(socket);
    }
  }

  #isDestroyed(): boolean {
    return this.ctx.storage.kv.get<boolean>('destroyed') === true;
  }

  /** Only the mark stays: a late writer finds it and writes nothing (I14). */
  async destroy(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) closeWith(socket, failure('town_deleted'));
    await this.ctx.storage.deleteAll();
    this.ctx.storage.kv.put('destroyed', true);
    this.#ground = this.#open();
    this.#conversation = new Conversation(sqlOver(this.ctx.storage.sql));
  }
}
