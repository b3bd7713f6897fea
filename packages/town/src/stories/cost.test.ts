import { NO_USAGE } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { Sql } from '../api.ts';
import { PERSON, readyIds, silentPolecat, story } from '../testing.ts';

/** Work is asserted, not time: what a bead's life and a tick without work cost the store. */
describe('cost', () => {
  test('a whole life of a bead changes at most 60 rows and asks at most 25 times a step on the average, 60 in any, once its polecat exists (P4)', () => {
    const { wish, runner, bead, town } = story({}, { check: false });
    let id = wish('warm up');
    runner.work();
    const steps: number[] = [];
    const counted = <T>(work: () => T): T => {
      let value: T | undefined;
      steps.push(town.sql.measure(() => void (value = work())).statements);
      return value as T;
    };
    const { send, take } = town;
    town.send = (...said) => counted(() => send(...said));
    town.take = () => counted(take);
    const cost = town.sql.measure(() => {
      id = wish('Add X');
      runner.work();
    });
    expect(bead(id).status).toBe('closed');
    console.info(`a bead's life in ${steps.length} steps: ${JSON.stringify(cost)}, statements of each: ${steps.join()}`);
    expect(cost.rowsWritten).toBeLessThanOrEqual(60);
    expect(cost.statements / steps.length).toBeLessThanOrEqual(25);
    expect(Math.max(...steps)).toBeLessThanOrEqual(60);
  });

  test('a command that a person says asks its store at most 28 times, its share of the shell included (P5)', () => {
    const { wish, town, rigId } = story({}, { check: false });
    town.must({ kind: 'town.pause' });
    const beadId = wish('one');
    for (const command of [
      { kind: 'bead.create', rigId, title: 'two' },
      { kind: 'bead.update', beadId, priority: 'high' },
    ] as const) {
      const { statements } = town.sql.measure(() => {
        town.send({ kind: 'person', command, secret: null }, `key of ${command.kind}`, PERSON);
        town.take();
        town.town.nextWake();
      });
      console.info(`${command.kind}: ${statements} statements`);
      expect(statements).toBeLessThanOrEqual(28);
    }
  });

  test('one model call writes at most eight rows (P4)', () => {
    const { wish, runner, town } = story({ polecat: silentPolecat }, { check: false });
    wish('Add X');
    runner.work();
    const cost = town.sql.measure(() =>
      town.send({ kind: 'spend', runId: runner.starts[0]!.runId, usage: { ...NO_USAGE, costMicros: 5 }, model: 'm' }, 'key-of-the-call'),
    );
    expect(cost.rowsWritten).toBeLessThanOrEqual(8);
  });

  test('a tick with nothing to do reads at most 50 rows and writes none, however large the town is', () => {
    const { wish, runner, town, rigId, addRig } = story({ polecat: silentPolecat }, { check: false });
    const rigs = [rigId, ...Array.from({ length: 9 }, (_, n) => addRig(`rig${n}`))];
    town.must({ kind: 'town.configure', maxPolecats: 5 });
    for (let n = 0; n < 500; n += 1) wish(`bead ${n}`, { rigId: rigs[n % rigs.length]! });
    runner.work();
    const cost = town.sql.measure(() => town.send({ kind: 'wake' }));
    console.info(`a tick without work, 500 beads waiting in 10 rigs: ${JSON.stringify(cost)}`);
    expect(cost.rowsRead).toBeLessThanOrEqual(50);
    expect(cost.rowsWritten).toBe(0);
    const idle = story({}, { check: false });
    idle.runner.work();
    const nothing = idle.town.sql.measure(() => idle.town.send({ kind: 'wake' }));
    console.info(`a tick without work, empty town: ${JSON.stringify(nothing)}`);
    expect(nothing.rowsRead).toBeLessThanOrEqual(20);
  });

  test('ready work is read in the order of its index, and nothing is sorted: a row for each bead that is given (P1)', () => {
    const { wish, town } = story({}, { check: false });
    town.must({ kind: 'town.pause' });
    wish('one');
    for (const order of ['newest', 'oldest'] as const) {
      town.sql.texts.clear();
      expect(readyIds(town.sql, order, 10)).toHaveLength(1);
      expect(planOf(town.sql, [...town.sql.texts][0]!)).toEqual([`SCAN beads USING INDEX beads_${order}`]);
    }
  });

  test('no statement of a command or a rule walks through a whole table that grows', () => {
    const { wish, runner, town } = story({}, { check: false });
    town.sql.texts.clear();
    const first = wish('one');
    wish('two', { dependsOn: [first] });
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    town.sleep(3_600_000, () => runner.work());
    const seen = [...town.sql.texts];
    expect(seen.length).toBeGreaterThan(50);
    expect(seen.flatMap((text) => walks(town.sql, text))).toEqual([]);
    expect(walks(town.sql, 'SELECT id FROM beads WHERE title = ?')).toHaveLength(1);
  });
});

const planOf = (sql: Sql, text: string): string[] =>
  sql.all(`EXPLAIN QUERY PLAN ${text}`, ...Array<null>(text.split('?').length - 1).fill(null)).map((step) => String(step.detail));

/** The steps of a statement's plan that read a growing table from end to end. By rowid with a LIMIT, or over an index made for it, is fine. */
function walks(sql: Sql, text: string): string[] {
  if (!/^\s*(SELECT|UPDATE|DELETE|WITH)/.test(text) || /\bLIMIT \?/.test(text)) return [];
  return planOf(sql, text)
    .filter((detail) => /^SCAN (beads|issues|runs|merges|nudges|bead_events|spend|keys|escalations|dependencies)\b/.test(detail))
    .filter((detail) => !detail.includes('USING'))
    .map((detail) => `${detail}: ${text}`);
}

test('what the shell asks often costs one statement, however large the town is', () => {
  const { wish, runner, town } = story({}, { check: false });
  wish('Add X');
  runner.work();
  const [mayor] = town.rows().agents;
  const cost = town.sql.measure(() => {
    expect(town.town.agentExists(mayor!.id)).toBe(true);
    expect(town.town.agentExists('ag-00000000')).toBe(false);
    expect(town.town.agentIds()).toHaveLength(town.rows().agents.length);
    expect(town.town.models().map(({ model }) => model)).toEqual(['scripted-1']);
  });
  const without = town.sql.measure(() => town.rows());
  expect(cost.statements - without.statements).toBe(4);
});

test('the place of a new bead in a long line is counted only so far, and the line is not walked', () => {
  const { wish, town, rigId } = story({}, { check: false });
  town.must({ kind: 'town.pause' });
  for (let n = 0; n < 300; n += 1) {
    town.now += 1;
    wish(`bead ${n}`);
  }
  town.now += 1;
  expect(town.must({ kind: 'bead.create', rigId, title: 'first of all', priority: 'critical' })).toMatchObject({ ahead: 0 });
  expect(town.must({ kind: 'bead.create', rigId, title: 'the last' })).toMatchObject({ ahead: 200 });
});
