import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { damagedDatabases } from './databases.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-databases-'));
  mkdirSync(path.join(folder, 'do'));
  file = path.join(folder, 'do', 'town?#%.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Of several pages, with a log as the runtime keeps one. */
function write(): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (what TEXT); CREATE INDEX of_notes ON notes (what)');
  const note = database.prepare('INSERT INTO notes VALUES (?)');
  for (let at = 0; at < 500; at++) note.run(`${at} ${'x'.repeat(100)}`);
  return database;
}

it('whole databases are not damaged, and nothing is left beside them; nor is a folder that is not there', () => {
  write().close();
  expect(damagedDatabases(folder)).toBeNull();
  expect(readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  expect(damagedDatabases(path.join(folder, 'none'))).toBeNull();
});

it('one that is in use, with all of it in its log, is not damaged', () => {
  const open = write();
  expect(damagedDatabases(folder)).toBeNull();
  open.close();
});

it.each([
  ['overwritten', () => Buffer.from('garbage'.repeat(1_000)), 'file is not a database'],
  ['cut', (whole: Buffer) => whole.subarray(0, whole.length / 2), 'malformed'],
  ['overwritten in its middle', (whole: Buffer) => Buffer.from(whole).fill(0xaa, 8_192, 40_960), 'page'],
])('one that is %s is named, with what SQLite says', (_, damage, says) => {
  write().close();
  writeFileSync(file, damage(readFileSync(file)));
  expect(damagedDatabases(folder)).toMatchObject({
    code: 'state_damaged',
    message: expect.stringContaining(`A database is damaged: ${file} (`) as string,
  });
  expect(damagedDatabases(folder)?.message).toContain(says);
  writeFileSync(path.join(folder, 'other.sqlite'), 'garbage'.repeat(1_000));
  expect(damagedDatabases(folder)?.message).toContain('2 databases are damaged');
});
