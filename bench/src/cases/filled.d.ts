import { type TestTown } from '@gastown/town/testing';
import type { Sql } from '@gastown/town';
import type { RigId } from '@gastown/protocol';
/** One bead of a filled town. `after`: places of the beads that block it (edges `blocks`). */
export interface Shape {
  readonly status?: 'open' | 'closed';
  readonly rank?: number;
  readonly kind?: string;
  readonly labels?: readonly string[];
  readonly after?: readonly number[];
  /** Place of its parent. */
  readonly parent?: number;
  readonly deferUntil?: number;
  readonly ephemeral?: boolean;
  readonly assignee?: string;
}
export interface Filled {
  readonly town: TestTown;
  readonly rigId: RigId;
  id(place: number): string;
}
/** The beads of a filled town were made a second apart, before its clock begins. */
export declare const BEGAN = 1600000000000;
/**
 * A connected town, paused, with `count` beads of the wished shapes. They are written straight into the tables, as the commands would have left them
 * (a test runs the invariant checkers over it): a hundred thousand commands would take minutes.
 */
export declare function filled(store: Sql, count: number, shape: (place: number) => Shape): Filled;
