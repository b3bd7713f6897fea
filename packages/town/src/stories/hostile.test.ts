import { anything, assert, oneof, property } from 'fast-check';
import { PersonCommand, TOOL_NAMES, TOOLS, type Result } from '@gastown/protocol';
import { describe, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { checkInvariants } from '../invariants.ts';
import { silentPolecat, story, type Story, type TestTown } from '../testing.ts';
import { hostile } from '../testing/hostile.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
/** What takes longer counts as hung. */
vi.setConfig({ testTimeout: Math.max(600_000, RUNS * 30) });
const SEED = Number(process.env.SEED ?? 20_261_126);

/** A town does not live long among such input; then a new one, with the same ids, takes its place. */
const TOWN_LIVES = 60;
/** The Mayor and a polecat: each case is called by both, so a town in which one has no run is done with. */
const ROLES = 2;

/** A town with something of everything: a Mayor in its turn, an agent at work among it. */
function busyTown() {
  const one = story({ polecat: silentPolecat, 'merge.test': () => null }, { check: false });
  const first = one.wish('first');
  one.wish('second', { dependsOn: [first] });
  one.town.must({ kind: 'mayor.tell', text: 'hello' });
  one.runner.work();
  const rows = one.town.rows();
  const ids = Object.values(rows).flatMap((table) => (table as { id: string | number }[]).map((row) => String(row.id)));
  return { ...one, ids };
}
/** An answer is done, or refused with a sentence and nothing written; nothing else is an answer. */
const isAnswer = (result: Result<unknown>, written: number): boolean => result.ok || (result.failure.message.length > 0 && written === 0);
const healthy = ({ sql, now }: TestTown): boolean => checkInvariants(sql, now).length === 0;
const liveRuns = ({ town }: Pick<Story, 'town'>) => town.rows().runs.filter((row) => row.state !== 'ended');
const rolesAtWork = (one: Pick<Story, 'town'>): number => new Set(liveRuns(one).map((run) => run.beadId === null)).size;

/** What became of the cases: `unparsed` did not get past the schema, the others came to the town. */
const tally = () => ({ unparsed: 0, done: 0, refused: 0 });

describe('hostile input', () => {
  test(`${RUNS} hostile commands of a person, made from each command's own schema: an answer each time, nothing damaged (TL-4, I1 to I12)`, () => {
    let { town, ids } = busyTown();
    const commands = oneof(...PersonCommand.options.map((option) => hostile(option, ids)));
    const became = tally();
    assert(
      property(commands, (value) => {
        const parsed = PersonCommand.safeParse(value);
        if (!parsed.success) return void (became.unparsed += 1);
        const renews = (became.done + became.refused) % TOWN_LIVES === TOWN_LIVES - 1;
        const survived = !renews || healthy(town);
        if (renews) ({ town } = busyTown());
        const before = town.sql.counts.rowsWritten;
        const result = town.person(parsed.data, { sealed: 'sealed', hint: 'hint' });
        became[result.ok ? 'done' : 'refused'] += 1;
        expect([survived, isAnswer(result, town.sql.counts.rowsWritten - before)]).toEqual([true, true]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.info(`hostile commands: ${JSON.stringify(became)}`);
    expect(became.unparsed + became.done + became.refused).toBe(RUNS);
    expect(became.done + became.refused).toBeGreaterThan(RUNS / 6);
    expect(Math.min(became.done, became.refused)).toBeGreaterThan(RUNS / 20);
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
  });

  test(`${RUNS} hostile tool calls, by every role: an answer each time, nothing damaged (TL-1 to TL-4)`, () => {
    let one = busyTown();
    const calls = oneof(
      ...TOOL_NAMES.map((tool) => oneof(hostile(TOOLS[tool].args as z.ZodType, one.ids), anything()).map((args) => ({ tool, args }))),
    );
    const became = { mayor: tally(), polecat: tally() };
    let made = 0;
    assert(
      property(calls, ({ tool, args }) => {
        const renews = made % TOWN_LIVES === TOWN_LIVES - 1 || rolesAtWork(one) < ROLES;
        const survived = !renews || healthy(one.town);
        if (renews) one = busyTown();
        made += 1;
        const isParsed = TOOLS[tool].args.safeParse(args ?? {}).success;
        for (const run of liveRuns(one)) {
          const result = one.runner.tool({ runId: run.id, generation: run.generation }, tool, args);
          const role = became[run.beadId === null ? 'mayor' : 'polecat'];
          role[isParsed ? (result.ok ? 'done' : 'refused') : 'unparsed'] += 1;
          expect([survived, isAnswer(result, 0), isParsed || !result.ok]).toEqual([true, true, true]);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.info(`hostile tool calls: ${JSON.stringify(became)}`);
    for (const { unparsed, done, refused } of Object.values(became)) {
      expect(unparsed + done + refused).toBeGreaterThanOrEqual(RUNS);
      expect(done + refused).toBeGreaterThan(RUNS / 5);
      expect(Math.min(done, refused)).toBeGreaterThan(RUNS / 20);
    }
    expect(checkInvariants(one.town.sql, one.town.now)).toEqual([]);
  });
});
