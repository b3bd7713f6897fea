import { filled } from './filled.ts';
import { say } from './saying.ts';
import type { Case } from './trial.ts';

const BEADS = 10_000;

/** P2: what a person does to one bead among ten thousand, as the shell does it: command, due effects, next wake. The naive one writes the row and a line of a log. */
export const beads: Case = (store) => {
  const { town, rigId, id } = filled(store, BEADS, (place) => (place % 10 < 3 ? { after: [place + 3] } : {}));
  const log = (what: string) => store.run('INSERT INTO naive_log (what) VALUES (?)', what);
  store.run('CREATE TABLE naive (id TEXT PRIMARY KEY, title TEXT, status TEXT)');
  store.run('CREATE TABLE naive_log (id INTEGER PRIMARY KEY, what TEXT)');
  for (let place = 0; place < BEADS; place += 1) store.run('INSERT INTO naive VALUES (?,?,?)', id(place), `Bead ${place}`, 'open');
  const naiveUpdate = (place: number, status: string) => (
    store.run('UPDATE naive SET status = ? WHERE id = ?', status, id(place)),
    log(status)
  );
  const bounds = { rowsRead: () => 50, rowsWritten: 12, statements: 40 };
  return [
    {
      name: 'create',
      ours: (index) => say(town, { kind: 'bead.create', rigId, title: `New ${index}` }),
      naive: (index) => (store.run('INSERT INTO naive VALUES (?,?,?)', `new-${index}`, 'New', 'open'), log('created')),
      ...bounds,
      /** It says how many go before it, counted up to 200. */
      rowsRead: () => 250,
      goalMs: 0.5,
      upstreamMs: 2.5,
    },
    {
      name: 'update',
      ours: (index) => say(town, { kind: 'bead.update', beadId: bead(id, index), title: `Changed ${index}` }),
      naive: (index) => naiveUpdate(index, 'changed'),
      ...bounds,
      goalMs: 0.5,
      upstreamMs: 18,
    },
    {
      name: 'close 100',
      calls: 100,
      ours: (index) => say(town, { kind: 'bead.set_status', beadId: bead(id, index), status: 'closed' }),
      naive: (index) => naiveUpdate(index, 'closed'),
      ...bounds,
      rowsRead: () => 52,
      rowsWritten: 16,
      goalMs: 20,
      upstreamMs: 1_900,
    },
  ];
};
const bead = (id: (place: number) => string, index: number) => id((index * 7 + 3) % BEADS) as never;
