import type { Sql } from '../../api.ts';

/** What must always hold (reliability §2). `DM-15` is the one requirement among them: every row can be read. */
export type Invariant =
  | 'DM-15'
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'I13'
  | 'I14'
  | 'I15'
  | 'I19'
  | 'I20'
  | 'MT-7';

export interface Finding {
  readonly invariant: Invariant;
  readonly message: string;
}

/** One look at the store as it is now. What an earlier look of the same checker saw, it remembers. */
export type Look = (sql: Sql, now: number) => Finding[];

/**
 * A checker: pure reads over the tables it names. `open` gives one that has seen nothing yet, so its first look is at everything; each later one is at
 * what has changed, and also at what may not change between two looks.
 */
export interface Check {
  /** Nothing new can be found while none of these was written. */
  readonly tables: readonly string[];
  /** It reads every row, so an auditor asks it only in `lookAtAll`: from time to time and at the end, not after each command. */
  readonly whole?: true;
  readonly open: () => Look;
}

export const finding = (invariant: Invariant, message: string): Finding => ({ invariant, message });
