import type { Failure, Result } from '@gastown/protocol';
import type { AgentProcess, AgentSession, SessionWish } from './driver.ts';

/** One process of the pool, from the moment that it is wanted. */
export interface Seat {
  readonly name: string;
  readonly at: number;
  readonly started: Promise<Result<AgentProcess>>;
  /** Sessions in it, and places for those that are being opened. */
  readonly held: Set<Held | symbol>;
  /** It takes no new session; its own move to another process when their turns are over. */
  retiring: boolean;
  /** It was told to stop: its end is nobody's loss. */
  stopping: boolean;
  /** Why the process ended, once it has. */
  gone: Failure | null;
  /** Memory after its first turn: it is given room to grow from there, whatever the ceiling says. */
  firstBytes: number | null;
}

/** One session as its run holds it, whichever process it is in at the moment. */
export interface Held {
  readonly wish: SessionWish;
  readonly onGone: (failure: Failure) => void;
  session: AgentSession;
  seat: Seat;
  turns: number;
  inTurn: boolean;
  over: boolean;
  /** While it moves, the next turn waits. */
  moving: Promise<void> | null;
}

export const sessionsIn = (seat: Seat): Held[] => [...seat.held].filter((each): each is Held => typeof each !== 'symbol');
