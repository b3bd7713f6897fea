import type { GateResult } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bad, good, replica, sha, sortedTables, story, type Story } from '../testing.ts';
import { fitted } from './outputs.ts';

const gate = (command: string, output: string): GateResult => ({
  command,
  exitCode: 0,
  timedOut: false,
  durationMs: 1,
  output,
  truncated: false,
});
const passed = (mergeId: string, gates: GateResult[]) =>
  good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(`merge ${mergeId}`), gates, failure: null });

/** So many merges more, all of them long over. */
function olderBy({ town }: Story, count: number): void {
  const columns = 'bead_id, rig_id, run_id, agent_id, branch, target_branch, lane, head_commit, created_at, updated_at';
  town.sql.run(
    `WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ?)
     INSERT INTO merges (id, phase, ${columns}) SELECT printf('mr-%08x', at), 'failed', 'gt-00000000', ${columns.replace('bead_id, ', '')}
     FROM n, (SELECT * FROM merges ORDER BY rowid DESC LIMIT 1)`,
    count,
  );
}

describe('outputs of gates (DM-17)', () => {
  test('share what there is room for: of each that is longer its end stays, and it says so', () => {
    const gates = [gate('short', 'ok'), gate('exact', '12345'), gate('long', '0123456789')];
    expect(fitted(gates, 15)).toEqual([gates[0], gates[1], { ...gates[2], output: '56789', truncated: true }]);
    expect(fitted(gates, 30)).toEqual(gates);
    expect(fitted([], 10)).toEqual([]);
  });

  test('what a merge keeps of its gates fits a row and a frame', () => {
    const gates = Array.from({ length: 20 }, (_, n) => gate(`gate ${n}`, `${'x'.repeat(65_000)}end ${n}`));
    const { wish, runner, mergeOf, bead } = story({ 'merge.test': ({ mergeId }) => passed(mergeId, gates) });
    const id = wish('first');
    runner.work();
    expect(bead(id).status).toBe('closed');
    const kept = mergeOf(id).gates;
    expect(JSON.stringify(kept).length).toBeLessThan(300_000);
    expect(kept.every((one, n) => one.output.endsWith(`end ${n}`) && one.truncated)).toBe(true);
  });

  test('go when the merge is a hundred merges old: its verdicts stay, pages hear of it, and the person is not asked about it again (ES-4, I17)', () => {
    const one = story(
      { 'merge.test': ({ mergeId }) => passed(mergeId, [gate('npm test', 'all well')]), 'merge.land': () => bad('push_refused') },
      { check: false },
    );
    const [id, after] = [one.wish('first'), one.wish('second')];
    one.runner.work();
    for (const { id: escalationId } of one.town.rows().escalations) one.town.must({ kind: 'escalation.acknowledge', escalationId });
    const asked = one.town.rows().escalations;
    expect(asked).toHaveLength(2);
    const kept = one.mergeOf(after).gates;
    olderBy(one, 98);
    const page = replica();
    page.pull(one.town);
    expect(one.mergeOf(id).gates).toEqual([gate('npm test', 'all well')]);
    one.runner.script['merge.land'] = () => null;
    one.wish('third');
    one.runner.work();
    expect(one.mergeOf(id).gates).toEqual([{ ...gate('npm test', ''), truncated: true }]);
    expect(one.mergeOf(after).gates).toEqual(kept);
    expect(one.town.rows().escalations).toEqual(asked);
    page.pull(one.town);
    expect(page.rows()).toEqual(sortedTables(one.town.rows()));
  });

  test('of a merge that is in line again stay, and one whose row cannot be read stops nobody (DM-15)', () => {
    const one = story(
      { 'merge.test': ({ mergeId }) => passed(mergeId, [gate('npm test', 'all well')]), 'merge.land': () => null },
      { check: false },
    );
    const [inLine, after] = [one.wish('first'), one.wish('second', { rigId: one.addRig('lib') })];
    one.runner.work();
    const broken = one.mergeOf(after).id;
    one.town.sql.run(`UPDATE merges SET phase = 'lost', place = NULL WHERE id = ?`, broken);
    olderBy(one, 98);
    const next = [one.wish('third', { rigId: one.addRig('doc') }), one.wish('fourth', { rigId: one.addRig('sdk') })];
    one.runner.work();
    expect(one.mergeOf(inLine).gates).toEqual([gate('npm test', 'all well')]);
    expect(one.town.sql.all('SELECT gates FROM merges WHERE id = ?', broken)[0]?.['gates']).not.toContain('all well');
    expect(next.map((id) => one.bead(id).status)).toEqual(['in_review', 'in_review']);
  });
});
