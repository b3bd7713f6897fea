import { TOOL_NAMES, toolLabel } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { COMMAND_KINDS } from './people/wishes.ts';
import { planOf, replicaPlan } from './plan.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { storyOf, testOf } from './story.ts';

/** What must have happened first happens seldom: parked effects, quarantined input, requests of patrols, a person's eye for a member of a convoy,
 * an agent's for a part of its own bead. */
const SELDOM =
  /^(effect|quarantine|triage)\.|^gt_triage_|^gt_bead_close|^merge\.retry|^molecule\.detach|^(convoy\.|gt_convoy_)(remove|archive|close|add)/;

describe('the simulator', () => {
  test('the same plan is the same run, step for step', () => {
    const first = simulate(planOf(7, 300), { telling: true });
    const again = simulate(planOf(7, 300), { telling: true });
    expect(again).toEqual(first);
    expect(simulate(planOf(8, 300)).commands).not.toBe(first.commands);
  });

  test('people give every command and agents call every tool, and what needs no luck is accepted at some time', () => {
    const accepted = new Set<string>();
    const tried = new Set<string>();
    const wanted = [...COMMAND_KINDS, ...TOOL_NAMES.map(toolLabel)];
    const missing = (): string[] => wanted.filter((one) => !tried.has(one) || (!accepted.has(one) && !SELDOM.test(one)));
    const busy = {
      steps: 1_000,
      people: 4,
      browsers: 0,
      rigs: 2,
      pauseMs: 4_000,
      rates: { 'people.delete_the_town': 0, 'agent.wrong_tools': 0.3 },
    };
    for (let seed = 1; seed <= 120 && missing().length > 0; seed += 1) {
      const ran = simulate({ seed, ...busy });
      for (const one of ran.accepted.keys()) accepted.add(one);
      for (const one of [...ran.accepted.keys(), ...ran.refused.keys()]) tried.add(one);
    }
    expect(missing()).toEqual([]);
  });

  test('a dozen stormy towns keep every invariant and come to rest (I1–I14, I16–I18, RC-28, P7)', () => {
    const broken = Array.from({ length: 12 }, (_, at) => simulate(planOf(1_000 + at, 300))).flatMap(({ plan, violation }) =>
      violation ? [{ seed: plan.seed, ...violation }] : [],
    );
    expect(broken).toEqual([]);
  });

  test('pages that are cut and come back show what the town shows (I17)', () => {
    const broken = Array.from({ length: 5 }, (_, at) => simulate(replicaPlan(2_000 + at, 200))).flatMap(({ plan, violation }) =>
      violation ? [{ seed: plan.seed, ...violation }] : [],
    );
    expect(broken).toEqual([]);
  });

  test('a failing run is made small and still breaks the same rule, and its story ends with that rule', () => {
    const first = simulate({ ...planOf(3, 300), plant: 'blocked_for_ever' });
    expect(first.violation?.invariant).toBe('I12');
    const { ran } = shrink(first, 200);
    expect(ran.violation?.invariant).toBe('I12');
    expect(ran.plan.steps).toBeLessThan(first.plan.steps);
    expect(ran.occurred.length).toBeLessThanOrEqual(first.occurred.length);
    const story = storyOf(simulate(ran.plan, { telling: true }));
    expect(story).toContain('gt_done');
    expect(story.trim().split('\n').at(-1)).toContain('BROKEN I12');
    expect(testOf(ran)).toContain('"seed":3');
  });
});
