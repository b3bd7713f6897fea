import { failure, HOME_RUNNER, NO_USAGE } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { memorySql, silentPolecat, story } from '../testing.ts';

const HOUR = 3_600_000;
const MB = 1_000_000;

/** A town that is asked more than it can do does less, and stays well (RC-29); and it stays small (DM-16). */
describe('overload', () => {
  test('what a container says again and again changes nothing after the first time: no row, no revision, no start (RC-29)', () => {
    const one = story({ polecat: silentPolecat });
    one.wish('Add X');
    one.runner.work();
    for (const state of ['running', 'stopped'] as const) {
      const said = { kind: 'container.observed', state, failure: null } as const;
      // It is wanted, so it is started at once: the second time that it is down is the end of that start.
      for (const _ of [1, 2]) one.town.send(said);
      one.town.take();
      const rev = one.town.town.rev();
      const cost = one.town.sql.measure(() => {
        for (let n = 0; n < 477; n += 1) one.town.send(said);
      });
      expect([cost.rowsWritten, one.town.town.rev(), one.town.take()]).toEqual([0, rev, []]);
    }
  });

  test('a container that never comes up is asked ever more rarely: after a quarter of an hour once in five minutes, and nothing else wakes the town (RC-29, PT-11)', () => {
    const one = story({ container: () => ({ state: 'failed', failure: failure('container_failed'), retry: true }) });
    one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
    one.town.send({ kind: 'container.observed', state: 'stopped', failure: null });
    one.wish('Add X');
    one.runner.work();
    one.town.sleep(HOUR / 4, () => one.runner.work());
    const asked = () => one.town.handed.filter(({ effect }) => effect.kind === 'container.start').length;
    const [starts, wakes] = [asked(), one.town.wakes];
    expect(starts).toBeGreaterThan(1);
    one.town.sleep(HOUR, () => one.runner.work());
    expect(asked() - starts).toBeGreaterThan(5);
    expect(asked() - starts).toBeLessThanOrEqual(13);
    expect(one.town.wakes - wakes).toBeLessThanOrEqual(30);
  });

  test('a tick asks the store no more when four times as many beads wait, and hands out no more than there are places (RC-29, RC-16)', () => {
    const tick = (beads: number) => {
      const one = story({ polecat: silentPolecat }, { check: false });
      one.town.must({ kind: 'rig.update', rigId: one.rigId, maxPolecats: 5 });
      for (let n = 0; n < beads; n += 1) one.wish(`bead ${n}`);
      one.runner.work();
      const starts = one.town.handed.filter(({ effect }) => effect.kind === 'run.start').length;
      const { statements, rowsRead } = one.town.sql.measure(() => one.town.send({ kind: 'wake' }));
      return { starts, statements, rowsRead };
    };
    const few = tick(100);
    expect(few.starts).toBe(5);
    expect(tick(400)).toEqual(few);
  });
});

test(
  'a town of 100 rigs and 500 agents keeps a few megabytes, and each bead that landed a few kilobytes: what agents say is not in it (DM-16, WS-12)',
  { timeout: 180_000 },
  () => {
    const store = memorySql();
    const one = story({ polecat: silentPolecat }, { check: false, store });
    const size = (): number =>
      Number(store.all('SELECT page_count * page_size AS it FROM pragma_page_count(), pragma_page_size()')[0]?.['it']);
    one.town.must({ kind: 'town.configure', maxPolecats: 50 });
    const rigs = Array.from({ length: 99 }, (_, n) => one.addRig(`rig-${n}`));
    for (const rigId of [one.rigId, ...rigs]) one.town.must({ kind: 'rig.update', rigId, maxPolecats: 5 });
    const empty = size();
    for (const rigId of [one.rigId, ...rigs]) {
      const already = one.runner.starts.length;
      for (let n = 0; n < 5; n += 1) one.wish(`bead ${n}`, { rigId, body: 'x'.repeat(2_000) });
      one.runner.work();
      for (const start of one.runner.starts.slice(already)) {
        one.town.send({ kind: 'spend', runId: start.runId, usage: { ...NO_USAGE, inputTokens: 9, costMicros: 5 }, model: 'm' });
        one.runner.turn(start, null, null, () => void one.runner.done(start));
      }
      one.runner.work();
    }
    const [{ agents }] = store.all(`SELECT count(*) AS agents FROM agents WHERE role = 'polecat'`) as [{ agents: number }];
    const [{ landed }] = store.all(
      `SELECT count(*) AS landed FROM issues i JOIN beads b ON b.id = i.bead_id WHERE b.status = 'closed'`,
    ) as [{ landed: number }];
    expect([agents, landed]).toEqual([500, 500]);
    console.info(`100 rigs, 500 agents, 500 beads landed: ${size()} bytes, ${Math.round((size() - empty) / landed)} a bead with its agent`);
    expect(size()).toBeLessThan(10 * MB);
    expect((size() - empty) / landed).toBeLessThan(20_000);
  },
);
