/** Finds statements of the core that write a table outside the slice that owns it (style §4, DM-9). Usage: node scripts/one-writer.ts */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

interface Write {
  readonly table: string;
  readonly slice: string;
  readonly file: string;
}

const WRITE = /\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?!\s+SET)|DELETE\s+FROM|REPLACE\s+INTO)\s+([a-z_]+)/gi;
const CREATE = /\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z_]+)/gi;

/** The tables that `text` writes. Comments count too: a statement in a comment is one too many. */
export const tablesWritten = (text: string): string[] => [...text.matchAll(WRITE)].map((found) => found[1]!.toLowerCase());

/** A table with statements in two folders, or in a folder that does not create it. */
export function foreignWrites(writes: readonly Write[], owners: ReadonlyMap<string, string>): string[] {
  return writes
    .filter((write) => owners.has(write.table) && owners.get(write.table) !== write.slice)
    .map((write) => `${write.file} writes ${write.table}, which belongs to ${owners.get(write.table)}`);
}

function scan(root: string): { writes: Write[]; owners: Map<string, string> } {
  const writes: Write[] = [];
  const owners = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const slice = path.relative(root, file).split(path.sep)[0]!;
    if (slice.startsWith('testing')) continue;
    const text = readFileSync(file, 'utf8');
    for (const created of text.matchAll(CREATE)) owners.set(created[1]!.toLowerCase(), slice);
    for (const table of tablesWritten(text)) writes.push({ table, slice, file: path.relative(process.cwd(), file) });
  }
  return { writes, owners };
}

if (import.meta.main) {
  const { writes, owners } = scan(path.join(import.meta.dirname, '../packages/town/src'));
  const found = foreignWrites(writes, owners);
  for (const line of found) console.error(line);
  console.log(`${owners.size} tables, ${writes.length} writing statements, ${found.length} outside their slice`);
  process.exit(found.length ? 1 : 0);
}
