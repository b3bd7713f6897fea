/** Writes the store that this version of the program makes of a full town, for the test that later versions open it (DM-18). Usage: node scripts/fixture.ts */
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
