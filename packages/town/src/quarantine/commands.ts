import { failure, ok, refuse, type QuarantineRow, type Result } from '@gastown/protocol';
import type { Actor, Poison } from '../api.ts';
import { readContainer } from '../container/store.ts';
import { hashOf } from '../hash.ts';
import { newQuarantineId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { cleanText, keep } from './clean.ts';
import { countAgain, deleteQuarantined, findQuarantined, findSame, insertQuarantined, overflowing, type Quarantined } from './store.ts';

/** Input over which the town broke each time it was tried: kept for a person, and out of the way of what comes after it (RC-9). */
export interface Broken {
  readonly input: Poison;
  readonly actor: Actor;
  readonly error: string;
  readonly tries: number;
}

const LONGEST_ERROR = 500;
export function quarantine(tx: Tx, { input, actor, error, tries }: Broken): string {
  const said = saidBy(input);
  const print = hashOf(JSON.stringify(said));
  const told = cleanText(error).slice(0, LONGEST_ERROR);
  const same = findSame(tx.sql, print);
  if (same) {
    countAgain(tx, same.id, told);
    return same.id;
  }
  const { source, kind } = labelOf(input);
  const id = newQuarantineId(tx);
  const { text, kept } = keep(input);
  insertQuarantined(tx, { id, source, kind, actor, input: text, kept, error: told, tries }, print);
  record(tx, { type: 'quarantined', data: { id, source, kind, error: told, tries } });
  for (const old of overflowing(tx.sql)) release(tx, old, 'quarantine_dropped');
  return id;
}

/** What it says, without the number it came under: the same said twice is the same. */
const saidBy = (input: Poison): unknown => (input.kind === 'runner.report' ? input.report : input);

function labelOf(input: Poison): { source: QuarantineRow['source']; kind: string } {
  switch (input.kind) {
    case 'runner.report':
      return input.report.kind === 'outcome'
        ? { source: 'outcome', kind: input.report.outcome.state }
        : { source: 'report', kind: input.report.kind };
    case 'tool':
      return { source: 'tool', kind: input.tool };
    case 'effect.outcome':
      return { source: 'outcome', kind: input.outcome.state };
    case 'container.observed':
      return { source: 'container', kind: input.state };
    case 'spend':
      return { source: 'spend', kind: input.model };
  }
}

type Ending = 'quarantine_retried' | 'quarantine_discarded' | 'quarantine_dropped';
export function release(tx: Tx, row: Quarantined, how: Ending): void {
  deleteQuarantined(tx, row.id);
  record(tx, { type: how, data: { id: row.id, source: row.source, kind: row.kind } });
}

export function discard(tx: Tx, id: string): Result<{ quarantineId: string }> {
  const row = findQuarantined(tx.sql, id);
  if (!row) return refuse(failure('unknown_quarantined', `There is no input ${id} in quarantine.`));
  release(tx, row, 'quarantine_discarded');
  return ok({ quarantineId: id });
}

/** What can be applied again. What was seen of a container is true only while nothing newer was seen. */
export function mayRetry(tx: Tx, id: string): Result<Quarantined> {
  const row = findQuarantined(tx.sql, id);
  if (!row) return refuse(failure('unknown_quarantined', `There is no input ${id} in quarantine.`));
  if (row.kept === 'head') return refuse(failure('stale_input', `${id} was too long to be kept whole: it can be read and discarded.`));
  if (row.source === 'container' && readContainer(tx.sql).since > row.at)
    return refuse(failure('stale_input', `The container was seen ${readContainer(tx.sql).state} since: what ${id} says is old.`));
  return ok(row);
}
