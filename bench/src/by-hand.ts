import type { Sql } from '@gastown/town';

/** A bead's life as a first sketch would write it: its changes, a ledger row for each, an effect where one is due. No rule, no key, no replica, no lease. */
export function makeTables(sql: Sql): void {
  for (const table of [
    'beads(id TEXT PRIMARY KEY, status TEXT, title TEXT)',
    'events(id INTEGER PRIMARY KEY, bead TEXT, was TEXT, is_now TEXT)',
    'effects(id INTEGER PRIMARY KEY, bead TEXT, kind TEXT, state TEXT)',
    'runs(id INTEGER PRIMARY KEY, bead TEXT, state TEXT)',
    'merges(id INTEGER PRIMARY KEY, bead TEXT, phase TEXT)',
  ])
    sql.run(`CREATE TABLE ${table}`);
}

/** One transaction each, as the changes come: what happens outside between two of them is known only then. */
export function stepsByHand(sql: Sql, id: string): (() => void)[] {
  const event = (was: string, now: string) => sql.run('INSERT INTO events(bead, was, is_now) VALUES(?, ?, ?)', id, was, now);
  const move = (was: string, now: string) => {
    sql.run('UPDATE beads SET status = ? WHERE id = ?', now, id);
    event(was, now);
  };
  const effect = (kind: string) => sql.run(`INSERT INTO effects(bead, kind, state) VALUES(?, ?, 'pending')`, id, kind);
  const sent = (kind: string) =>
    sql.run(`UPDATE effects SET state = 'sent' WHERE rowid = (SELECT max(rowid) FROM effects) AND kind = ?`, kind);
  const done = () => sql.run('DELETE FROM effects WHERE rowid = (SELECT max(rowid) FROM effects)');
  const run = (state: string) => sql.run('UPDATE runs SET state = ? WHERE rowid = (SELECT max(rowid) FROM runs)', state);
  const merge = (phase: string) => sql.run('UPDATE merges SET phase = ? WHERE rowid = (SELECT max(rowid) FROM merges)', phase);
  return [
    () => {
      sql.run('INSERT INTO beads VALUES(?, ?, ?)', id, 'open', 'title');
      event('', 'open');
      sql.run('INSERT INTO runs(bead, state) VALUES(?, ?)', id, 'starting');
      move('open', 'in_progress');
      effect('run.start');
    },
    () => void sent('run.start'),
    () => void done(),
    () => void run('working'),
    () => {
      sql.run('INSERT INTO merges(bead, phase) VALUES(?, ?)', id, 'queued');
      move('in_progress', 'in_review');
      effect('merge.test');
    },
    () => void sent('merge.test'),
    () => void run('ended'),
    () => {
      done();
      merge('landing');
      effect('merge.land');
    },
    () => void sent('merge.land'),
    () => {
      done();
      merge('landed');
      move('in_review', 'closed');
    },
  ];
}
