import type { Sql, SqlValue } from './api.ts';

/**
 * What a transaction has read stays true until it writes to a table that was read: rules ask for the same rows again and again, and the store is
 * asked once. Lives for one synchronous turn; nobody else writes in it. Rows given out are shared: they are read, never changed.
 */
type Rows = ReturnType<Sql['all']>;
type Answers = Map<string, Rows>;

export function remembering(sql: Sql): Sql {
  const known: Answers = new Map();
  const byTable = new Map<string, Set<string>>();
  return {
    ...sql,
    all(statement, ...parameters) {
      const question = questionOf(statement, parameters);
      const answered = known.get(question);
      if (answered) return answered;
      const rows = sql.all(statement, ...parameters);
      known.set(question, rows);
      for (const table of tablesOf(statement)) {
        const questions = byTable.get(table);
        if (questions) questions.add(question);
        else byTable.set(table, new Set([question]));
      }
      return rows;
    },
    run(statement, ...parameters) {
      for (const table of tablesOf(statement)) {
        for (const question of byTable.get(table) ?? []) known.delete(question);
        byTable.delete(table);
      }
      return sql.run(statement, ...parameters);
    },
  };
}

const questionOf = (statement: string, parameters: SqlValue[]): string =>
  parameters.length === 0 ? statement : `${statement}\n${JSON.stringify(parameters)}`;

/** Every table that a statement of ours names; the texts are few and fixed, so each is looked at once. */
const NAMED = /\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)/g;
const tables = new Map<string, readonly string[]>();
function tablesOf(statement: string): readonly string[] {
  const seen = tables.get(statement);
  if (seen) return seen;
  const found = [...new Set(Array.from(statement.matchAll(NAMED), ([, table = '']) => table))];
  tables.set(statement, found);
  return found;
}
