import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../project.ts';
import { readMigrations, statementsOf } from './migrations.ts';
import { parseJsonc, readWranglerConfig } from './wrangler-config.ts';

describe('the settings of the deployment', () => {
  it('are read from the Worker itself: classes with SQLite, database, assets', () => {
    const config = readWranglerConfig(path.join(ROOT, 'apps/worker/wrangler.jsonc'));
    expect(config.durable_objects.bindings.map(({ name }) => name)).toEqual(['TOWN', 'AGENT', 'CONTAINER']);
    const sqlite = config.migrations.flatMap(({ new_sqlite_classes: classes }) => classes);
    expect(sqlite).toEqual(expect.arrayContaining(config.durable_objects.bindings.map(({ class_name: name }) => name)));
    expect(config.assets).toMatchObject({ binding: 'ASSETS', not_found_handling: 'single-page-application' });
    expect(readMigrations(path.join(ROOT, 'apps/worker', config.d1_databases[0]!.migrations_dir)).length).toBeGreaterThan(0);
  });

  it('may hold comments and trailing commas, and strings that look like them', () => {
    expect(parseJsonc('{ // one\n "a": "http://x/*no*/", /* two\n */ "b": [1, 2,], "c": "x,]" , }')).toEqual({
      a: 'http://x/*no*/',
      b: [1, 2],
      c: 'x,]',
    });
  });
});

describe('statementsOf', () => {
  it('splits where a statement ends, and nowhere else', () => {
    const sql =
      "-- a; b\nCREATE TABLE t (a TEXT DEFAULT ';'); /* ; */ CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 'x' END; DELETE FROM t; END;\nSELECT 1";
    expect(statementsOf(sql)).toEqual([
      "CREATE TABLE t (a TEXT DEFAULT ';')",
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 'x' END; DELETE FROM t; END",
      'SELECT 1',
    ]);
  });
});
