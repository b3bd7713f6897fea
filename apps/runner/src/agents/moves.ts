import { failure } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import type { Log } from '../system/log.ts';
import type { AgentSession, SessionWish } from './driver.ts';
import type { AnyProcess } from './pool-process.ts';
import { sessionsIn } from './seat.ts';
import type { Held, Seat } from './seat.ts';

/** How sessions go on in another process of their pool, without a word to their runs. */
export interface Moves {
  /** From now on this is where the session is. */
  take(held: Held, opened: Opened): void;
  /** The process has ended: its sessions are lost. */
  lose(seat: Seat, why: Failure): void;
  /** Moves what may move out of a process that is to go. */
  moveOn(seat: Seat, wish: AnyProcess): void;
}

export interface Opened {
  readonly session: AgentSession;
  readonly seat: Seat;
  /** Held in the seat until the session is. */
  readonly place: symbol;
}

interface MoveSurroundings {
  readonly openIn: (wish: AnyProcess, session: SessionWish) => Promise<Result<Opened>>;
  readonly leave: (seat: Seat, who: Held | symbol) => void;
  readonly stopSeat: (seat: Seat) => Promise<void>;
  readonly log: Log;
}

export function makeMoves({ openIn, leave, stopSeat, log }: MoveSurroundings): Moves {
  /** One that moves is lost only if the move fails. */
  const lost = (held: Held, seat: Seat, why: Failure): void => {
    if (held.seat === seat && !held.over && held.moving === null) held.onGone(why);
  };
  const take = (held: Held, { seat, place, session }: Opened): void => {
    seat.held.delete(place);
    seat.held.add(held);
    held.seat = seat;
    held.session = session;
    // It ended just now, and whoever opened this session does not know yet.
    const { gone } = seat;
    if (gone !== null) queueMicrotask(() => lost(held, seat, gone));
  };
  const move = async (held: Held, wish: AnyProcess): Promise<void> => {
    const from = held.seat;
    const opened = await openIn(wish, { ...held.wish, resumeSessionId: held.session.id });
    if (!held.over && opened.ok && opened.value.session.resumed) {
      from.held.delete(held);
      take(held, opened.value);
      log('pool.moved', { name: from.name, session: held.session.id });
      return leave(from, held);
    }
    if (opened.ok) {
      await opened.value.session.close();
      leave(opened.value.seat, opened.value.place);
    }
    letGo(held, from, 'The session could not be taken over by another process of its agent.');
  };
  const letGo = (held: Held, from: Seat, why: string): void => {
    leave(from, held);
    if (held.over) return;
    held.over = true;
    held.onGone(failure('agent_crashed', why));
  };
  const begin = (held: Held, wish: AnyProcess, before: () => Promise<void>): void => {
    held.moving = before()
      .then(() => move(held, wish))
      .catch((error: unknown) => letGo(held, held.seat, `The session could not be moved: ${String(error)}`))
      .finally(() => (held.moving = null));
  };
  /** One that had no turn yet has nothing to resume. */
  const mayMove = (held: Held): boolean => !held.inTurn && held.turns > 0 && held.moving === null && !held.over;

  return {
    take,
    lose(seat, why) {
      seat.gone = why;
      for (const held of sessionsIn(seat)) lost(held, seat, why);
    },
    moveOn(seat, wish) {
      if (!seat.retiring || seat.stopping) return;
      const sessions = sessionsIn(seat);
      if (wish.agent.kind.ownsSessions !== true) {
        for (const held of sessions.filter(mayMove)) begin(held, wish, async () => void (await held.session.close()));
        return;
      }
      // As long as the process lives no other may have its sessions: they wait until none is in a turn.
      if (!sessions.every(mayMove) || sessions.length < seat.held.size) return;
      const ended = stopSeat(seat);
      for (const held of sessions) begin(held, wish, () => ended);
    },
  };
}
