import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** One writer for each table, and one slice that names it (style §4, DM-9): read from the sources themselves. */
const ROOT = import.meta.dirname;
const OWNER: Readonly<Record<string, string>> = {
  town: 'config',
  rigs: 'rigs',
  beads: 'beads',
  issues: 'beads',
  dependencies: 'beads',
  agents: 'agents',
  runs: 'runs',
  breaker: 'runs',
  merges: 'merges',
  nudges: 'messages',
  checkpoints: 'messages',
  escalations: 'escalations',
  triage: 'triage',
  permissions: 'permissions',
  mail: 'mail',
  molecules: 'molecules',
  steps: 'molecules',
  convoys: 'convoys',
  spend: 'spend',
  spend_limits: 'spend',
  spend_minutes: 'spend',
  bead_events: 'ledger',
  imports: 'exchange',
  imported_lines: 'exchange',
  bad_lines: 'exchange',
  outbox: 'outbox',
  quarantine: 'quarantine',
  changes: 'sync',
  keys: 'sync',
  links: 'links',
  runner_links: 'links',
  runners: 'runners',
  container: 'container',
  schema_version: '.',
};
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'))
  .map((file) => ({ file, slice: file.includes('/') ? file.split('/')[0]! : '.', text: readFileSync(join(ROOT, file), 'utf8') }));

/** A migration that moves a fact from one slice to another reads where it was; one of them writes it once. */
const MOVES: readonly string[] = ['spend/table.ts town', 'spend/table.ts agents'];

const STATEMENT = /\b(?:FROM|JOIN|INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|CREATE TABLE(?: IF NOT EXISTS)?)\s+([a-z_]+)\b/g;
const named = sources.flatMap(({ file, slice, text }) => [...text.matchAll(STATEMENT)].map((found) => ({ file, slice, table: found[1]! })));

describe('slices', () => {
  test('every table is made by somebody, and this list is complete', () => {
    const made = sources.flatMap(({ text }) => [...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)/g)].map((found) => found[1]!));
    expect(made.toSorted()).toEqual(Object.keys(OWNER).toSorted());
  });
  test('only the slice that owns a table names it in SQL; the invariant checkers read all and write none', () => {
    const strangers = named.filter(
      ({ table, slice, file }) =>
        OWNER[table] !== undefined &&
        OWNER[table] !== slice &&
        !file.startsWith('audit/checks/') &&
        !file.endsWith('/check.ts') &&
        !MOVES.includes(`${file} ${table}`),
    );
    expect(strangers).toEqual([]);
    const checkers = sources.filter(({ file }) => file.startsWith('audit/checks/'));
    expect(checkers.length).toBeGreaterThan(5);
    expect(checkers.filter(({ text }) => /\b(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP)\b/.test(text))).toEqual([]);
    expect(named.filter(({ table }) => table === 'beads').length).toBeGreaterThan(5);
  });
  test('exactly one statement assigns the status of a bead, and one function calls it (I6)', () => {
    const assigns = sources.filter(({ text }) => /UPDATE beads SET(?:(?!WHERE)[^`'])*\bstatus\b/.test(text));
    expect(assigns.map(({ file }) => file)).toEqual(['beads/store.ts']);
    const callers = sources.filter(({ text }) => /\bwriteStatus\(/.test(text)).map(({ file }) => file);
    expect(callers.toSorted()).toEqual(['beads/status.ts', 'beads/store.ts']);
  });
  test('a bead is inserted by two statements, for one and for many, and only beads/create.ts calls them, which records the birth with every column (I6)', () => {
    const inserts = sources
      .filter(({ text }) => /\b(?:INSERT|REPLACE)\b[^`'(]*\bINTO (?:beads|issues)\b/.test(text))
      .map(({ file }) => file);
    expect(inserts.toSorted()).toEqual(['beads/bulk.ts', 'beads/store.ts']);
    const callers = (called: RegExp) => sources.filter(({ text }) => called.test(text)).map(({ file }) => file);
    expect(callers(/\binsertBead\b/).toSorted()).toEqual(['beads/create.ts', 'beads/store.ts']);
    expect(callers(/\binsertBeads\b/).toSorted()).toEqual(['beads/bulk.ts', 'beads/create.ts']);
  });
  test('no slice imports the composition above it', () => {
    const above = ['handle.ts', 'town.ts', 'reconcile.ts', 'wake.ts', 'people/', 'tools/'];
    const slices = new Set(Object.values(OWNER).filter((slice) => slice !== '.'));
    const wrong = sources
      .filter(({ slice }) => slices.has(slice))
      .flatMap(({ file, text }) => [...text.matchAll(/from '\.\.\/([^']+)'/g)].map((found) => `${file} → ${found[1]}`))
      .filter((edge) => above.some((path) => edge.split(' → ')[1]!.startsWith(path)));
    expect(wrong).toEqual([]);
  });
});
