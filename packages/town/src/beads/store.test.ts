import type { BeadId, Delta } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, silentPolecat, story, type Story } from '../testing.ts';
import { quiet } from '../testing/bring.ts';
import { openTx } from '../tx.ts';
import { closedBefore, issueOf, updateIssue } from './store.ts';

/** What a page that was up to date hears of what `act` does. */
function heard({ town }: Story, act: () => void): Delta['put'] {
  const { rev } = town.town.snapshot();
  act();
  const frame = town.town.since(rev);
  if (frame.t !== 'delta') throw new Error('a snapshot');
  return frame.put;
}
const waits = (put: Delta['put']) => Object.fromEntries((put.beads ?? []).map((bead) => [bead.id, bead.wait?.code ?? null]));
const close = ({ town }: Story, beadId: BeadId) => town.must({ kind: 'bead.set_status', beadId, status: 'closed' });

describe('the rows of beads', () => {
  test('a page hears of a bead with its birth, though nothing else comes of it', () => {
    const one = quiet();
    let beadId = '';
    const put = heard(one, () => (beadId = one.wish('Add X')));
    expect(put.beads).toEqual([one.bead(beadId as BeadId)]);
    expect(put.beads).toMatchObject([{ id: beadId, title: 'Add X', status: 'open', wait: { code: 'town_paused' } }]);
  });

  test('what is written of an issue is told of its bead, also alone', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    const tx = openTx(one.town.sql, { now: one.town.now, random: () => '' }, { kind: 'town' }, 'test');
    updateIssue(tx, beadId, { starts: 2 });
    expect([...tx.touched.beads]).toEqual([beadId]);
    expect(issueOf(one.town.sql, beadId).starts).toBe(2);
  });

  test('only work has a branch, attempts and starts: agents and merge requests are no issues', () => {
    const one = story();
    const beadId = one.wish('Add X');
    one.runner.work();
    const all = (statement: string) => one.town.sql.all(statement).map((row) => row['it']);
    expect(all('SELECT bead_id AS it FROM issues')).toEqual([beadId]);
    expect(all('SELECT type AS it FROM beads ORDER BY type')).toEqual(['agent', 'agent', 'issue', 'merge_request']);
  });

  test('an issue whose row cannot be read, or is gone, counts as one that was never tried, and is worked on (DM-15)', () => {
    const one = story({ polecat: silentPolecat }, { check: false });
    const { sql } = one.town;
    one.town.must({ kind: 'town.pause' });
    const [broken, gone] = [one.wish('broken'), one.wish('gone')];
    sql.run(`UPDATE issues SET attempts = 2, failure = '{' WHERE bead_id = ?`, broken);
    sql.run('DELETE FROM issues WHERE bead_id = ?', gone);
    const untried = { branch: null, attempts: 0, starts: 0, failure: null, timeoutMs: null, wantedAgent: null };
    expect(issueOf(sql, broken)).toEqual({ beadId: broken, ...untried });
    expect(issueOf(sql, gone)).toEqual({ beadId: gone, ...untried });
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    expect(one.runner.starts.map(({ context }) => context.bead?.id).toSorted()).toEqual([broken, gone].toSorted());
    expect(one.runner.starts.map(({ context }) => context.branch)).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  });
});

describe('a hold of the town or of a rig', () => {
  test('is told of every bead that waits, of that rig or of all, and of none that is over (I10)', () => {
    const one = story({ polecat: silentPolecat });
    const other = one.addRig('other', { maxPolecats: 0 });
    const first = one.wish('first');
    one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 0 });
    const [second, elsewhere, closed, failed] = [one.wish('second'), one.wish('elsewhere', { rigId: other }), one.wish('a'), one.wish('b')];
    close(one, closed);
    one.town.must({ kind: 'bead.set_status', beadId: failed, status: 'failed' });
    one.runner.work();
    const rig = heard(one, () => one.town.must({ kind: 'rig.pause', rigId: one.rigId }));
    expect(waits(rig)).toEqual({ [first]: 'agent_working', [second]: 'rig_paused' });
    one.town.must({ kind: 'rig.resume', rigId: one.rigId });
    const all = heard(one, () => one.town.must({ kind: 'town.pause' }));
    expect(waits(all)).toEqual({ [first]: 'agent_working', [second]: 'town_paused', [elsewhere]: 'town_paused' });
  });
});

describe('what goes out of sight', () => {
  test('all closed work of one rig, and only that: what failed, is open, or is elsewhere is still shown (AR-1, AR-4)', () => {
    const one = quiet();
    const other = one.addRig('other');
    const [a, b, open, failed, elsewhere] = [
      one.wish('a'),
      one.wish('b'),
      one.wish('open'),
      one.wish('failed'),
      one.wish('elsewhere', { rigId: other }),
    ];
    for (const id of [b, a, elsewhere]) close(one, id);
    one.town.must({ kind: 'bead.set_status', beadId: failed, status: 'failed' });
    const archive = () => one.town.must({ kind: 'bead.archive', closedIn: one.rigId });
    one.town.now += 1_000;
    const { now } = one.town;
    expect(archive()).toEqual({ archived: 2 });
    expect(archive()).toEqual({ archived: 0 });
    expect(one.town.rows().beads.map(({ id, status, archivedAt }) => ({ id, status, archivedAt }))).toEqual(
      expect.arrayContaining([
        { id: a, status: 'closed', archivedAt: now },
        { id: b, status: 'closed', archivedAt: now },
        { id: open, status: 'open', archivedAt: null },
        { id: failed, status: 'failed', archivedAt: null },
        { id: elsewhere, status: 'closed', archivedAt: null },
      ]),
    );
    const told = one.town.rows().events.filter((event) => event.type === 'archived');
    expect(told.map(({ beadId }) => beadId).toSorted()).toEqual([a, b].toSorted());
    for (const { data } of told) expect(data['set']).toEqual({ archivedAt: now });
  });

  test('a page is told that there is more than it has: closed, archived, both or neither, among the 2,000 before; beyond them anything may be', () => {
    const one = quiet();
    const { sql } = one.town;
    const none = { closed: false, archived: false };
    const [closed, archived] = [one.wish('closed'), one.wish('archived')];
    const newest = Array.from({ length: 3 }, (_, at) => one.wish(`newer ${at}`));
    expect(closedBefore(sql, 3, [])).toEqual(none);
    close(one, closed);
    expect(closedBefore(sql, 3, [])).toEqual({ closed: true, archived: false });
    expect(closedBefore(sql, 3, [closed])).toEqual(none);
    expect(closedBefore(sql, 1_000, [])).toEqual(none);
    close(one, archived);
    one.town.must({ kind: 'bead.archive', beadIds: [archived] });
    expect(closedBefore(sql, 3, [])).toEqual({ closed: true, archived: true });
    expect(closedBefore(sql, 3, [closed])).toEqual({ closed: false, archived: true });
    expect(closedBefore(sql, 4, [])).toEqual({ closed: true, archived: false });
    expect(one.town.town.snapshot()).toMatchObject({ leftOut: none });

    const before = Number(sql.all('SELECT count(*) AS n FROM beads')[0]!['n']) - newest.length;
    const more = (count: number) =>
      sql.run(
        `INSERT INTO beads (id, type, status, title, body, rank, labels, metadata, created_by, created_at, updated_at)
         WITH RECURSIVE at (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < ?)
         SELECT 'more-' || (SELECT count(*) FROM beads) || '-' || n, 'issue', 'open', 't', '', 2, '[]', '{}', 'x', 0, 0 FROM at`,
        count,
      );
    more(2_000 - before - 1);
    expect(closedBefore(sql, newest.length, [closed, archived])).toEqual(none);
    more(1);
    expect(closedBefore(sql, newest.length, [closed, archived])).toEqual({ closed: true, archived: true });
  });
});

describe('starts that failed', () => {
  test('are forgotten of every bead that is not over, which may start at once, and so many are told; what is over keeps its past (MY-17, RC-33)', () => {
    const one = story({ polecat: silentPolecat, 'run.start': () => bad('setup_failed', true) });
    const startsOf = (id: BeadId) => issueOf(one.town.sql, id).starts;
    const starting = one.wish('starting');
    one.runner.work();
    one.runner.script['run.start'] = () => null;
    one.town.now = one.bead(starting).wait!.until!;
    one.town.send({ kind: 'wake' });
    one.runner.work();
    one.runner.script['run.start'] = () => bad('setup_failed', true);
    const [waiting, closed] = [one.wish('waiting'), one.wish('closed')];
    one.runner.work();
    close(one, closed);
    one.town.must({ kind: 'rig.pause', rigId: one.rigId });
    const untried = one.wish('untried');
    const all = [starting, waiting, closed, untried];
    expect(all.map((id) => one.bead(id).status)).toEqual(['in_progress', 'open', 'closed', 'open']);
    expect(all.map(startsOf)).toEqual([1, 1, 1, 0]);
    expect(one.town.must({ kind: 'dispatch.reset' })).toEqual({ beads: 2 });
    expect(all.map(startsOf)).toEqual([0, 0, 1, 0]);
    expect(one.town.must({ kind: 'dispatch.reset' })).toEqual({ beads: 0 });
    one.runner.script['run.start'] = () => null;
    one.town.must({ kind: 'rig.resume', rigId: one.rigId });
    expect(one.bead(waiting).status).toBe('in_progress');
  });
});
