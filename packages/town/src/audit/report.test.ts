import { AuditReport, type BeadId, type ConvoyId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { everything, memorySql, silentPolecat, story } from '../testing.ts';

/** One polecat at work, another bead that waits for its own. */
function atWork() {
  const one = story({ polecat: silentPolecat });
  const first = one.wish('first');
  const second = one.wish('second', { dependsOn: [first] });
  one.runner.work();
  const audit = () => one.town.town.audit(one.town.now);
  return { ...one, first, second, audit };
}

describe('an audit', () => {
  test('of a healthy town finds nothing, and says what was looked at', () => {
    const report = atWork().audit();
    expect(report).toMatchObject({ ok: true, findings: [], left: 0, quarantined: 0, replay: { differences: [], unknown: 0 } });
    expect(AuditReport.omit({ dryRun: true, metrics: true }).parse(report)).toEqual(report);
    expect(report.checks.map(({ check }) => check)).toEqual(expect.arrayContaining(['I1', 'I6', 'I10', 'I14', 'DM-15']));
    expect(report.due[0]).toEqual({ at: report.nextWake, what: expect.stringMatching(/^the lease of run-\w+ ends/) });
  });

  test('writes nothing', () => {
    const { town, audit } = atWork();
    const before = town.sql.counts.rowsWritten;
    audit();
    expect(town.sql.counts.rowsWritten).toBe(before);
  });

  test('explains what it finds: the promise, the ids, since when, what it means, what to do', () => {
    const one = atWork();
    one.town.sql.run(`UPDATE beads SET title = 'another' WHERE id = ?`, one.second);
    const report = one.audit();
    expect(report.ok).toBe(false);
    expect(report.findings).toEqual([
      {
        check: 'I6',
        grade: 'bad',
        found: `${one.second}: title is another, the ledger says second`,
        promise: expect.stringContaining('replays to the tables'),
        means: expect.stringContaining('past the ledger'),
        next: expect.stringContaining('--events'),
        since: expect.objectContaining({ type: 'created', actor: 'Ada', cause: 'bead.create', at: one.town.now }),
        at: one.town.now,
      },
    ]);
    expect(report.checks.find(({ check }) => check === 'I6')).toMatchObject({ found: 1 });
  });

  test('names a change of status once, though two checkers see it', () => {
    const one = atWork();
    one.town.sql.run(`UPDATE beads SET status = 'failed' WHERE id = ?`, one.second);
    expect(one.audit().findings.filter(({ found }) => found.startsWith(one.second) && found.includes('ledger'))).toHaveLength(1);
  });

  test('finds since when by the bead of a run', () => {
    const one = atWork();
    one.town.sql.run('UPDATE runs SET lease_until = NULL');
    expect(one.audit().findings).toMatchObject([{ check: 'I3', since: { type: 'status_changed', cause: 'dispatch' } }]);
  });

  test('notes what waits for a person, and that is not bad', () => {
    const { town } = everything(memorySql());
    const report = town.town.audit(town.now);
    expect(report).toMatchObject({ ok: true, quarantined: 1, effects: { parked: 1 } });
    expect(report.findings.map(({ check, grade }) => `${check} ${grade}`)).toEqual(['RC-9 note', 'I8 note', 'import note']);
    expect(report.findings.at(-1)?.found).toMatch(/^1 line of 1 import could not be taken, the first line 3 of im-[0-9a-f]{8}: is missing/);
  });

  test('a store so damaged that a checker breaks is still told of, by all the others', () => {
    const one = atWork();
    one.town.sql.run('ALTER TABLE spend RENAME TO hidden');
    one.town.sql.run(`UPDATE beads SET title = 'another' WHERE id = ?`, one.second);
    const found = one.audit().findings.map((finding) => finding.found);
    expect(found).toContain(`${one.second}: title is another, the ledger says second`);
    expect(found.filter((message) => /^a checker broke over spend.*no such table/.test(message)).length).toBeGreaterThan(0);
  });
});

test('for a page the ledger of a bead comes newest first and in pages, with that of its merges, and says whether there is more (I6)', () => {
  const one = story();
  const bead = one.wish('landed');
  const other = one.wish('another');
  one.runner.work();
  const merges = one.town.rows().merges.flatMap((merge): string[] => (merge.beadId === bead ? [merge.id] : []));
  const all = one.town.town.snapshot().put.events!.filter(({ beadId }) => beadId === bead || merges.includes(beadId ?? ''));
  const page = (limit: number, before?: number) => one.town.town.beadEvents(bead, { limit, before })!;
  expect(all.length).toBeGreaterThan(4);
  expect(page(all.length)).toEqual({ events: all.toReversed(), earlier: false });
  const first = page(3);
  expect(first).toEqual({ events: all.toReversed().slice(0, 3), earlier: true });
  expect(page(200, first.events.at(-1)!.id)).toEqual({ events: all.toReversed().slice(3), earlier: false });
  expect(page(50).events.map(({ beadId }) => beadId)).not.toContain(other);
  expect(one.town.town.beadEvents('gt-00000000', { limit: 50 })).toBeNull();
});

test('what a page is told of a convoy is what was done to it, and how its beads ended, failed and went on since it was made (I6, CV-11)', () => {
  const one = story({ polecat: silentPolecat });
  const [a, b, other] = ['A', 'B', 'other'].map((title) => one.wish(title)) as [BeadId, BeadId, BeadId];
  const set = (beadId: BeadId, status: 'closed' | 'failed' | 'open') => {
    one.town.now += 1_000;
    one.town.must({ kind: 'bead.set_status', beadId, status });
  };
  set(b, 'failed');
  set(b, 'open');
  one.town.now += 1_000;
  const { convoyId } = one.town.must<{ convoyId: ConvoyId }>({ kind: 'convoy.create', title: 'both', beadIds: [a, b] });
  set(a, 'failed');
  set(a, 'open');
  one.town.must({ kind: 'convoy.pause', convoyId });
  one.town.must({ kind: 'convoy.resume', convoyId });
  set(other, 'closed');
  set(a, 'closed');
  const told = (before?: number) => one.town.town.beadEvents(convoyId, { limit: 50, before })!.events.toReversed();
  expect(told().map(({ type, beadId, after }) => [type, beadId, after].filter(Boolean).join(' '))).toEqual([
    `convoy_created ${convoyId} open`,
    `status_changed ${a} failed`,
    `status_changed ${a} open`,
    `convoy_paused ${convoyId}`,
    `convoy_resumed ${convoyId}`,
    `closed ${a} closed`,
  ]);
  expect(told(told().at(-1)!.id)).toEqual(told().slice(0, -1));
  expect(one.town.town.beadEvents(b, { limit: 50 })!.events.every(({ beadId }) => beadId === b)).toBe(true);
});

test('the timeline of a bead has every event: who, why, from what to what; an unknown bead has none', () => {
  const one = atWork();
  one.town.must({ kind: 'bead.set_status', beadId: one.first, status: 'failed', reason: 'not like this' });
  const line = one.town.town.timeline(one.first)!;
  expect(line).toMatchObject({ id: one.first, title: 'first', status: 'failed' });
  expect(line.events.map(({ before, after, actor, cause }) => [before, after, actor, cause].join(' '))).toEqual([
    ' open Ada bead.create',
    'open in_progress town dispatch',
    'in_progress failed Ada bead.set_status',
  ]);
  expect(line.events.at(-1)?.failure).toMatchObject({ code: 'failed_by_person', message: 'not like this' });
  expect(one.town.town.timeline('gt-00000000')).toBeNull();
});
