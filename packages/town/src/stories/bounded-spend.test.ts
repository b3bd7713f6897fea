import { array, assert, constantFrom, integer, nat, oneof, property, record } from 'fast-check';
import { HOME_RUNNER, NO_USAGE, type RunId, type SpendLevel } from '@gastown/protocol';
import { describe, expect, test, vi } from 'vitest';
import { silentPolecat, story, type Story } from '../testing.ts';

/**
 * I9 over any order of asking, being charged, limiting, stopping and dying: nothing is admitted at a level that is spent, and a level never spends more
 * than its limit and one call of each agent that runs.
 */
const DEAREST = 400;
const LEVELS = ['run', 'bead', 'agent', 'rig', 'town'] as const satisfies readonly SpendLevel[];
type Level = (typeof LEVELS)[number];

interface Call {
  readonly runId: RunId;
  readonly cost: number;
}
/** The door as the town sees it: one call of a run is under way at a time. */
interface Door {
  readonly one: Story;
  readonly calls: Map<RunId, Call>;
  /** What was spent where when its limit was set: a limit cannot undo. */
  readonly before: Map<string, number>;
  most: number;
}
const spentOn = ({ one }: Door, level: Level, id: string): number =>
  Number(one.town.sql.all('SELECT cost_micros AS it FROM spend WHERE kind = ? AND id = ?', level, id)[0]?.['it'] ?? 0);
const limits = ({ one }: Door) =>
  one.town.sql.all('SELECT level, id, hard_micros FROM spend_limits WHERE hard_micros IS NOT NULL') as {
    level: Level;
    id: string;
    hard_micros: number;
  }[];
const live = ({ one }: Door) =>
  one.town.sql.all(`SELECT id, agent_id, bead_id, rig_id, session_id FROM runs WHERE session_id IS NOT NULL ORDER BY rowid`) as Record<
    string,
    string
  >[];

function ask(door: Door, pick: number, cost: number): void {
  const runs = live(door);
  const run = runs[pick % Math.max(1, runs.length)];
  if (!run || door.calls.has(run['id'] as RunId)) return;
  const pass = door.one.town.town.modelPass(run['session_id']!);
  if (!pass.ok) return;
  const own: Record<Level, string> = {
    run: run['id']!,
    bead: run['bead_id']!,
    agent: run['agent_id']!,
    rig: run['rig_id']!,
    town: String(door.one.town.sql.all('SELECT id FROM town')[0]?.['id']),
  };
  /** The limit of its own goes before the one for each. */
  const has = (level: Level) =>
    door.one.town.sql.all('SELECT 1 FROM spend_limits WHERE level = ? AND id = ?', level, own[level]).length > 0;
  const spent = limits(door)
    .filter(({ level, id }) => id === own[level] || (id === '*' && !has(level)))
    .filter(({ level, hard_micros }) => spentOn(door, level, own[level]) >= hard_micros);
  expect(spent).toEqual([]);
  door.calls.set(pass.value.runId, { runId: pass.value.runId, cost });
  door.most = Math.max(door.most, door.calls.size);
}

function charge(door: Door, pick: number): void {
  const call = [...door.calls.values()][pick % Math.max(1, door.calls.size)];
  if (!call) return;
  door.calls.delete(call.runId);
  door.one.town.send({ kind: 'spend', runId: call.runId, usage: { ...NO_USAGE, costMicros: call.cost }, model: 'm' });
}

function limit(door: Door, level: Level, pick: number, hardMicros: number | null): void {
  const runs = live(door);
  const run = runs[pick % Math.max(1, runs.length)];
  if (!run) return;
  const each = (level === 'run' || level === 'bead') && pick % 2 === 0;
  const id = each ? '*' : { run: run['id']!, bead: run['bead_id']!, agent: run['agent_id']!, rig: run['rig_id']!, town: '' }[level];
  door.one.town.person({ kind: 'spend.limit', level, id, hardMicros });
  for (const one of door.one.town.sql.all('SELECT kind, id, cost_micros FROM spend'))
    door.before.set(`${String(one['kind'])} ${String(one['id'])}`, Number(one['cost_micros']));
}

/** At every limit: what was spent is at most the limit, or what was spent when it was set, and the calls that were under way. */
function bounded(door: Door): void {
  for (const { level, id, hard_micros } of limits(door)) {
    const ids = id === '*' ? door.one.town.sql.all('SELECT id FROM spend WHERE kind = ?', level).map((row) => String(row['id'])) : [id];
    for (const own of ids.filter((other) => id !== '*' || !limits(door).some((one) => one.level === level && one.id === other)))
      expect(spentOn(door, level, own)).toBeLessThanOrEqual(
        Math.max(hard_micros, door.before.get(`${level} ${own}`) ?? 0) + Math.max(1, door.most) * DEAREST,
      );
  }
}

const RUNS = Number(process.env.SPEND_RUNS ?? 24);
/** What takes longer counts as hung. */
vi.setConfig({ testTimeout: Math.max(120_000, RUNS * 2_000) });

const step = oneof(
  { weight: 8, arbitrary: record({ kind: constantFrom('ask' as const), pick: nat(20), cost: integer({ min: 1, max: DEAREST }) }) },
  { weight: 6, arbitrary: record({ kind: constantFrom('charge' as const), pick: nat(20) }) },
  {
    weight: 3,
    arbitrary: record({
      kind: constantFrom('limit' as const),
      level: constantFrom(...LEVELS),
      pick: nat(20),
      hard: integer({ min: -400, max: 2_000 }),
    }),
  },
  { weight: 2, arbitrary: record({ kind: constantFrom('work' as const) }) },
  {
    weight: 1,
    arbitrary: record({ kind: constantFrom('stop' as const, 'resume' as const, 'lose' as const, 'pass' as const), pick: nat(20) }),
  },
);

describe('bounded spend', () => {
  test('whatever the order of calls, bills, limits, stops and losses: spend ≤ hard limit + one call of each running agent (I9)', () => {
    assert(
      property(array(step, { minLength: 20, maxLength: 120, size: 'max' }), nat(), (steps, seed) => {
        const one = story({ polecat: silentPolecat }, { seed });
        const far = one.addRig('far');
        for (let n = 0; n < 5; n += 1) one.wish(`bead ${n}`, n % 2 ? { rigId: far } : {});
        one.runner.work();
        const door: Door = { one, calls: new Map(), before: new Map(), most: 0 };
        for (const next of steps) {
          if (next.kind === 'ask') ask(door, next.pick, next.cost);
          if (next.kind === 'charge') charge(door, next.pick);
          if (next.kind === 'limit') limit(door, next.level, next.pick, next.hard < 0 ? null : next.hard);
          if (next.kind === 'work') one.runner.work();
          if (next.kind === 'stop') one.town.must({ kind: 'town.stop' });
          if (next.kind === 'resume') one.town.must({ kind: 'town.resume' });
          if (next.kind === 'pass') one.town.sleep(200_000, () => one.runner.work());
          if (next.kind === 'lose') one.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: one.runner.instance });
          bounded(door);
        }
        while (door.calls.size > 0) charge(door, 0);
        bounded(door);
      }),
      { numRuns: RUNS, seed: Number(process.env.SPEND_SEED ?? 20_261_126) },
    );
  });
});
