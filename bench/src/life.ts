import { countingSql, memorySql, story } from '@gastown/town/testing';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

const ROWS_OF_A_LIFE = 60;
const ROWS_OF_A_QUIET_TICK = 50;

/** P4 and P6 over the real core: what a bead's life (create → run → done → gates → landed → closed) costs its store, and a tick with nothing to do
 * among 1,000 open beads. The baseline is the least a ledgered store could write by hand for the same life. Rows are those that statements change. */
export async function life(n: number): Promise<Measured> {
  const { town, runner, wish, bead } = story({}, { check: false });
  wish('the first, with its polecat');
  runner.work();
  const times: number[] = [];
  const costs: { rowsWritten: number; rowsRead: number; statements: number }[] = [];
  for (let index = 0; index < n; index += 1) {
    const began = performance.now();
    const made: ReturnType<typeof wish>[] = [];
    costs.push(
      town.sql.measure(() => {
        made.push(wish(`bead ${index}`));
        runner.work();
      }),
    );
    times.push(performance.now() - began);
    const { status } = bead(made[0]!);
    if (status !== 'closed') throw new Error(`the bead did not land: ${status}`);
  }
  const [cost] = costs;
  const quiet = quietTick();
  const why = [
    ...(Math.max(...costs.map((one) => one.rowsWritten)) > ROWS_OF_A_LIFE ? [`a life writes more than ${ROWS_OF_A_LIFE} rows`] : []),
    ...(quiet.rowsRead > ROWS_OF_A_QUIET_TICK || quiet.rowsWritten > 0
      ? [`a quiet tick reads more than ${ROWS_OF_A_QUIET_TICK} rows, or writes`]
      : []),
  ];
  const byHand = handWritten(n);
  return {
    ok: why.length === 0,
    why,
    figures: {
      life: cost,
      lifeMs: figures(times),
      byHand: byHand.counts,
      byHandMs: byHand.times,
      timesByHand: Math.round((figures(times).median / byHand.times.median) * 10) / 10,
      quietTick: quiet,
    },
  };
}

function quietTick(): { rowsWritten: number; rowsRead: number; statements: number } {
  const { town, wish } = story({}, { check: false });
  town.must({ kind: 'town.pause' });
  for (let index = 0; index < 1_000; index += 1) wish(`open ${index}`);
  town.take();
  return town.sql.measure(() => town.send({ kind: 'wake' }));
}

/** Nine changes of one bead, each with its ledger row and its effect where one is due: a person's first sketch of the same job. */
function handWritten(n: number): { counts: { rowsWritten: number; statements: number }; times: ReturnType<typeof figures> } {
  const sql = countingSql(memorySql());
  for (const table of [
    'beads(id TEXT PRIMARY KEY, status TEXT, title TEXT)',
    'events(id INTEGER PRIMARY KEY, bead TEXT, was TEXT, is_now TEXT)',
    'effects(id INTEGER PRIMARY KEY, bead TEXT, kind TEXT, done INTEGER)',
    'runs(id INTEGER PRIMARY KEY, bead TEXT, state TEXT)',
    'merges(id INTEGER PRIMARY KEY, bead TEXT, phase TEXT)',
  ])
    sql.run(`CREATE TABLE ${table}`);
  const times: number[] = [];
  let counts = { rowsWritten: 0, statements: 0 };
  for (let index = 0; index < n; index += 1) {
    const began = performance.now();
    counts = sql.measure(() => oneByHand(sql, `bead-${index}`));
    times.push(performance.now() - began);
  }
  return { counts: { rowsWritten: counts.rowsWritten, statements: counts.statements }, times: figures(times) };
}

function oneByHand(sql: ReturnType<typeof countingSql>, id: string): void {
  const event = (was: string, now: string) => sql.run('INSERT INTO events(bead, was, is_now) VALUES(?, ?, ?)', id, was, now);
  const move = (was: string, now: string) => {
    sql.run('UPDATE beads SET status = ? WHERE id = ?', now, id);
    event(was, now);
  };
  const effect = (kind: string) => {
    sql.run('INSERT INTO effects(bead, kind, done) VALUES(?, ?, 0)', id, kind);
    sql.run('UPDATE effects SET done = 1 WHERE bead = ? AND kind = ?', id, kind);
  };
  sql.run('BEGIN');
  sql.run('INSERT INTO beads VALUES(?, ?, ?)', id, 'open', 'title');
  event('', 'open');
  sql.run('INSERT INTO runs(bead, state) VALUES(?, ?)', id, 'starting');
  move('open', 'in_progress');
  effect('run.start');
  sql.run('UPDATE runs SET state = ? WHERE bead = ?', 'working', id);
  sql.run('UPDATE runs SET state = ? WHERE bead = ?', 'ended', id);
  sql.run('INSERT INTO merges(bead, phase) VALUES(?, ?)', id, 'queued');
  move('in_progress', 'in_review');
  effect('merge.test');
  effect('merge.land');
  sql.run('UPDATE merges SET phase = ? WHERE bead = ?', 'landed', id);
  move('in_review', 'closed');
  sql.run('COMMIT');
}
