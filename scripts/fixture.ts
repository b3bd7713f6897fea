/**
 * Writes the store that this version of the program makes of a full town, for the test that later versions open it (DM-18). Usage: node scripts/fixture.ts
 * A fixture of an earlier version that lacks something is written again by the program of then: at the last commit of that version, with what is missing told in its
 * own `testing/everything.ts`. So versions 3 to 7 came to have mail and a molecule, and questions from 4 on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dump, everything, memorySql } from '@gastown/town/testing';

const store = memorySql();
everything(store);
const { version } = store.db.prepare('SELECT max(version) AS version FROM schema_version').get() as { version: number };
const folder = path.join(import.meta.dirname, '../packages/town/fixtures');
mkdirSync(folder, { recursive: true });
const file = path.join(folder, `v${version}.sql`);
writeFileSync(file, dump(store.db));
console.log(`wrote ${path.relative(process.cwd(), file)}`);
