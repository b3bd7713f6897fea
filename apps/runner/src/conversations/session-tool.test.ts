import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { SessionPlace } from '../agents/agent-kind.ts';
import { OWN } from '../system/cell.ts';
import { tempFolder } from '../testing/fixtures.ts';
import { sessionTool } from './session-tool.ts';

const SQLITE: SessionPlace = {
  sqlite: '{data}/agent.db',
  tables: [
    { name: 'project', where: 'id = (SELECT project_id FROM session WHERE id = ?)', shared: true },
    { name: 'session', where: 'id = ?' },
    { name: 'message', where: 'session_id = ?' },
    { name: 'not_in_this_version', where: 'session_id = ?' },
  ],
};
const SCHEMA = `CREATE TABLE project (id TEXT PRIMARY KEY, name TEXT);
  CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT NOT NULL REFERENCES project (id), title TEXT);
  CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session (id), data TEXT, bytes BLOB);`;

function at(place: SessionPlace, sessionId = 's1', folder = tempFolder()) {
  const folders = { home: join(folder, 'home'), data: join(folder, 'data'), config: join(folder, 'config') };
  for (const each of Object.values(folders)) mkdirSync(each, { recursive: true });
  return { folders, tool: sessionTool({ place, sessionId, cell: OWN, folders, deadlineMs: 10_000 })! };
}
function database(data: string, schema = SCHEMA): DatabaseSync {
  const db = new DatabaseSync(join(data, 'agent.db'));
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(schema);
  onTestFinished(() => db.close());
  return db;
}
const filled = (db: DatabaseSync, session: string, messages: number): void => {
  db.exec(`INSERT OR IGNORE INTO project VALUES ('p', 'ours')`);
  db.exec(`INSERT INTO session VALUES ('${session}', 'p', 'it''s "${session}"')`);
  for (let n = 0; n < messages; n += 1)
    db.prepare('INSERT INTO message (id, session_id, data, bytes) VALUES (?, ?, ?, ?)').run(
      `${session}-${n}`,
      session,
      n === 0 ? null : `text ${n}`,
      new Uint8Array([n, 255]),
    );
};

test('one session of a database that is in use is taken, with what is only in its log, and nothing of the others (DR-21)', async () => {
  const { tool, folders } = at(SQLITE);
  const db = database(folders.data);
  filled(db, 's1', 3);
  filled(db, 's2', 5);
  db.exec('BEGIN IMMEDIATE');
  db.exec(`INSERT INTO message VALUES ('later', 's1', 'not committed', NULL)`);
  const taken = await tool.read();
  db.exec('COMMIT');
  expect(taken.extent).toBe(4);
  expect(taken.content).not.toContain('s2');
  expect(taken.content).not.toContain('not committed');
  expect(await tool.extent()).toBe(5);
});

test('it is brought into the database of another machine, over an older state of it, and nothing else there changes (DR-22)', async () => {
  const one = at(SQLITE);
  filled(database(one.folders.data), 's1', 3);
  const { content } = await one.tool.read();
  const two = at(SQLITE);
  const there = database(two.folders.data, `${SCHEMA} ALTER TABLE message ADD COLUMN newer TEXT DEFAULT 'x'`);
  filled(there, 's2', 2);
  there.exec(`INSERT INTO session VALUES ('s1', 'p', 'old')`);
  there.exec(`INSERT INTO message (id, session_id) VALUES ('s1-0', 's1')`);
  await two.tool.write(content);
  await two.tool.write(content);
  expect(there.prepare('SELECT * FROM session ORDER BY id').all()).toMatchObject([{ id: 's1', title: `it's "s1"` }, { id: 's2' }]);
  expect(there.prepare(`SELECT id, data, hex(bytes) AS bytes FROM message WHERE session_id = 's1' ORDER BY id`).all()).toMatchObject([
    { data: null, bytes: '00FF' },
    { data: 'text 1', bytes: '01FF' },
    { data: 'text 2', bytes: '02FF' },
  ]);
  expect(there.prepare(`SELECT count(*) AS n FROM message WHERE session_id = 's2'`).get()).toMatchObject({ n: 2 });
});

test('what cannot be put in whole is not put in at all', async () => {
  const one = at(SQLITE);
  filled(database(one.folders.data), 's1', 2);
  const { content } = await one.tool.read();
  const two = at(SQLITE);
  const there = database(two.folders.data, SCHEMA.replace('data TEXT,', 'data TEXT NOT NULL,'));
  await expect(two.tool.write(content)).rejects.toThrow(/NOT NULL/);
  expect(there.prepare('SELECT count(*) AS n FROM session').get()).toMatchObject({ n: 0 });
  await expect(at(SQLITE).tool.read()).rejects.toThrow('unable to open database file');
});

test('sessions in files are taken and brought by their names, into the folders of another pool too, and written nowhere else (CT-5)', async () => {
  const place: SessionPlace = { files: ['{data}/projects/*/{session}.jsonl'] };
  const one = at(place);
  mkdirSync(join(one.folders.data, 'projects', 'a-b'), { recursive: true });
  writeFileSync(join(one.folders.data, 'projects', 'a-b', 's1.jsonl'), '{"said":"hello"}\n');
  writeFileSync(join(one.folders.data, 'projects', 'a-b', 's2.jsonl'), 'another');
  const { content, extent } = await one.tool.read();
  expect([extent > 0, content.includes('s2.jsonl')]).toEqual([true, false]);
  writeFileSync(join(one.folders.data, 'projects', 'a-b', 's1.jsonl'), '');
  await one.tool.write(content);
  expect(readFileSync(join(one.folders.data, 'projects', 'a-b', 's1.jsonl'), 'utf8')).toBe('{"said":"hello"}\n');
  const other = at(place);
  await other.tool.write(content);
  expect(readFileSync(join(other.folders.data, 'projects', 'a-b', 's1.jsonl'), 'utf8')).toBe('{"said":"hello"}\n');
  const elsewhere = join(one.folders.home, 's1.jsonl');
  await expect(one.tool.write(JSON.stringify({ extent: 4, files: [{ path: elsewhere, base64: 'aGV5' }] }))).rejects.toThrow(
    'of it are there',
  );
  await expect(one.tool.write(JSON.stringify({ extent: 4, files: [{ path: '{home}/s1.jsonl', base64: 'aGV5' }] }))).rejects.toThrow(
    'of it are there',
  );
  expect(statSync(elsewhere, { throwIfNoEntry: false })).toBeUndefined();
});

test('an id that means something else in a path is none of ours; a store that is no database holds nothing, and nobody hangs over it', async () => {
  expect(
    sessionTool({ place: SQLITE, sessionId: '../s1', cell: OWN, folders: { home: '/', data: '/', config: '/' }, deadlineMs: 1 }),
  ).toBeNull();
  const { tool, folders } = at(SQLITE);
  symlinkSync('/dev/zero', join(folders.data, 'agent.db'));
  expect(await tool.extent()).toBe(0);
});

test('what does not come to its end in its time is ended, and that is no answer (DR-21)', async () => {
  const { folders } = at(SQLITE);
  const hasty = sessionTool({ place: SQLITE, sessionId: 's1', cell: OWN, folders, deadlineMs: 1 })!;
  await expect(hasty.extent()).rejects.toMatchObject({ killed: true, signal: 'SIGKILL' });
});
