/** A Worker package in a scratch folder that has every binding of the real one and tells what it was given: for tests of the launcher alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CONFIG = `{
  // as in a deployment
  "name": "stand-in",
  "main": "src/index.ts",
  "compatibility_date": "2026-08-01",
  "durable_objects": { "bindings": [{ "name": "TOWN", "class_name": "TownDO" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["TownDO"] }],
  "d1_databases": [{ "binding": "DB", "database_name": "directory", "database_id": "00000000-0000-0000-0000-000000000000", "migrations_dir": "migrations" }],
  "assets": { "directory": "page", "binding": "ASSETS", "run_worker_first": true, "not_found_handling": "single-page-application" },
  "rules": [{ "type": "Text", "globs": ["**/*.sql"], "fallthrough": false }],
}`;

const BUNDLE = `
import text from './words.sql';
import { DurableObject } from 'cloudflare:workers';
export class TownDO extends DurableObject {
  note(what) {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (what TEXT)');
    this.ctx.storage.sql.exec('INSERT INTO notes VALUES (?)', JSON.stringify(what));
  }
  notes() {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (what TEXT)');
    return this.ctx.storage.sql.exec('SELECT what FROM notes').toArray().map(({ what }) => JSON.parse(what));
  }
}
const ok = (value) => Response.json({ ok: true, value });
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const object = env.TOWN.get(env.TOWN.idFromName('the one'));
    if (pathname === '/healthz') return Response.json({ ok: true });
    if (pathname === '/bindings') {
      const { SEAL_KEY, HOST_KEY, HOST_URL, PUBLIC_URL, ALLOWED_HOSTS, ENVIRONMENT } = env;
      const { results } = await env.DB.prepare('SELECT name FROM d1_migrations ORDER BY id').all();
      return ok({ SEAL_KEY, HOST_KEY, HOST_URL, PUBLIC_URL, ALLOWED_HOSTS, ENVIRONMENT: JSON.parse(ENVIRONMENT), text, migrations: results.map(({ name }) => name) });
    }
    if (pathname === '/notes') return ok(await object.notes());
    if (pathname.startsWith('/host/towns/') && request.headers.get('x-host-key') === env.HOST_KEY) {
      const failure = { code: 'unknown_town', message: 'There is nothing at ' + pathname };
      const answer = (await object.notes()).findLast(({ answers }) => answers === pathname);
      return answer ? ok(answer.value) : Response.json({ ok: false, failure, next: 'look' }, { status: 404 });
    }
    if (pathname === '/answers') return ok(await object.note(await request.json()));
    if (pathname === '/host/boot' && request.headers.get('x-host-key') === env.HOST_KEY) {
      const first = (await object.notes()).find(({ sealKey }) => sealKey);
      await object.note({ pathname, sealKey: env.SEAL_KEY });
      const lost = first && first.sealKey !== env.SEAL_KEY;
      const failed = (await object.notes()).filter(({ failsBoot }) => failsBoot).length;
      return ok({ towns: 1, failed, unreadable: lost ? [{ town: 'Acme', rigs: ['shop'], modelKey: true }] : [] });
    }
    if (pathname.startsWith('/host/') && request.headers.get('x-host-key') === env.HOST_KEY) {
      await object.note({ pathname, body: await request.json() });
      return ok({ url: env.PUBLIC_URL + '/sign-in?code=' + crypto.randomUUID() });
    }
    if (pathname.startsWith('/containers/')) return fetch(env.HOST_URL + pathname, { method: request.method, body: request.body, headers: { 'x-host-key': env.HOST_KEY } });
    return env.ASSETS.fetch(request);
  },
};`;

export interface StandIn {
  readonly folder: string;
  readonly worker: string;
  readonly state: string;
  /** A program for a runner: JavaScript that runs until it is told to stop. */
  runner(source: string): readonly [string, string];
  remove(): void;
}

export function makeStandIn(): StandIn {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-cli-test-'));
  const worker = path.join(folder, 'worker');
  const files = {
    'wrangler.jsonc': CONFIG,
    'dist/index.js': BUNDLE,
    'dist/words.sql': 'SELECT 1;',
    'dist/index.js.map': '{}',
    'page/index.html': '<h1>the page</h1>',
    'migrations/0001_first.sql': 'CREATE TABLE people (name TEXT);',
    'migrations/0002_second.sql':
      "-- a comment; with a semicolon\nINSERT INTO people VALUES ('a;b');\nCREATE INDEX people_by_name ON people (name);",
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(worker, name)), { recursive: true });
    writeFileSync(path.join(worker, name), content);
  }
  return {
    folder,
    worker,
    state: path.join(folder, 'state'),
    runner: (source) => {
      const file = path.join(folder, `runner-${Math.random().toString(36).slice(2)}.mjs`);
      writeFileSync(file, source);
      return [process.execPath, file];
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
