import { HOME_RUNNER, Snapshot } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { openTown } from '../town.ts';
import { checkInvariants } from '../invariants.ts';
import { silentPolecat, story } from '../testing.ts';

const BROKEN = '{"code":';

/** A town at work in which rows of one table were damaged, and what it said of them. */
function damaged(...statements: string[]) {
  const one = story({ polecat: silentPolecat, 'merge.test': () => null }, { check: false });
  const first = one.wish('first');
  one.runner.work();
  one.runner.done(one.runner.starts[0]!);
  const second = one.wish('second');
  const third = one.wish('third');
  one.runner.work();
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  const told: string[] = [];
  one.town.sql.unreadable = (finding) => void told.push(finding);
  for (const statement of statements)
    one.town.sql.run(
      statement.replaceAll('$broken', `'${BROKEN}'`).replaceAll('$first', `'${first}'`).replaceAll('$second', `'${second}'`),
    );
  return { ...one, first, second, third, told };
}

describe('a row that cannot be read is skipped, told, and stalls nothing (DM-15)', () => {
  test.each([
    ['a bead', 'UPDATE beads SET labels = $broken WHERE id = $second'],
    ['a bead of an unknown status', `UPDATE beads SET status = 'lost' WHERE id = $second`],
    ['its issue', 'UPDATE issues SET failure = $broken WHERE bead_id = $second'],
    ['a live run', 'UPDATE runs SET failure = $broken WHERE bead_id = $second'],
    ['a run of an unknown state', `UPDATE runs SET state = 'lost' WHERE bead_id = $second`],
    ['a queued merge', 'UPDATE merges SET gates = $broken'],
    ['an effect', 'UPDATE outbox SET failure = $broken'],
    ['an event', 'UPDATE bead_events SET data = $broken WHERE bead_id = $second'],
  ])('%s', (_name, damage) => {
    const { runner, town, told, bead, third, wish, rigId } = damaged(damage);
    expect(checkInvariants(town.sql, town.now).map((finding) => finding.invariant)).toContain('DM-15');
    runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
    town.must({ kind: 'town.pause' });
    town.must({ kind: 'town.resume' });
    town.sleep(600_000, () => runner.work());
    const after = wish('after the damage', { rigId });
    runner.work();
    town.sleep(600_000, () => runner.work());
    expect(bead(after).status).not.toBe('open');
    expect(bead(third).status).not.toBe('open');
    expect(Snapshot.safeParse(town.town.snapshot()).success).toBe(true);
    expect(told.length).toBeGreaterThan(0);
    expect(told.join('\n')).not.toContain(BROKEN);
    expect(() => openTown(town.sql)).not.toThrow();
  });
});

describe('a row of which there is one cannot be skipped: the doctor names it and its column, and what is in it is kept (DM-15, RC-23)', () => {
  test.each([
    ['town', 'patrols', 'UPDATE town SET patrols = $broken'],
    ['link', 'agent_kinds', 'UPDATE links SET agent_kinds = $broken'],
    ['container', 'failure', 'UPDATE container SET failure = $broken'],
    ['breaker', 'recent', 'UPDATE breaker SET recent = $broken'],
  ])('%s', (name, column, damage) => {
    const { town } = damaged(damage);
    const report = town.town.audit(town.now);
    expect(report).toMatchObject({ ok: false, town: { id: expect.stringMatching(/.+/), name: expect.stringMatching(/.+/) } });
    const named = report.findings.filter(({ check, found }) => check === 'DM-15' && found.startsWith(`${name}, without which`));
    expect(named).toMatchObject([{ found: expect.stringContaining(column) }]);
    expect(JSON.stringify(report)).not.toContain(BROKEN);
  });
});

test('a runner that the town gave up and that comes back after all is heard again (I18)', () => {
  const { wish, runner, town, bead } = story({ polecat: silentPolecat });
  wish('first');
  runner.work();
  const said = runner.seq;
  expect(said).toBeGreaterThan(1);
  town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
  town.sleep(120_000);
  expect(town.rows().town[0]?.runnerConnected).toBe(false);
  runner.hello();
  runner.seq = said;
  expect(runner.report({ kind: 'renew', runs: [] })).toMatchObject({ ok: true });
  const skipped = town.report(runner.instance, said + 9, { kind: 'renew', runs: [] });
  expect(skipped).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
  runner.script.polecat = (r, start) => r.turn(start, null, null, () => void r.done(start));
  const second = wish('second');
  runner.work();
  expect(bead(second).status).toBe('closed');
});

test('a rig that cannot be read is still one of the town: no runner forgets its code', () => {
  const one = damaged('UPDATE rigs SET gates = $broken');
  expect(one.town.town.rigIds()).toEqual([one.rigId]);
});
