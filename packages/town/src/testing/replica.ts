import { ServerFrame, TABLE_NAMES, type Tables } from '@gastown/protocol';
import type { TestTown } from './town.ts';

/** What a browser does with frames. */
export function replica() {
  let rev = -1;
  const tables = new Map<string, Map<string | number, unknown>>();
  return {
    pull(town: TestTown) {
      const frame = ServerFrame.parse(rev < 0 ? town.town.snapshot() : town.town.since(rev));
      if (frame.t === 'snapshot') tables.clear();
      for (const name of TABLE_NAMES) {
        const rows = tables.get(name) ?? new Map<string | number, unknown>();
        tables.set(name, rows);
        for (const row of frame.put[name] ?? []) rows.set(row.id, row);
        if (frame.t === 'delta') for (const id of frame.drop[name] ?? []) rows.delete(id);
      }
      rev = frame.rev;
      return frame;
    },
    rows: () => sortedTables(Object.fromEntries([...tables].map(([name, rows]) => [name, [...rows.values()]])) as Tables),
  };
}
export const sortedTables = (tables: Tables) =>
  Object.fromEntries(TABLE_NAMES.map((name) => [name, tables[name].toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))]));
