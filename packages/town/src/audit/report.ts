import type { AuditCheck, AuditEvent, AuditFinding, AuditReport, RowOf, TableName } from '@gastown/protocol';
import { needsOf } from '@gastown/protocol/needs';
import type { Sql } from '../api.ts';
import { nameOfTown } from '../config/store.ts';
import { examine, type Finding } from '../invariants.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import { allEffects } from '../outbox/store.ts';
import { keptLines } from '../exchange/bad-lines.ts';
import { allQuarantined } from '../quarantine/store.ts';
import { findRun } from '../runs/store.ts';
import { currentRev } from '../sync/changes.ts';
import { snapshot } from '../sync/replica.ts';
import { dueTimes, type Due } from '../wake.ts';
import { replayCheck, replayLedger, replayReport } from './checks/replay.ts';
import { dueSentence } from './due.ts';
import { MATTERS, PROMISES } from './promises.ts';
import type { Replay } from './replay.ts';

/** What the rows say of the town's health; the shell adds what only it knows. */
export type Audit = Omit<AuditReport, 'dryRun' | 'metrics'>;

/** A pure look at everything: every checker, the replay, what waits for a person (RC-23, I6). It reads the whole store. */
export function audit(sql: Sql, now: number): Audit {
  const broken: Finding[] = examine(sql, now, [replayCheck]);
  const replay = replayLedger(sql);
  const replayed = replayReport(sql, replay);
  const differing = replayed.differences.map(({ id, column, ledger, table }): Finding => ({
    invariant: 'I6',
    message:
      column === 'bead' && table === 'gone'
        ? `${id} is gone, the ledger says ${ledger}`
        : `${id}: ${column} is ${table}, the ledger says ${ledger}`,
  }));
  const all = unique([...broken, ...differing]);
  const findings = [...all.map((found) => explained(sql, replay, found)), ...waiting(sql)];
  const due = dueOf(sql).toSorted((a, b) => a[1] - b[1]);
  return {
    town: nameOfTown(sql),
    at: now,
    rev: currentRev(sql),
    schema: SCHEMA_VERSION,
    ok: all.length === 0,
    findings: findings.slice(0, LISTED),
    left: Math.max(0, findings.length - LISTED) + replayed.left,
    checks: checksOf(all),
    replay: replayed,
    effects: countEffects(sql),
    quarantined: allQuarantined(sql).length,
    needs: needsNow(sql),
    due: due.slice(0, LISTED).map((one) => ({ at: one[1], what: dueSentence(one) })),
    nextWake: due[0]?.[1] ?? null,
  };
}
const LISTED = 200;

const FIRST = 5;

/** The rule of the page, over the rows that a page gets. A store of which no page can be made is named by the checkers. */
function needsNow(sql: Sql): AuditReport['needs'] {
  try {
    const tables = new Map(Object.entries(snapshot(sql).put).map(([table, rows]) => [table, new Map(rows.map((row) => [row.id, row]))]));
    const needs = needsOf({ rows: <T extends TableName>(table: T) => (tables.get(table) ?? new Map()) as ReadonlyMap<string, RowOf<T>> });
    return { total: needs.length, first: needs.slice(0, FIRST).map(({ title }) => title) };
  } catch {
    return null;
  }
}

/** What is due is told from rows of which there is one; the checkers have named the one that is damaged. */
function dueOf(sql: Sql): Due[] {
  try {
    return dueTimes(sql);
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** The checker of statuses and the replay may find the same. */
const unique = (all: readonly Finding[]): Finding[] => {
  const statuses = new Set(all.map(({ message }) => /^(\S+) is \S+, its ledger says/.exec(message)?.[1]).filter((id) => id !== undefined));
  return all.filter(({ message }) => !statuses.has(/^(\S+): status is /.exec(message)?.[1] ?? ''));
};

function explained(sql: Sql, replay: Replay, { invariant, message }: Finding): AuditFinding {
  const since = sinceWhen(sql, replay, message);
  return { check: invariant, grade: 'bad', found: message, ...PROMISES[invariant], since, at: since?.at ?? null };
}

/** The last event of what the message names. */
const NAMED = /\b[a-z]{2,3}-[0-9a-f]{8,12}\b/g;
function sinceWhen(sql: Sql, replay: Replay, message: string): AuditEvent | null {
  const ids = [message.split(/[\s:]/)[0] ?? '', ...(message.match(NAMED) ?? [])];
  for (const id of ids) {
    const last = replay.beads.get(id.startsWith('run-') ? (findRun(sql, id)?.beadId ?? id) : id)?.last;
    if (last) return last;
  }
  return null;
}

const checksOf = (all: readonly Finding[]): AuditCheck[] =>
  Object.entries(PROMISES).map(([check, { promise }]) => ({
    check,
    promise,
    found: all.filter(({ invariant }) => invariant === check).length,
  }));

/** Nothing is wrong, and a person is wanted. */
function waiting(sql: Sql): AuditFinding[] {
  const aside = allQuarantined(sql).map((row): AuditFinding => ({
    check: 'RC-9',
    grade: 'note',
    found: `${row.id}: ${row.source} ${row.kind}, ${row.tries} tries: ${row.error}`,
    ...MATTERS['RC-9'],
    since: null,
    at: row.at,
  }));
  const parked = allEffects(sql)
    .filter(({ state }) => state === 'parked')
    .map((effect): AuditFinding => ({
      check: 'I8',
      grade: 'note',
      found: `${effect.id}: ${effect.kind} for ${effect.target} was tried ${effect.attempts} times: ${effect.failure?.message ?? 'no reason is known'}`,
      ...MATTERS.parked,
      since: null,
      at: effect.dueAt,
    }));
  return [...aside, ...parked, ...badLines(sql)];
}

/** One word for all of them: each has its own in the list. */
function badLines(sql: Sql): AuditFinding[] {
  const lines = keptLines(sql, undefined);
  const [oldest] = lines;
  if (!oldest) return [];
  const imports = new Set(lines.map(({ importId }) => importId)).size;
  const found = `${lines.length === 1 ? '1 line' : `${lines.length} lines`} of ${imports === 1 ? '1 import' : `${imports} imports`} could not be taken, the first line ${oldest.line} of ${oldest.importId}: ${oldest.why}`;
  return [{ check: 'import', grade: 'note', found, ...MATTERS.import, since: null, at: oldest.at }];
}

function countEffects(sql: Sql): AuditReport['effects'] {
  const effects = allEffects(sql);
  const count = (state: string): number => effects.filter((effect) => effect.state === state).length;
  return { pending: count('pending'), sent: count('sent'), parked: count('parked') };
}

/** What the shell saw, as findings of the same kind. */
export function matter(check: keyof typeof MATTERS, grade: AuditFinding['grade'], found: string): AuditFinding {
  return { check, grade, found, ...MATTERS[check], since: null, at: null };
}
