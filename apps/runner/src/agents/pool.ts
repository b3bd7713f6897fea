import { join } from 'node:path';
import { ok, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import type { Cell } from '../system/cell.ts';
import { endStrays } from '../system/processes.ts';
import { within } from '../system/within.ts';
import { roomFor } from './ceilings.ts';
import type { PoolCeilings } from './ceilings.ts';
import type { AgentProcess, AgentSession, SessionWish } from './driver.ts';
import { makeHolds } from './holds.ts';
import type { Holds } from './holds.ts';
import type { InstalledAgent } from './installed.ts';
import { liveViewOf } from './live-view.ts';
import type { LiveView } from './live-view.ts';
import { treeBytes } from './memory.ts';
import { processFor } from './pool-need.ts';
import type { PoolNeed } from './pool-need.ts';
import { makeMoves } from './moves.ts';
import type { Opened } from './moves.ts';
import { homeOf, startProcess } from './pool-process.ts';
import type { AnyProcess, ProcessSurroundings, ProcessWish } from './pool-process.ts';
import { sessionsIn } from './seat.ts';
import type { Held, Seat } from './seat.ts';

/**
 * The agent processes. One serves sessions of the same agent kind, model, shape, rig and permissions, in a cell of its own, up to a ceiling of sessions; it
 * is started when first needed. Folders stay between starts, so that a session can be resumed (MY-12). A process over its ceiling of memory takes no new
 * session and is replaced: each of its sessions goes on in another process when its turn is over, and its run does not notice.
 */
export interface Pool {
  open(need: PoolNeed, wish: SessionWish, onGone: (failure: Failure) => void): Promise<Result<PoolSession>>;
  /** Does something as the user of a pool: nobody ends that user before it is over. */
  readonly holding: Holds['holding'];
  stop(): Promise<void>;
}

/** A session, and the cell that it is in, whichever process serves it. */
export interface PoolSession extends AgentSession {
  readonly cell: Cell;
  /** The agent program's own screen of it, null where it has none. */
  liveView(): Promise<(LiveView & { readonly cell: Cell }) | null>;
}

export interface PoolSurroundings extends ProcessSurroundings {
  readonly installed: readonly InstalledAgent[];
  readonly ceilings: PoolCeilings;
  readonly start?: (around: ProcessSurroundings, wish: ProcessWish) => Promise<Result<AgentProcess>>;
  readonly bytesOf?: (pid: number) => Promise<number>;
  readonly freeBytes?: () => number;
}

const STOP_MS = 5_000;

export function makePool(around: PoolSurroundings): Pool {
  const { ceilings, start = startProcess, bytesOf = treeBytes, freeBytes = () => process.availableMemory() } = around;
  const seats = new Set<Seat>();
  const seatsOf = (name: string): Seat[] => [...seats].filter((seat) => seat.name === name);
  const endUser = (name: string): Promise<unknown> => around.cells.end(join(around.folder, name), around.cells.agent(name, null));

  /** With the last process of a pool all of its user ends, unless somebody holds it: then when that is over. */
  const forget = (seat: Seat): void => {
    if (!seats.delete(seat)) return;
    const { name } = seat;
    const isShared = seatsOf(name).length > 0 || holds.isHeld(name);
    const left = (): Promise<unknown> => (isShared ? endStrays({ folder: homeOf(around.folder, seat) }) : endUser(name));
    holds.ending(name, seat.started.then(async (started) => started.ok && (await started.value.gone)).then(left));
  };
  const stopSeat = async (seat: Seat): Promise<void> => {
    seat.stopping = true;
    forget(seat);
    const started = await seat.started;
    if (started.ok) await started.value.stop();
  };
  /** The last process stays warm for the next session, and so does one for which a session is on its way; others are stopped with their last session. */
  const stopIfIdle = (seat: Seat): void => {
    const isWanted = !seat.retiring && (seats.size === 1 || holds.isHeld(seat.name));
    if (seat.held.size === 0 && !isWanted && seats.has(seat)) void stopSeat(seat);
  };
  const leave = (seat: Seat, who: Held | symbol): void => {
    seat.held.delete(who);
    stopIfIdle(seat);
  };
  const holds = makeHolds((name) => {
    const there = seatsOf(name);
    there.forEach(stopIfIdle);
    if (there.length === 0) holds.ending(name, endUser(name));
  });

  const newSeat = (wish: AnyProcess): Seat => {
    const taken = new Set(seatsOf(wish.name).map(({ at }) => at));
    let at = 0;
    while (taken.has(at)) at++;
    // The search for what an earlier one left would take it for that.
    const started = holds.ended(wish.name).then(() => start(around, { ...wish, at, alone: taken.size === 0 }));
    const seat: Seat = { name: wish.name, at, started, held: new Set(), retiring: false, stopping: false, gone: null, firstBytes: null };
    seats.add(seat);
    started.then(
      (process) => (process.ok ? process.value.gone.then((why) => (forget(seat), lose(seat, why))) : void seats.delete(seat)),
      () => void seats.delete(seat),
    );
    return seat;
  };
  const seatFor = (wish: AnyProcess): Seat => {
    const most = Math.min(ceilings.sessions, wish.agent.kind.sessionsPerProcess ?? Infinity);
    return seatsOf(wish.name).find((seat) => !seat.retiring && !seat.stopping && seat.held.size < most) ?? newSeat(wish);
  };

  const openIn = async (wish: AnyProcess, session: SessionWish): Promise<Result<Opened>> => {
    const seat = seatFor(wish);
    const place = Symbol('a session that is being opened');
    seat.held.add(place);
    try {
      const started = await seat.started;
      if (!started.ok) return started;
      session.onProcess?.(started.value.pid);
      await session.beforeOpen?.();
      const opened = await started.value.openSession(session);
      if (opened.ok) return ok({ session: opened.value, seat, place });
      // Whatever it is that this process lacks, the next one begins with its folders in order; one that serves others stays with them.
      if (seat.held.size === 1) seat.retiring = true;
      leave(seat, place);
      return opened;
    } catch (error) {
      leave(seat, place);
      throw error;
    }
  };

  const lookAtMemory = async (seat: Seat): Promise<void> => {
    const started = await seat.started;
    if (!started.ok || started.value.pid === null || seat.retiring) return;
    const bytes = await bytesOf(started.value.pid);
    seat.firstBytes ??= bytes;
    if (bytes <= Math.max(ceilings.bytes, seat.firstBytes * ceilings.growth)) return;
    seat.retiring = true;
    around.log('pool.retiring', { name: seat.name, bytes, sessions: sessionsIn(seat).length });
  };

  const { take, lose, moveOn } = makeMoves({ openIn, leave, stopSeat, log: around.log });

  return {
    async open(need, wish, onGone) {
      const wanted = processFor(around.installed, need, wish);
      if (!wanted.ok) return wanted;
      const sessions = [...seats].reduce((sum, seat) => sum + seat.held.size, 0);
      const room = roomFor(wish, ceilings, sessions, freeBytes());
      if (room !== null) return refuse(room);
      const opened = await openIn(wanted.value, wish);
      if (!opened.ok) return opened;
      const { session, seat } = opened.value;
      const held: Held = { wish, onGone, session, seat, turns: 0, inTurn: false, over: false, moving: null };
      take(held, opened.value);
      return ok({
        id: session.id,
        cell: around.cells.agent(wanted.value.name, wanted.value.rigId),
        async liveView() {
          while (held.moving !== null) await held.moving;
          const started = await held.seat.started;
          const { agent, name } = wanted.value;
          const pid = started.ok ? started.value.pid : null;
          const view = await liveViewOf(agent, { pid, password: around.passwordOf(name), sessionId: held.session.id, cwd: wish.cwd });
          return view && { ...view, cell: around.cells.viewer(name) };
        },
        resumed: session.resumed,
        model: session.model,
        async prompt(text) {
          while (held.moving !== null) await held.moving;
          held.inTurn = true;
          const end = await held.session.prompt(text);
          held.inTurn = false;
          held.turns += 1;
          await lookAtMemory(held.seat);
          moveOn(held.seat, wanted.value);
          return end;
        },
        cancel: () => held.session.cancel(),
        abandon() {
          held.session.abandon();
          // The others of that process cannot trust it either.
          held.seat.retiring = true;
          held.over = true;
          leave(held.seat, held);
          moveOn(held.seat, wanted.value);
        },
        async close() {
          held.over = true;
          while (held.moving !== null) await held.moving;
          const closed = await held.session.close();
          leave(held.seat, held);
          return closed;
        },
      });
    },
    holding: holds.holding,
    async stop() {
      // One that is still starting may wait for the town for ever: it is ended with the strays.
      await within(
        STOP_MS,
        Promise.all([...seats].map(async ({ started }) => started.then(async (process) => process.ok && (await process.value.stop())))),
      );
      await around.cells.end(around.folder);
    },
  };
}
