import type { TableName } from '@gastown/protocol';
import { TABLE_NAMES } from '@gastown/protocol';
import type { Actor, Moment, Sql } from './api.ts';

/**
 * One transaction of the town: the store, the moment, who acts and why, and the replica rows that changed so far.
 * Rules take their work from `touched` and from indexes of due times; both are read as they are now, whatever woke us.
 */
export interface Tx {
  readonly sql: Sql;
  readonly now: number;
  random(bytes: number): string;
  readonly actor: Actor;
  /** A person acts, or the Mayor at a person's wish: such acts may move a bead anywhere (ST-14). */
  readonly byHand: boolean;
  /** What the ledger says caused a change: a command's kind or a rule's name. */
  readonly cause: string;
  readonly touched: Touched;
  /** Runs and merges that ended in this transaction, and the ends of runs that have been settled in it: an end has its consequences once. */
  readonly ended: Set<string>;
  readonly settled: Set<string>;
}
export type Touched = { readonly [T in TableName]: Set<string> } & { changes: number };

export function openTx(sql: Sql, moment: Moment, actor: Actor, cause: string): Tx {
  const touched = { ...Object.fromEntries(TABLE_NAMES.map((table) => [table, new Set<string>()])), changes: 0 } as Touched;
  const byHand = actor.kind === 'person';
  return {
    sql,
    now: moment.now,
    random: (bytes) => moment.random(bytes),
    actor,
    byHand,
    cause,
    touched,
    ended: new Set(),
    settled: new Set(),
  };
}

/** The replica row `id` of `table` may look different after this transaction. */
export function touch(tx: Tx, table: TableName, id: string): void {
  tx.touched[table].add(id);
  tx.touched.changes += 1;
}

/** The same transaction, acting for the town by a rule. */
export const byRule = (tx: Tx, rule: string): Tx => ({
  ...tx,
  random: (bytes) => tx.random(bytes),
  actor: { kind: 'town' },
  byHand: false,
  cause: rule,
});
