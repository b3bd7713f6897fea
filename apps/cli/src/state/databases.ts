/** Whether the databases of a state folder are whole. SQLite is asked itself, as the runtime will: a page that lies whole in the log beside it counts. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';

/** One failure (`state_damaged`) that names each damaged database below the folder; null when there is none. Changes nothing. */
export function damagedDatabases(folder: string): Failure | null {
  const found = databasesIn(folder).flatMap((file) => {
    const why = whyDamaged(file);
    return why === null ? [] : [`${file} (${why})`];
  });
  if (found.length === 0) return null;
  return failure(
    'state_damaged',
    `${found.length === 1 ? 'A database is' : `${found.length} databases are`} damaged: ${found.join(', ')}.`,
    undefined,
    'Remove it with the -wal and -shm files beside it, put back as many of the three as a copy has, and start again.',
  );
}

const databasesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.sqlite'))
        .map((name) => path.join(folder, name))
        .toSorted()
    : [];

/** SQLITE_CORRUPT and SQLITE_NOTADB. Of any other error it is unknown what it says about the file. */
const DAMAGED = [11, 26];

function whyDamaged(file: string): string | null {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(addressOf(file), { readOnly: true });
    const said = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    return said === 'ok' ? null : String(said).replaceAll(/\s+/g, ' ');
  } catch (cause) {
    if (!(cause instanceof Error) || !('errcode' in cause)) throw cause;
    return DAMAGED.includes(Number(cause.errcode) & 0xff) ? cause.message : null;
  } finally {
    database?.close();
  }
}

/** Without a log nobody writes, and SQLite need not make one to read. */
function addressOf(file: string): URL {
  const address = pathToFileURL(file);
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) address.searchParams.set('immutable', '1');
  return address;
}
