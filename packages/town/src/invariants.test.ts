import { describe, expect, test } from 'vitest';
import { checkInvariants, openAuditor } from './invariants.ts';
import { silentPolecat, story } from './testing.ts';

/** Tooth tests: a checker that has never failed on a planted bug proves nothing (reliability §2). */
function atWork() {
  const one = story({ polecat: silentPolecat, 'merge.test': () => null });
  const first = one.wish('first');
  const second = one.wish('second', { dependsOn: [first] });
  one.runner.work();
  const named = (statement: string): string =>
    statement.replaceAll('$first', `'${first}'`).replaceAll('$second', `'${second}'`).replaceAll('$now', String(one.town.now));
  return { ...one, first, second, damage: (statements: string[]) => statements.forEach((statement) => one.town.sql.run(named(statement))) };
}

/** What one look at the whole store says of the damage. */
function planted(...damage: string[]) {
  const one = atWork();
  expect(checkInvariants(one.town.sql, one.town.now)).toEqual([]);
  one.damage(damage);
  return checkInvariants(one.town.sql, one.town.now).map((finding) => finding.invariant);
}
/** What an auditor says who saw the store before each of these damages. */
function seen(...damages: string[][]) {
  const one = atWork();
  const auditor = openAuditor(one.town.sql);
  expect(auditor.look(one.town.now)).toEqual([]);
  return damages.flatMap((damage) => {
    one.damage(damage);
    return auditor.look(one.town.now).map((finding) => finding.invariant);
  });
}

const copy = (agent: string, changes: { bead?: string; state?: string } = {}) =>
  `INSERT INTO runs (id, agent_id, bead_id, rig_id, generation, attempt, state, agent_kind, started_at, lease_until)
   SELECT 'run-copy', ${agent}, ${changes.bead ?? 'bead_id'}, rig_id, generation + 1, attempt, ${changes.state ?? 'state'}, agent_kind, started_at, lease_until
   FROM runs LIMIT 1`;
const merge = (phase: string, changes: { id?: string; place?: string; commit?: string; gates?: string } = {}) => {
  const id = changes.id ?? 'mr-1';
  const status = { queued: 'open', landed: 'closed', failed: 'failed' }[phase] ?? 'in_progress';
  return [
    `INSERT INTO beads (id, type, status, title, body, rank, labels, metadata, created_by, created_at, updated_at)
     VALUES ('${id}', 'merge_request', '${status}', '', '', 1, '[]', '{}', 'town', 1, 1)`,
    `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, before, after, data)
     SELECT max(id) + 1, 1, 'review_submitted', '${id}', 'Ada', 'person', 'test', NULL, '${status}', '{}' FROM bead_events`,
    `INSERT INTO merges (id, bead_id, rig_id, run_id, agent_id, branch, target_branch, lane, place, head_commit, phase, merge_commit, gates, created_at, updated_at)
     SELECT '${id}', bead_id, rig_id, id, agent_id, 'b', 'main', 'lane', ${changes.place ?? 'NULL'}, 'c0', '${phase}', ${changes.commit ?? 'NULL'},
       '${changes.gates ?? '[]'}', 1, 1 FROM runs LIMIT 1`,
  ];
};
const nudge = (id: string, state: string) =>
  `INSERT INTO nudges (id, agent_id, text, mode, source, state, created_at) VALUES ('${id}', 'ag-1', '', 'wait-idle', 'Ada', '${state}', 1)`;

describe('the invariant checkers bite', () => {
  test('I1 sees a bead that is gone', () => {
    expect(planted('DELETE FROM beads WHERE id = $second')).toContain('I1');
  });
  test('I2 sees a second live run of a bead, and of an agent', () => {
    expect(planted('DROP INDEX runs_live_bead', copy(`'ag-other'`))).toContain('I2');
    expect(planted('DROP INDEX runs_live_bead', 'DROP INDEX runs_live', copy('agent_id'))).toContain('I2');
  });
  test('I2 is also in the schema: a second live run cannot be written', () => {
    expect(() =>
      planted(`INSERT INTO runs (id, agent_id, bead_id, generation, attempt, state, agent_kind, started_at)
               SELECT 'run-copy', 'ag-other', bead_id, 9, 1, 'starting', agent_kind, started_at FROM runs LIMIT 1`),
    ).toThrow(/UNIQUE/);
  });
  test('I2 sees a run whose bead was taken away from it', () => {
    expect(planted(`UPDATE beads SET status = 'open' WHERE id = $first`)).toContain('I2');
  });
  test('I2 sees a run that had ended and lives again', () => {
    expect(seen([`UPDATE runs SET state = 'ended'`], [`UPDATE runs SET state = 'working'`])).toContain('I2');
  });
  test('I2 sees a live run that a newer one has replaced', () => {
    expect(planted(copy(`'ag-other'`, { state: `'ended'` }))).toContain('I2');
  });
  test('I3 sees a run that nobody watches, and a lease that never ends', () => {
    expect(planted('UPDATE runs SET lease_until = NULL')).toContain('I3');
    expect(planted('UPDATE runs SET lease_until = $now + 91001')).toContain('I3');
    expect(planted('UPDATE runs SET lease_until = $now + 91000')).not.toContain('I3');
  });
  describe('I3 sees work that nobody holds (RC-27, ST-11)', () => {
    const ended = `UPDATE runs SET state = 'ended', lease_until = NULL`;
    const review = [ended, `UPDATE beads SET status = 'in_review' WHERE id = $first`];
    const moved = (status: string, kind: string, data = '{}') =>
      `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, before, after, data)
       SELECT max(id) + 1, 1, 'status_changed', $first, 'Ada', '${kind}', 'test', 'in_progress', '${status}', '${data}' FROM bead_events`;
    const escalation = (closedAt: string, createdAt = 0) =>
      `INSERT INTO escalations (id, bead_id, severity, category, message, metadata, created_at, closed_at)
       VALUES ('es-1', $first, 'high', 'failed', '', '{}', ${createdAt}, ${closedAt})`;
    const failed = (code: string) => [...merge('failed'), `UPDATE merges SET failure = '{"code":"${code}"}', updated_at = 5`];
    /** What is found of the bead by these two checks: that nobody holds it, and that its page says that a person is waited for. */
    const found = (...damage: string[]) => {
      const one = atWork();
      one.damage(damage);
      return checkInvariants(one.town.sql, one.town.now)
        .filter(({ invariant, message }) => (invariant === 'I3' || invariant === 'I10') && message.startsWith(one.first))
        .map(({ invariant, message }) => `${invariant} ${message.replace(`${one.first} `, '')}`);
    };
    const WAITS = 'I10 says that it waits for a person; none knows of it';

    test('in progress without a run, unless a person put it there, or the Mayor for one', () => {
      expect(found(ended)).toEqual(['I3 is in progress and no run works on it', WAITS]);
      expect(found(ended, moved('in_progress', 'town'))).toHaveLength(2);
      expect(found(ended, moved('in_progress', 'agent'))).toHaveLength(2);
      expect(found(ended, moved('in_progress', 'person'), moved('in_progress', 'town'))).toHaveLength(2);
      expect(found(ended, moved('in_progress', 'person'))).toEqual([]);
      expect(found(ended, moved('in_progress', 'agent', '{"byHand":true}'))).toEqual([]);
    });
    test('in review without a merge request, or with one that is over and of which nobody was told', () => {
      expect(found(...review)).toEqual(['I3 is in review without a merge request', WAITS]);
      expect(found(...review, moved('in_review', 'person'))).toEqual([]);
      expect(found(...review, ...merge('landed', { commit: `'c1'` }))).toEqual([
        'I3 is in review and its merge mr-1 is landed: nobody goes on with it',
        WAITS,
      ]);
      expect(found(...review, ...merge('queued', { place: '1' }))).toEqual([]);
      expect(found(...review, ...merge('queued', { place: '1' }), ...merge('landed', { id: 'mr-2', commit: `'c1'` }))).toHaveLength(2);
      expect(found(...review, ...failed('git_failed'))).toHaveLength(2);
      expect(found(...review, ...failed('git_failed'), escalation('NULL'))).toEqual([]);
      expect(found(...review, ...failed('git_failed'), escalation('5'))).toEqual([]);
      expect(found(...review, ...failed('git_failed'), escalation('4'))).toHaveLength(2);
      expect(found(...review, ...failed('git_failed'), escalation('4', 5))).toEqual([]);
    });
    test('in review with a failed merge that its agent should mend, unless that is still in its turn', () => {
      expect(found(...review, ...failed('gate_failed'), escalation('NULL'))).toHaveLength(2);
      expect(found(review[1]!, 'UPDATE runs SET done_at = 5', ...failed('gate_failed'))).toEqual([]);
    });
    test('of an agent who is retired, or who is not there', () => {
      const [agent] = [`(SELECT agent_id FROM runs LIMIT 1)`];
      const strays = (...damage: string[]) => found(...damage).map((message) => message.replace(/ag-[0-9a-f]+/, 'ag'));
      expect(strays(`UPDATE agents SET retired_at = 5 WHERE id = ${agent}`)).toEqual(['I3 belongs to ag, who is retired']);
      expect(strays(`DELETE FROM agents WHERE id = ${agent}`)).toEqual(['I3 belongs to ag, who is not there']);
      expect(strays(`UPDATE agents SET retired_at = 5 WHERE id = ${agent}`, `UPDATE beads SET closed_at = 5 WHERE id = $first`)).toEqual(
        [],
      );
    });
  });
  test('I4 sees a landing that changes, two at work in one lane, and a merge that left the line unlanded', () => {
    expect(seen(merge('landed', { commit: `'c1'` }), [`UPDATE merges SET merge_commit = 'c2'`])).toContain('I4');
    expect(planted(...merge('testing', { place: '1' }), ...merge('testing', { id: 'mr-2', place: '2' }))).toContain('I4');
    expect(planted(...merge('queued'))).toContain('I4');
    expect(planted(...merge('queued', { place: '1' }))).not.toContain('I4');
  });
  test('I5 sees a landed commit that was not tested, and one whose gate failed', () => {
    const land = [
      `UPDATE merges SET phase = 'landed', place = NULL, merge_commit = 'c9'`,
      `UPDATE beads SET status = 'closed' WHERE id = 'mr-1'`,
    ];
    expect(seen(merge('landing', { place: '1', commit: `'c1'` }), land)).toContain('I5');
    const failed = JSON.stringify([{ command: 'npm test', exitCode: 1, timedOut: false, output: '', durationMs: 1, truncated: false }]);
    expect(planted(...merge('landed', { commit: `'c1'`, gates: failed }))).toContain('I5');
  });
  test('I6 sees a status that changed without an event, and an event that is missing', () => {
    expect(planted(`UPDATE beads SET status = 'failed' WHERE id = $second`)).toContain('I6');
    expect(planted(`DELETE FROM bead_events WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I6');
    expect(planted(`UPDATE bead_events SET before = 'in_review' WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I6');
  });
  test('I6 sees a column that changed without an event, and an edge that no event made', () => {
    expect(planted(`UPDATE beads SET title = 'another' WHERE id = $second`)).toEqual(['I6']);
    expect(planted(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES ($first, $second, 'related')`)).toEqual(['I6']);
  });
  test('I7 sees a move that is not in the table', () => {
    expect(planted(`UPDATE bead_events SET after = 'in_review' WHERE bead_id = $first AND after = 'in_progress'`)).toContain('I7');
  });
  test('I8 sees one attempt too many of a bead, of a start, of an effect, of a reminder, and of a warning (PT-3)', () => {
    expect(planted('UPDATE issues SET attempts = 4 WHERE bead_id = $first')).toContain('I8');
    expect(planted('UPDATE issues SET starts = 6 WHERE bead_id = $first')).toContain('I8');
    const effect = (columns: string) =>
      `INSERT INTO outbox (id, kind, target, subject, state, ${columns}, due_at, created_at) VALUES ('ef-1', 'rig.connect', 'rig:r', 'r', 'sent', 11, 1, 1)`;
    expect(planted(effect('attempts'))).toContain('I8');
    expect(planted(effect('handed'))).toContain('I8');
    expect(planted('UPDATE runs SET reminders = 3')).toContain('I8');
    const warned = `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, data)
      SELECT (SELECT max(id) + 1 FROM bead_events), 1, 'agent_silent', bead_id, 'town', 'town', 'test', json_object('runId', id, 'step', 2) FROM runs`;
    expect(planted(warned, warned, warned)).toEqual([]);
    expect(planted(warned, warned, warned, warned)).toEqual(['I8']);
  });
  test('I9 sees money that was booked twice', () => {
    expect(
      planted(`INSERT INTO spend VALUES ('bead', $first, 1, 1, 0, 0, 20)`, `INSERT INTO spend SELECT 'run', id, 1, 1, 0, 0, 10 FROM runs`),
    ).toContain('I9');
  });
  test('I9 sees who lives where the budget is spent, and in a stopped town, and what is to be sent to a run that has ended', () => {
    const spent = (level: string, id: string) => [
      `INSERT INTO spend VALUES ('${level}', ${id}, 1, 1, 0, 0, 20)`,
      `INSERT INTO spend_limits VALUES ('${level}', ${id}, NULL, 20)`,
    ];
    expect(planted(...spent('rig', '(SELECT rig_id FROM runs)'))).toContain('I9');
    expect(planted(...spent('agent', '(SELECT agent_id FROM runs)'))).toContain('I9');
    expect(planted(`INSERT INTO spend_limits VALUES ('rig', (SELECT rig_id FROM runs), 0, 20)`)).not.toContain('I9');
    expect(planted('UPDATE town SET stopped = 1, paused = 1')).toContain('I9');
    const prompt = `INSERT INTO outbox (id, kind, target, subject, state, due_at, created_at) SELECT 'ef-1', 'run.prompt', 'run:' || id, 'nu-1', 'pending', 1, 1 FROM runs`;
    expect(planted(prompt, `UPDATE runs SET state = 'ended'`)).toContain('I9');
  });
  test('MT-7 sees money that is in no minute, and a minute that is not in the sum', () => {
    const town = (columns: string) => `INSERT INTO spend SELECT 'town', id, ${columns} FROM town`;
    const minute = (columns: string) => `INSERT INTO spend_minutes VALUES (5, '', '', 'm', ${columns})`;
    expect(planted(town('1, 2, 3, 4, 5'))).toContain('MT-7');
    expect(planted(town('1, 2, 3, 4, 5'), minute('1, 2, 3, 4, 6'))).toContain('MT-7');
    expect(planted(town('1, 2, 3, 4, 5'), minute('1, 2, 3, 5, 5'))).toContain('MT-7');
    expect(planted(town('1, 2, 3, 4, 5'), minute('1, 2, 3, 4, 5'))).not.toContain('MT-7');
  });
  test('I10 sees a cause that is not true', () => {
    expect(
      planted(`UPDATE beads SET retry_at = 5 WHERE id = $second`, 'DELETE FROM dependencies', 'UPDATE beads SET blockers = 0, blocked = 0'),
    ).toContain('I10');
  });
  test('I10 sees a bead that could go and that nothing takes', () => {
    expect(planted('DELETE FROM dependencies', 'UPDATE beads SET blockers = 0, blocked = 0')).toContain('I10');
  });
  test('I10 sees an agent that is said to work and is silent, on any runner, unless nothing can be expected of it (PT-3, PT-4, PT-5)', () => {
    const LONG = 3 * 3_600_000;
    const silent = ['UPDATE runs SET last_activity_at = $now - 10800001'];
    expect(planted(`UPDATE runs SET last_activity_at = $now - ${LONG}`)).toEqual([]);
    expect(planted(...silent)).toEqual(['I10']);
    expect(planted(...silent, `UPDATE runs SET prodded_at = $now - ${LONG}`)).toEqual([]);
    expect(planted(...silent, `UPDATE town SET patrols = '{"silenceStopMs":7200001}'`)).toEqual([]);
    const machine = [
      `INSERT INTO runners (id, name, kind, token_serial, created_at) VALUES ('rn-1', 'rn-1', 'machine', 1, 1)`,
      `INSERT INTO links (runner_id, connected) VALUES ('rn-1', 1)`,
      `UPDATE runs SET runner_id = 'rn-1'`,
    ];
    const stopped = `UPDATE container SET state = 'stopped'`;
    expect(planted(...silent, stopped)).toEqual([]);
    expect(planted(...silent, stopped, ...machine)).toEqual(['I10']);
    expect(planted(...silent, stopped, ...machine, 'UPDATE links SET draining_at = 5')).toEqual([]);
    expect(planted(...silent, 'UPDATE town SET paused = 1')).toEqual([]);
    expect(planted(...silent, `UPDATE links SET connected = 0`)).toEqual([]);
    const asks = `INSERT INTO permissions (id, run_id, request_id, agent_id, bead_id, category, title, detail, asked_at, until)
       SELECT 'pm-1', id, 'a', agent_id, bead_id, 'web', '', '', $now, $now + 1 FROM runs`;
    expect(planted(...silent, asks)).toEqual([]);
    const escalation = (category: string) =>
      `INSERT INTO escalations (id, bead_id, agent_id, severity, category, message, metadata, created_at)
       SELECT 'es-1', bead_id, agent_id, 'high', '${category}', '', '{}', 1 FROM runs`;
    expect(planted(...silent, escalation('decision'))).toEqual([]);
    expect(planted(...silent, escalation('lifecycle'))).toEqual(['I10']);
  });
  test('I11 sees a convoy that lies: landed or open when it is not, counts that are not so, beads that it does not know or hold', () => {
    const convoy = (status: string, counts: string, landedAt = 'NULL', bead = 'open') => [
      `INSERT INTO beads (id, type, status, title, body, rank, labels, metadata, created_by, created_at, updated_at)
       VALUES ('cv-1', 'convoy', '${bead}', '', '', 1, '[]', '{}', 'town', 1, 1)`,
      `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, before, after, data)
       SELECT max(id) + 1, 1, 'convoy_created', 'cv-1', 'Ada', 'person', 'test', NULL, '${bead}', '{}' FROM bead_events`,
      `INSERT INTO convoys (id, status, merge_mode, created_at, landed_at, total, closed, failed) VALUES ('cv-1', '${status}', 'review-and-merge', 1, ${landedAt}, ${counts})`,
      `UPDATE beads SET convoy_id = 'cv-1', convoy_place = 0 WHERE id = $second`,
      `INSERT INTO dependencies (bead_id, depends_on, type) VALUES ('cv-1', $second, 'tracks')`,
    ];
    const lies = (...damage: string[]) => planted(...damage).filter((one) => one === 'I11');
    expect(lies(...convoy('open', '1, 0, 0'))).toEqual([]);
    const I11 = ['I11'];
    expect(lies(...convoy('landed', '1, 0, 0', '5', 'closed'))).toEqual(I11);
    expect(lies(...convoy('open', '1, 0, 0', 'NULL', 'closed'))).toEqual(I11);
    expect(lies(...convoy('open', '1, 0, 0', '5'))).toEqual(I11);
    for (const counts of ['2, 0, 0', '1, 1, 0', '1, 0, 1']) expect(lies(...convoy('open', counts))).toEqual(I11);
    expect(lies(...convoy('staged', '1, 0, 0'))).toEqual(I11);
    expect(lies(...convoy('open', '1, 0, 0'), `UPDATE beads SET convoy_hold = 'paused' WHERE id = $second`)).toContain('I11');
    expect(lies(...convoy('open', '1, 0, 0'), `DELETE FROM dependencies WHERE type = 'tracks'`)).toEqual(I11);
    expect(
      lies(...convoy('open', '1, 0, 0'), `INSERT INTO dependencies (bead_id, depends_on, type) VALUES ('cv-1', $first, 'tracks')`),
    ).toEqual(I11);
    const closed = [
      `DELETE FROM dependencies WHERE type = 'tracks'`,
      `INSERT INTO dependencies (bead_id, depends_on, type) VALUES ('cv-1', 'gone', 'tracks')`,
    ];
    expect(lies(...convoy('open', '1, 0, 0'), ...closed)).toEqual([...I11, ...I11]);
    const done = [`UPDATE beads SET convoy_id = NULL`, `DELETE FROM dependencies WHERE type = 'tracks'`, `UPDATE convoys SET total = 0`];
    expect(lies(...convoy('open', '1, 0, 0'), ...done)).toEqual([]);
    expect(lies(...convoy('open', '1, 0, 0'), ...done, `UPDATE convoys SET status = 'landed', landed_at = 5`)).toContain('I11');
  });
  test('I12 sees a record that is begun, one that is not held as one, work that is, and a run of what is no piece of work', () => {
    const begun = copy(`'ag-other'`, { bead: '$second', state: `'starting'` });
    const free = `UPDATE beads SET blockers = 0, blocked = 0, status = 'in_progress', assignee_id = 'ag-other', kind =`;
    const messages = (kind: string): string[] => {
      const one = atWork();
      one.damage(['DELETE FROM dependencies WHERE bead_id = $second', `${free} '${kind}' WHERE id = $second`]);
      const auditor = openAuditor(one.town.sql);
      auditor.look(one.town.now);
      one.damage([begun]);
      return auditor
        .look(one.town.now)
        .filter(({ invariant }) => invariant === 'I12')
        .map(({ message }) => message.replace(one.second, 'second'));
    };
    expect(messages('task')).toEqual([]);
    expect(messages('message')).toEqual([
      'second was begun, of the kind message: no agent is sent to that',
      'second is a record of the kind message and is not held as one',
    ]);
    expect(messages('epic')).toEqual(['second was begun, of the kind epic: no agent is sent to that']);
    expect(planted(`UPDATE beads SET kind = 'gate' WHERE id = $second`)).toContain('I12');
    expect(planted(`UPDATE beads SET hold = 'not_work' WHERE id = $second`)).toContain('I12');
    expect(planted(...merge('queued', { place: '1' }), `UPDATE runs SET bead_id = 'mr-1'`)).toContain('I12');
  });
  test('I12 sees a circle of order or of parts, a count that is not kept, and a blocked bead that was begun', () => {
    expect(planted(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES ($first, $second, 'blocks')`)).toContain('I12');
    for (const kept of ['blockers = 0', 'waits = 1', 'blocked = 0', 'deferred_parents = 1'])
      expect(planted(`UPDATE beads SET ${kept} WHERE id = $second`)).toContain('I12');
    expect(
      planted(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES ($first, 'x', 'parent-child'), ('x', $first, 'parent-child')`),
    ).toContain('I12');
    expect(seen([copy(`'ag-other'`, { bead: '$second', state: `'starting'` })])).toContain('I12');
  });
  test('I13 sees two messages at once, one that overtakes, one that comes back, and a second time that is not told', () => {
    expect(planted(nudge('nu-1', 'sent'), nudge('nu-2', 'sent'))).toContain('I13');
    expect(planted(nudge('nu-1', 'pending'), nudge('nu-2', 'sent'))).toContain('I13');
    expect(seen([nudge('nu-1', 'sent')], [`UPDATE nudges SET state = 'delivered'`], [`UPDATE nudges SET state = 'sent'`])).toContain('I13');
    expect(seen([nudge('nu-1', 'sent')], [`UPDATE nudges SET state = 'pending'`])).toContain('I13');
    expect(seen([nudge('nu-1', 'sent')], [`UPDATE nudges SET state = 'pending', again = 1`])).not.toContain('I13');
  });
  test('I19 sees a question of a run that is in no turn, one that is asked twice, one that nobody denies, one that comes back, and too many', () => {
    const asked = (id: string, more: { request?: string; until?: string } = {}) =>
      `INSERT INTO permissions (id, run_id, request_id, agent_id, bead_id, category, title, detail, asked_at, until)
       SELECT '${id}', id, '${more.request ?? id}', agent_id, bead_id, 'web', '', '', $now, ${more.until ?? '$now + 1'} FROM runs`;
    expect(planted(asked('pm-1'))).not.toContain('I19');
    expect(planted(asked('pm-1'), `UPDATE runs SET state = 'idle'`)).toContain('I19');
    expect(planted('DROP INDEX permissions_request', asked('pm-1', { request: 'a' }), asked('pm-2', { request: 'a' }))).toContain('I19');
    expect(planted(asked('pm-1', { until: '$now - 3600001' }))).toContain('I19');
    expect(planted(...Array.from({ length: 21 }, (_, at) => asked(`pm-${at}`)))).toContain('I19');
    expect(seen([asked('pm-1')], ['UPDATE permissions SET answered_at = 5'], ['UPDATE permissions SET answered_at = NULL'])).toContain(
      'I19',
    );
  });
  test('I20 sees what is on a runner that is not there, that does not take it, or that is gone; what went astray; a container that is none', () => {
    const machine = (id: string, rigs = 'NULL', connected = 1, away = 'NULL') => [
      `INSERT INTO runners (id, name, kind, rigs, token_serial, created_at) VALUES ('${id}', '${id}', 'machine', ${rigs}, 1, 1)`,
      `INSERT INTO links (runner_id, connected, away_until) VALUES ('${id}', ${connected}, ${away})`,
    ];
    const on = (id: string) => `UPDATE runs SET runner_id = '${id}'`;
    const only = (...damage: string[]) => planted(...damage).filter((one) => one === 'I20');
    expect(only(...machine('rn-1'))).toEqual([]);
    expect(only(on('rn-1'))).toContain('I20');
    expect(only(...machine('rn-1'), on('rn-1'))).toEqual([]);
    expect(only(...machine('rn-1', 'NULL', 0), on('rn-1'))).toContain('I20');
    expect(only(...machine('rn-1', 'NULL', 0, '$now + 5'), on('rn-1'))).toEqual([]);
    expect(only(...machine('rn-1'), on('rn-1'), `UPDATE links SET failure = '{}' WHERE runner_id = 'rn-1'`)).toContain('I20');
    expect(only(`DELETE FROM links`)).toContain('I20');
    expect(only(`INSERT INTO links (runner_id) VALUES ('rn-1')`)).toContain('I20');
    expect(only(`UPDATE runners SET kind = 'machine'`)).toContain('I20');
    const effect = (kind: string, target: string, runnerId: string) =>
      `INSERT INTO outbox (id, kind, target, subject, runner_id, state, due_at, created_at) SELECT 'ef-1', '${kind}', ${target}, id, ${runnerId}, 'pending', 1, 1 FROM runs`;
    expect(only(effect('run.prompt', `'run:' || id`, `'home'`))).toEqual([]);
    expect(only(...machine('rn-1'), effect('run.prompt', `'run:' || id`, `'rn-1'`))).toContain('I20');
    expect(only(effect('run.stop', `'run:gone'`, 'NULL'))).toContain('I20');
    expect(only(effect('rig.connect', `'rig:r'`, 'NULL'))).toEqual([]);
    expect(only(effect('rig.connect', `'rig:r'`, `'rn-1'`))).toContain('I20');
    expect(only(effect('container.stop', `'container'`, `'home'`))).toContain('I20');
    const placed = (phase: string, runnerId: string) => [...merge(phase, { place: '1' }), `UPDATE merges SET runner_id = ${runnerId}`];
    expect(only(...placed('testing', `'home'`))).toEqual([]);
    expect(only(...placed('testing', 'NULL'))).toContain('I20');
    expect(only(...placed('queued', `'home'`))).toContain('I20');
    const begun = (...before: string[]) =>
      seen(before, [copy(`'ag-other'`, { bead: '$second', state: `'starting'` })]).filter((one) => one === 'I20');
    expect(begun()).toEqual([]);
    expect(begun(...machine('rn-1', `'["' || (SELECT rig_id FROM runs) || '"]'`))).toContain('I20');
    expect(begun(`UPDATE runners SET rigs = '[]'`)).toContain('I20');
  });
  test('I3 takes the link for a watch over who waits for a person, while it is there', () => {
    const waits = [
      `INSERT INTO permissions (id, run_id, request_id, agent_id, bead_id, category, title, detail, asked_at, until)
       SELECT 'pm-1', id, 'a', agent_id, bead_id, 'web', '', '', $now, $now + 1 FROM runs`,
      'UPDATE runs SET lease_until = NULL',
    ];
    expect(planted(...waits)).not.toContain('I3');
    expect(planted(...waits, 'UPDATE links SET connected = 0')).toContain('I3');
  });
  test('I15 sees work that is moved by an agent whose it is not, or who is not there; a part is its to close, and so is what the Mayor moves', () => {
    const moved = (bead: string, actor: string, to: string, data = `'{}'`) =>
      `INSERT INTO bead_events (id, at, type, bead_id, actor, actor_kind, cause, before, after, data)
       SELECT (SELECT max(id) + 1 FROM bead_events), 1, 'status_changed', ${bead}, ${actor}, 'agent', 'test', 'open', '${to}', ${data} FROM runs LIMIT 1`;
    const POLECAT = '(SELECT agent_id FROM runs LIMIT 1)';
    const MAYOR = `(SELECT id FROM agents WHERE role = 'mayor')`;
    const only = (found: string[]) => found.filter((one) => one === 'I15');
    const whole = (...damage: string[]) => only(planted(...damage));
    const later = (...damage: string[]) => only(seen(damage));
    for (const look of [whole, later]) {
      expect(look(moved('$first', POLECAT, 'closed'))).toEqual([]);
      expect(look(moved('$second', MAYOR, 'closed'))).toEqual([]);
      expect(look(moved('$second', POLECAT, 'closed'))).toEqual(['I15']);
      expect(look(moved('$second', POLECAT, 'in_review'))).toEqual(['I15']);
      expect(look(moved('$first', `'ag-other'`, 'closed'))).toEqual(['I15']);
    }
    const part = `INSERT INTO dependencies (bead_id, depends_on, type) VALUES ($second, $first, 'parent-child')`;
    const itsRun = `json_object('runId', (SELECT id FROM runs LIMIT 1))`;
    expect(later(part, moved('$second', POLECAT, 'closed'))).toEqual([]);
    expect(later(part, moved('$second', POLECAT, 'failed'))).toEqual(['I15']);
    expect(later(moved('$second', POLECAT, 'closed', itsRun))).toEqual(['I15']);
    expect(whole(moved('$second', POLECAT, 'closed', itsRun))).toEqual([]);
    expect(only(seen([moved('$second', POLECAT, 'closed')], []))).toEqual(['I15']);
  });
  test('I14 sees a deleted town that lives, that comes back, and that goes on', () => {
    expect(planted('UPDATE town SET deleted_at = 5')).toContain('I14');
    const gone = ['UPDATE town SET deleted_at = 5', `UPDATE runs SET state = 'ended'`, 'DELETE FROM outbox'];
    expect(seen(gone)).not.toContain('I14');
    expect(seen(gone, ['UPDATE town SET deleted_at = NULL'])).toContain('I14');
    expect(seen(gone, [`DELETE FROM bead_events WHERE id = (SELECT max(id) FROM bead_events)`])).toContain('I14');
  });
});

test('an auditor that is told what was written finds what one that looks at everything finds', () => {
  const one = atWork();
  const auditor = openAuditor(one.town.sql);
  expect(auditor.look(one.town.now)).toEqual([]);
  one.damage([`UPDATE beads SET status = 'failed' WHERE id = $second`]);
  expect(auditor.look(one.town.now, new Set(['spend']))).toEqual([]);
  expect(auditor.look(one.town.now, new Set(['beads']))).toEqual(auditor.look(one.town.now));
});
