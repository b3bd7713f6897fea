import { anything, assert, oneof, property } from 'fast-check';
import { PersonCommand, TOOL_NAMES, TOOLS, type Result } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { checkInvariants } from '../invariants.ts';
import { silentPolecat, story, type TestTown } from '../testing.ts';
import { hostile } from '../testing/hostile.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
const SEED = Number(process.env.SEED ?? 20_261_126);

/** A town does not live long among such commands; then a new one, with the same ids, takes its place. */
const TOWN_LIVES = 60;

/** A town with something of everything, an agent at work among it. */
function busyTown() {
  const one = story({ polecat: silentPolecat, 'merge.test': () => null }, { check: false });
  const first = one.wish('first');
  one.wish('second', { dependsOn: [first] });
  one.runner.work();
  const rows = one.town.rows();
  const ids = Object.values(rows).flatMap((table) => (table as { id: string | number }[]).map((row) => String(row.id)));
  return { ...one, ids };
}
/** An answer is done, or refused with a sentence and nothing written; nothing else is an answer. */
const isAnswer = (result: Result<unknown>, written: number): boolean => result.ok || (result.failure.message.length > 0 && written === 0);
const healthy = ({ sql, now }: TestTown): boolean => checkInvariants(sql, now).length === 0;

describe('hostile input', () => {
  test(`${RUNS} hostile commands of a person, made from each command's own schema: an answer each time, nothing damaged (TL-4, I1 to I12)`, () => {
    let { town, ids } = busyTown();
    const commands = oneof(...PersonCommand.options.map((option) => hostile(option, ids)));
    let taken = 0;
    assert(
      property(commands, (value) => {
        const parsed = PersonCommand.safeParse(value);
        if (!parsed.success) return;
        taken += 1;
        const survived = taken % TOWN_LIVES > 0 || healthy(town);
        if (taken % TOWN_LIVES === 0) ({ town } = busyTown());
        const before = town.sql.counts.rowsWritten;
        const result = town.person(parsed.data, { sealed: 'sealed', hint: 'hint' });
        expect([survived, isAnswer(result, town.sql.counts.rowsWritten - before)]).toEqual([true, true]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(taken).toBeGreaterThan(RUNS / 20);
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
  }, 600_000);

  test(`${RUNS} hostile tool calls, by every role: an answer each time, nothing damaged (TL-1 to TL-4)`, () => {
    const { town, runner, ids } = busyTown();
    town.must({ kind: 'mayor.tell', text: 'hello' });
    runner.work();
    const calls = oneof(
      ...TOOL_NAMES.map((tool) => oneof(hostile(TOOLS[tool].args as z.ZodType, ids), anything()).map((args) => ({ tool, args }))),
    );
    assert(
      property(calls, ({ tool, args }) => {
        for (const run of town.rows().runs.filter((row) => row.state !== 'ended'))
          expect(isAnswer(runner.tool({ runId: run.id, generation: run.generation }, tool, args), 0)).toBe(true);
      }),
      { numRuns: Math.ceil(RUNS / 2), seed: SEED },
    );
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
  }, 600_000);
});
