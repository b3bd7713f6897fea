import { DurableObject } from 'cloudflare:workers';
import type { Sql } from '@gastown/town';
import { CASES } from '../src/cases/index.ts';
import type { Billed, Case, Trial } from '../src/cases/trial.ts';

/** Of a trial that is many calls, so many are looked at, and the dearest is told. */
const LOOKED_AT = 12;

interface Bill {
  statements: number;
  rowsRead: number;
  rowsWritten: number;
  /** The statement that read most, and how much. */
  most: number;
  dearest: string;
}
const nothing = (): Bill => ({ statements: 0, rowsRead: 0, rowsWritten: 0, most: 0, dearest: '' });

/** What one call of each trial of a case costs, as the platform counts it. */
export class CoreDO extends DurableObject {
  count(name: string, place: number): Billed[] {
    const bill = nothing();
    const call = (trial: Trial, index: number): Billed => {
      Object.assign(bill, nothing());
      const found = trial.ours(index);
      const { statements, rowsRead, rowsWritten } = bill;
      return { found, statements, rowsRead, rowsWritten, broken: broken(trial, found, bill) };
    };
    return caseOf(
      name,
      place,
    )(counting(this.ctx.storage.sql, bill)).map((trial) => {
      const calls = Array.from({ length: Math.min(trial.calls ?? 1, LOOKED_AT) }, (_, index) => call(trial, index));
      return calls.reduce((worst, one) => (one.rowsRead > worst.rowsRead ? one : worst));
    });
  }
}
const caseOf = (name: string, place: number): Case => {
  const found = CASES[name]?.[place];
  if (!found) throw new Error(`no case ${name} ${place}`);
  return found;
};

function broken(trial: Trial, found: number, bill: Bill): string[] {
  const over = (what: string, is: number, bound: number | undefined) =>
    bound !== undefined && is > bound ? [`${trial.name}: ${is} ${what}, more than ${bound}`] : [];
  const wrong = trial.expects !== undefined && trial.expects !== found ? [`${trial.name}: ${found} found, not ${trial.expects}`] : [];
  return [
    ...wrong,
    ...over('rows read', bill.rowsRead, trial.rowsRead?.(found)).map((line) => `${line}; ${bill.dearest.replace(/\s+/g, ' ')}`),
    ...over('rows written', bill.rowsWritten, trial.rowsWritten),
    ...over('statements', bill.statements, trial.statements),
  ];
}

function counting(storage: SqlStorage, bill: Bill): Sql {
  const ask = (statement: string, parameters: unknown[]) => {
    const cursor = storage.exec<Record<string, SqlStorageValue>>(statement, ...parameters);
    const rows = cursor.toArray();
    bill.statements += 1;
    bill.rowsRead += cursor.rowsRead;
    bill.rowsWritten += cursor.rowsWritten;
    if (cursor.rowsRead > bill.most) Object.assign(bill, { most: cursor.rowsRead, dearest: `${cursor.rowsRead} by ${statement}` });
    return { rows, written: cursor.rowsWritten };
  };
  return {
    all: (statement, ...parameters) => ask(statement, parameters).rows,
    run: (statement, ...parameters) => ask(statement, parameters).written,
  };
}
