import type { Sql } from './api.ts';
import { attemptsCheck, effectsCheck, remindersCheck, warningsCheck } from './audit/checks/bounds.ts';
import type { Check, Finding } from './audit/checks/check.ts';
import { deletionCheck } from './audit/checks/deletion.ts';
import { begunCheck, circlesCheck, keptCheck } from './audit/checks/graph.ts';
import { heldCheck } from './audit/checks/held.ts';
import { holdersCheck, orphansCheck } from './audit/checks/holders.ts';
import { isolationCheck } from './audit/checks/isolation.ts';
import { ledgerCheck } from './audit/checks/ledger.ts';
import { looksCheck } from './audit/checks/looks.ts';
import { mergesCheck } from './audit/checks/merges.ts';
import { nudgesCheck } from './audit/checks/messages.ts';
import { permissionsCheck } from './audit/checks/permissions.ts';
import { replayCheck } from './audit/checks/replay.ts';
import { runnersCheck } from './audit/checks/runners.ts';
import { recordsCheck } from './audit/checks/records.ts';
import { rowsCheck } from './audit/checks/rows.ts';
import { limitsCheck } from './audit/checks/limits.ts';
import { minutesCheck, spendCheck } from './audit/checks/spend.ts';
import { silenceCheck } from './audit/checks/silence.ts';
import { remembering } from './remembering.ts';
import { convoysCheck } from './convoys/check.ts';
import { badLinesCheck } from './exchange/check.ts';
import { overspentCheck } from './spend/check.ts';
import { causesCheck, slotsCheck } from './audit/checks/waits.ts';

export type { Finding, Invariant } from './audit/checks/check.ts';

/**
 * What must always hold (reliability §2), as pure reads: after each step of a test and of the simulator by an auditor who remembers, and over a living
 * town by the doctor. No rule of the town calls them.
 */
const CHECKS: readonly Check[] = [
  rowsCheck,
  ledgerCheck,
  replayCheck,
  holdersCheck,
  orphansCheck,
  heldCheck,
  mergesCheck,
  attemptsCheck,
  effectsCheck,
  remindersCheck,
  warningsCheck,
  spendCheck,
  minutesCheck,
  limitsCheck,
  causesCheck,
  slotsCheck,
  looksCheck,
  silenceCheck,
  keptCheck,
  begunCheck,
  recordsCheck,
  convoysCheck,
  overspentCheck,
  badLinesCheck,
  circlesCheck,
  nudgesCheck,
  permissionsCheck,
  runnersCheck,
  deletionCheck,
  isolationCheck,
];

export interface Auditor {
  /** What is wrong now, but for what only every row shows. `written`: the tables written since the last look; absent: any. */
  look(now: number, written?: ReadonlySet<string>): Finding[];
  /** What is wrong over every row: the ledger replays to the tables, and each row can be read (I6, DM-15). */
  lookAtAll(now: number): Finding[];
}

/** Looks at a store again and again: each time at what is new, and at what may not have changed since the last time. */
export function openAuditor(sql: Sql): Auditor {
  const looks = CHECKS.filter((check) => !check.whole).map((check) => ({ check, look: check.open() }));
  const wholes = CHECKS.filter((check) => check.whole).map((check) => check.open());
  let first = true;
  return {
    lookAtAll: (now) => wholes.flatMap((look) => look(sql, now)),
    look(now, written) {
      const all = first || written === undefined;
      first = false;
      /** One look is at one moment: what one checker has read the next one knows. */
      const asked = remembering(sql);
      return looks.flatMap(({ check, look }) => (all || check.tables.some((table) => written.has(table)) ? look(asked, now) : []));
    },
  };
}

/** One look of an auditor who has seen nothing yet, at every row. */
export const checkInvariants = (sql: Sql, now: number): Finding[] => CHECKS.flatMap((check) => check.open()(sql, now));

/** The same over a store that may be damaged: a checker that breaks over it says so, and the others look all the same. `known`: looked at already. */
export const examine = (sql: Sql, now: number, known: readonly Check[]): Finding[] =>
  CHECKS.filter((check) => !known.includes(check)).flatMap((check) => looked(check, sql, now));
function looked(check: Check, sql: Sql, now: number): Finding[] {
  try {
    return check.open()(sql, now);
  } catch (error) {
    const tables = check.tables.join(', ') || 'all tables';
    return [{ invariant: 'DM-15', message: `a checker broke over ${tables}: ${error instanceof Error ? error.message : String(error)}` }];
  }
}
