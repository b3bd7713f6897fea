import type { Sql, SqlValue } from './api.ts';

/**
 * What a transaction has read stays true until it writes to a table that was read: rules ask for the same rows again and again, and the store is
 * asked once. Lives for one synchronous turn; nobody else writes in it. Rows given out are shared: they are read, never changed.
 */
type Rows = ReturnType<Sql['all']>;

export function remembering(sql: Sql): Sql {
  /** By statement, then by parameters. */
  const known = new Map<string, Map<string, Rows>>();
  const byTable = new Map<string, Map<string, Rows>[]>();
  const begin = (statement: string): Map<string, Rows> => {
    const answers = new Map<string, Rows>();
    known.set(statement, answers);
    for (const table of tablesOf(statement)) {
      const others = byTable.get(table);
      if (others) others.push(answers);
      else byTable.set(table, [answers]);
    }
    return answers;
  };
  return {
    ...sql,
    unremembered: sql,
    all(statement, ...parameters) {
      const answers = known.get(statement) ?? begin(statement);
      const question = questionOf(parameters);
      const answered = answers.get(question);
      if (answered) return answered;
      const rows = sql.all(statement, ...parameters);
      answers.set(question, rows);
      return rows;
    },
    run(statement, ...parameters) {
      for (const table of tablesOf(statement)) for (const answers of byTable.get(table) ?? []) answers.clear();
      return sql.run(statement, ...parameters);
    },
  };
}

const questionOf = (parameters: SqlValue[]): string => {
  const [only] = parameters;
  if (parameters.length === 0) return '';
  return parameters.length === 1 && typeof only === 'string' ? only : JSON.stringify(parameters);
};

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
