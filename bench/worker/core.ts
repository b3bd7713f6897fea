import { DurableObject } from 'cloudflare:workers';
import type { Sql } from '@gastown/town';
import { CASES } from '../src/cases/index.ts';
import { dearestOf, type Billed, type Case, type Step, type StepBill, type Trial } from '../src/cases/trial.ts';

/** Of a trial that is many calls, so many are looked at, and the dearest is told, with what any of them broke. */
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
      const steps: StepBill[] = [];
      const found = trial.ours(index, marking(bill, steps));
      const { statements, rowsRead, rowsWritten } = bill;
      const wrong = broken(trial, found, bill, steps);
      trial.check?.();
      return { found, statements, rowsRead, rowsWritten, steps, broken: wrong };
    };
    return caseOf(
      name,
      place,
    )(counting(this.ctx.storage.sql, bill)).map((trial) => {
      trial.before?.();
      return dearestOf(Array.from({ length: Math.min(trial.calls ?? 1, LOOKED_AT) }, (_, index) => call(trial, index)));
    });
  }
}
const caseOf = (name: string, place: number): Case => {
  const found = CASES[name]?.[place];
  if (!found) throw new Error(`no case ${name} ${place}`);
  return found;
};

function broken(trial: Trial, found: number, bill: Bill, steps: readonly StepBill[]): string[] {
  const over = (what: string, is: number, bound: number | undefined) =>
    bound !== undefined && is > bound ? [`${trial.name}: ${is} ${what}, more than ${bound}`] : [];
  const wrong = trial.expects !== undefined && trial.expects !== found ? [`${trial.name}: ${found} found, not ${trial.expects}`] : [];
  return [
    ...wrong,
    ...over('rows read', bill.rowsRead, trial.rowsRead?.(found)).map((line) => `${line}; ${bill.dearest.replace(/\s+/g, ' ')}`),
    ...over('rows written', bill.rowsWritten, trial.rowsWritten),
    ...over('statements', bill.statements, trial.statements),
    ...steps.flatMap(({ name, statements }) => over(`statements in its step ${name}`, statements, trial.statementsAStep)),
  ];
}

const marking =
  (bill: Bill, steps: StepBill[]): Step =>
  (name, work) => {
    const { statements, rowsRead, rowsWritten } = bill;
    const value = work();
    steps.push({
      name,
      statements: bill.statements - statements,
      rowsRead: bill.rowsRead - rowsRead,
      rowsWritten: bill.rowsWritten - rowsWritten,
    });
    return value;
  };

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
