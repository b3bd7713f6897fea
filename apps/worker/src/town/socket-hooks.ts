import { failure, RunnerId } from '@gastown/protocol';
import { failureOfException } from '../edge/answers.ts';
import { endSocket, isOver, pageOf, sessionTag, type Page } from '../page-sessions.ts';
import { accepted, closeQuietly, closeWith, refusal } from '../sockets.ts';
import type { Ground } from './ground.ts';
import type { Intake } from './intake.ts';
import { receiveFromRunner, runnerClosed, type RunnerAttachment, sendAway } from './link.ts';
import { type BrowserAttachment, greetBrowser } from './live.ts';
import type { Loop } from './loop.ts';
import { turnAmongUnheard } from './unheard.ts';

/** The sockets of runners and pages: they hibernate with the object, so what is to be known of one is its tag and its attachment. */
export class SocketHooks {
  readonly #ctx: DurableObjectState;
  readonly #ground: Ground;
  readonly #loop: Loop;
  readonly #intake: Intake;

  constructor(ctx: DurableObjectState, ground: Ground, loop: Loop, intake: Intake) {
    this.#ctx = ctx;
    this.#ground = ground;
    this.#loop = loop;
    this.#intake = intake;
  }

  /** Only the edge reaches this; it has authorised the caller and set the role, and of a page its session. */
  accept(request: Request): Response {
    if (!this.#ground.store()) return refusal(failure('town_deleted'));
    const { searchParams } = new URL(request.url);
    const role = searchParams.get('role');
    if (role !== 'runner' && role !== 'browser') return refusal(failure('unknown_route'));
    const { 0: client, 1: server } = new WebSocketPair();
    if (role === 'browser') this.#acceptPage(server, pageOf(searchParams));
    else {
      const holder = this.#runnerOf(searchParams);
      this.#ctx.acceptWebSocket(server, [role]);
      server.serializeAttachment(holder);
    }
    return accepted(client);
  }

  async heard(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const town = this.#ground.store();
    if (!town) return this.closeAll();
    if (isOver(socket, Date.now())) return;
    const townId = this.#ground.memory.townId();
    try {
      if (this.#isRunner(socket)) await receiveFromRunner(this.#ground, this.#loop, this.#intake, townId, socket, message);
      else greetBrowser(town, socket, message);
    } catch (error) {
      // The other side comes back and says again what was not answered.
      closeWith(socket, failureOfException(error, { during: 'socket message', town: townId }));
    }
  }

  closed(socket: WebSocket): void {
    this.broke(socket);
    closeQuietly(socket, 1000, 'closed');
  }

  broke(socket: WebSocket): void {
    if (this.#isRunner(socket) && this.#ground.store()) runnerClosed(this.#ground, this.#loop, socket);
  }

  endSession(session: string): void {
    for (const socket of this.#ctx.getWebSockets(sessionTag(session))) endSocket(socket);
  }

  closeAll(): void {
    for (const socket of this.#ctx.getWebSockets('browser')) closeWith(socket, failure('town_deleted'));
    for (const socket of this.#ctx.getWebSockets('runner')) sendAway(socket, failure('town_deleted'));
  }

  #acceptPage(server: WebSocket, page: Page): void {
    this.#ctx.acceptWebSocket(server, ['browser', sessionTag(page.session)]);
    server.serializeAttachment({ role: 'browser', ...page, rev: null } satisfies BrowserAttachment);
  }

  #runnerOf(asked: URLSearchParams): RunnerAttachment {
    const runnerId = RunnerId.parse(asked.get('runner'));
    const serial = Number(asked.get('serial'));
    return { role: 'runner', runnerId, serial, instance: null, turn: turnAmongUnheard(this.#ground, runnerId) };
  }

  #isRunner(socket: WebSocket): boolean {
    return this.#ctx.getTags(socket).includes('runner');
  }
}
