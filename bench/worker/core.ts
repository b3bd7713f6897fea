import { DurableObject } from 'cloudflare:workers';
import type { Sql } from '@gastown/town';
import { CASES } from '../src/cases/index.ts';
import type { Billed, Case } from '../src/cases/trial.ts';

/** What one call of each trial of a case costs, as the platform counts it. */
export class CoreDO extends DurableObject {
  count(name: string, place: number): Billed[] {
    const bill = { rowsRead: 0, rowsWritten: 0, most: 0, dearest: '' };
    const made = caseOf(name, place)(counting(this.ctx.storage.sql, bill));
    return made.map((trial) => {
      Object.assign(bill, { rowsRead: 0, rowsWritten: 0, most: 0, dearest: '' });
      const found = trial.ours(0);
      const { rowsRead, rowsWritten, dearest } = bill;
      return { found, rowsRead, rowsWritten, dearest };
    });
  }
}
const caseOf = (name: string, place: number): Case => {
  const found = CASES[name]?.[place];
  if (!found) throw new Error(`no case ${name} ${place}`);
  return found;
};

function counting(storage: SqlStorage, bill: { rowsRead: number; rowsWritten: number; most: number; dearest: string }): Sql {
  const ask = (statement: string, parameters: unknown[]) => {
    const cursor = storage.exec<Record<string, SqlStorageValue>>(statement, ...parameters);
    const rows = cursor.toArray();
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
