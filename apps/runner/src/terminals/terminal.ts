import { LIMITS, outputFor, readTypedBy, ToTerminal } from '@gastown/protocol';
import type { FromTerminal, LastScreen, Output } from '@gastown/protocol';
import type { SecretBytes } from '../system/secret-bytes.ts';
import { Keys } from './keys.ts';
import type { Pty } from './pty.ts';
import { Recent } from './recent.ts';
import { makeScreen } from './screen.ts';
import { makeStars } from './stars.ts';
import { Watchers } from './watchers.ts';

/**
 * One terminal: a program in a pty, its screen, and who watches. Output goes pty → stars → screen → watchers, so a watcher is never told of what the screen does not hold, and
 * the screen drawn at any moment is the one at `recent.end`. From the stars on no secret is in it (I16).
 *
 * 1. Each byte that the program wrote has one number, also where it became a star, and reaches each watcher once or is part of a screen drawn for it (WS-2).
 * 2. The program is paused while its output is more than the screen or the fastest watcher takes; what is typed has a way of its own and never waits for it.
 * 3. What a client typed is numbered by it: sent again after a cut, it reaches the program once (WS-8).
 */
export interface Terminal {
  readonly id: string;
  /** A frame of the AgentDO. One that cannot be read changes nothing. */
  hear(frame: string | Uint8Array): void;
  /** The socket is gone, and with it everybody who watched through it; they join again. */
  lost(): void;
  /** Resolves to what it showed last, when it is over: the program ended, nobody watched for too long, or `end` was called. */
  readonly over: Promise<LastScreen>;
  end(reason: LastScreen['reason']): Promise<LastScreen>;
  /** The socket is there, for the first time or again. */
  opened(): void;
  /** Resolves when what it showed last is stored. */
  readonly kept: Promise<void>;
}

export interface TerminalWish {
  readonly id: string;
  readonly pty: Pty;
  readonly cols: number;
  readonly rows: number;
  readonly send: (frame: string | Uint8Array) => void;
  readonly now: () => number;
  /** What the runner knows and nobody is shown. */
  readonly secrets: () => SecretBytes;
  readonly idleMs?: number;
  readonly ackMs?: number;
}

const FRAME_BYTES = 65_536;
/** Output that waits for the screen. */
const UNSHOWN_BYTES = 2 * LIMITS.terminalWindowBytes.value;

/** A program that asks and asks and never reads gets no more answers. */
const UNREAD_ANSWER_BYTES = 16_384;

export function makeTerminal(wish: TerminalWish): Terminal {
  const { id, pty } = wish;
  const screen = makeScreen(wish, (answer) => {
    if (pty.unwritten() < UNREAD_ANSWER_BYTES) pty.write(Buffer.from(answer));
  });
  const recent = new Recent(LIMITS.terminalWindowBytes.value);
  const watchers = new Watchers();
  const keys = new Keys();
  let unsent: Uint8Array[] = [];
  let unshown = 0;
  let resizedAt = 0;
  let paused = false;
  let idle: NodeJS.Timeout | undefined;
  let unanswered: NodeJS.Timeout | undefined;
  let finish: Promise<LastScreen> | null = null;
  let farewell: FromTerminal | null = null;
  const kept = Promise.withResolvers<void>();

  const say = (frame: FromTerminal): void => wish.send(JSON.stringify(frame));
  const sendOutput = (viewers: number[], { offset, bytes }: Output): void => {
    for (let at = 0; at < bytes.byteLength && viewers.length > 0; at += FRAME_BYTES)
      wish.send(outputFor(viewers, { offset: offset + at, bytes: bytes.subarray(at, at + FRAME_BYTES) }));
  };
  /** Everything on the screen is on its way. */
  const flush = (): void => {
    if (unsent.length === 0) return;
    const bytes = Buffer.concat(unsent);
    unsent = [];
    sendOutput(watchers.pass(recent.end), { offset: recent.end - bytes.byteLength, bytes });
  };
  const regulate = (): void => {
    const flows = watchers.mayFlow();
    const wait = finish === null && (unshown > UNSHOWN_BYTES || !flows);
    if (flows) {
      clearTimeout(unanswered);
      unanswered = undefined;
    } else unanswered ??= setTimeout(giveUp, wish.ackMs ?? LIMITS.terminalAckMs.value);
    if (wait === paused) return;
    paused = wait;
    if (wait) pty.pause();
    else pty.resume();
  };
  const giveUp = (): void => {
    unanswered = undefined;
    watchers.giveUpOnAll();
    regulate();
  };
  const onShown = (bytes: Uint8Array): void => {
    unshown -= bytes.byteLength;
    recent.add(bytes);
    // The screen takes several pieces in one go: they travel together.
    if (unsent.push(bytes) === 1)
      queueMicrotask(() => {
        flush();
        regulate();
      });
  };
  const stars = makeStars({
    secrets: wish.secrets,
    pass(bytes) {
      unshown += bytes.byteLength;
      screen.write(bytes, () => onShown(bytes));
      regulate();
    },
  });
  pty.onBytes(stars.add);

  const watchForNobody = (): void => {
    clearTimeout(idle);
    idle = undefined;
    if (watchers.size === 0) idle = setTimeout(() => void terminal.end('unwatched'), wish.idleMs ?? LIMITS.terminalIdleMs.value);
  };
  const stateFor = (viewer: number, client: string, offset: number, drawn: string | null): void =>
    say({ t: 'state', viewer, terminal: id, offset, cols: screen.cols, rows: screen.rows, screen: drawn, typed: keys.taken(client) });
  const clients = new Map<number, string>();

  const drawFor = (viewer: number): void => {
    flush();
    const { text, unfinished } = screen.draw(LIMITS.terminalStateBytes.value);
    const offset = recent.end - unfinished;
    stateFor(viewer, clients.get(viewer) ?? '', offset, text);
    sendOutput([viewer], { offset, bytes: recent.from(offset) ?? new Uint8Array() });
    watchers.join(viewer, recent.end);
  };
  const admit = ({ viewer, client, have }: Extract<ToTerminal, { t: 'join' }>): void => {
    flush();
    clients.set(viewer, client);
    const missed = have?.terminal === id && have.offset >= resizedAt ? recent.from(have.offset) : null;
    if (missed === null) drawFor(viewer);
    else {
      const offset = recent.end - missed.byteLength;
      stateFor(viewer, client, offset, null);
      sendOutput([viewer], { offset, bytes: missed });
      watchers.join(viewer, recent.end);
    }
    watchForNobody();
    regulate();
  };
  /** The program learns of it at once, the screen and the watchers at the same place of the output. */
  const resize = (cols: number, rows: number, done: () => void): void => {
    if (cols === screen.cols && rows === screen.rows) return done();
    pty.resize(cols, rows);
    screen.resize(cols, rows, () => {
      flush();
      resizedAt = recent.end;
      say({ t: 'size', viewers: watchers.all(), offset: recent.end, cols, rows });
      done();
    });
  };
  const obey = (frame: ToTerminal): void => {
    switch (frame.t) {
      case 'join':
        // Who comes to an empty room brings its size; who comes later takes the room as it is.
        if (watchers.size === 0) return resize(frame.cols, frame.rows, () => admit(frame));
        return admit(frame);
      case 'leave':
        watchers.leave(frame.viewer);
        clients.delete(frame.viewer);
        watchForNobody();
        return regulate();
      case 'size':
        return resize(frame.cols, frame.rows, () => undefined);
      case 'ack':
        if (watchers.shown(frame.viewer, frame.offset)) drawFor(frame.viewer);
        return regulate();
      case 'kept':
        return;
    }
  };
  const type = (frame: Uint8Array): void => {
    const what = readTypedBy(frame);
    const client = what === null ? undefined : clients.get(what.viewer);
    if (what === null || client === undefined) return;
    const fresh = keys.take(client, what);
    if (fresh !== null) pty.write(fresh);
    say({ t: 'typed', viewer: what.viewer, number: keys.taken(client) });
  };

  const draw = async (reason: LastScreen['reason'], exitCode: number | null): Promise<LastScreen> => {
    clearTimeout(idle);
    clearTimeout(unanswered);
    stars.end();
    await new Promise<void>((resolve) => screen.write(new Uint8Array(), resolve));
    flush();
    const { cols, rows } = screen;
    const last = { cols, rows, screen: screen.draw(LIMITS.terminalScreenBytes.value).text, reason, exitCode, at: wish.now() };
    farewell = { t: 'ended', last };
    say(farewell);
    screen.dispose();
    return last;
  };
  const over = pty.exited.then((code) => (finish ??= draw('exited', code)));
  const terminal: Terminal = {
    id,
    over,
    kept: kept.promise,
    opened() {
      if (farewell !== null) say(farewell);
    },
    hear(frame) {
      const said = typeof frame === 'string' ? ToTerminal.safeParse(parsed(frame)) : null;
      if (said?.success && said.data.t === 'kept') return kept.resolve();
      if (finish !== null) return;
      if (typeof frame !== 'string') return type(frame);
      if (said?.success) obey(said.data);
    },
    lost() {
      watchers.clear();
      clients.clear();
      if (finish !== null) return;
      watchForNobody();
      regulate();
    },
    async end(reason) {
      finish ??= draw(reason, null);
      await finish;
      await pty.end();
      return over;
    },
  };
  watchForNobody();
  return terminal;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
