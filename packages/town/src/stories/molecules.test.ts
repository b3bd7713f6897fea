import { failure, type BeadId, type NewStep } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { evidence, silentPolecat, story } from '../testing.ts';

const STEPS: NewStep[] = [
  { id: 'design', title: 'Write the design', text: 'One page.' },
  { id: 'code', title: 'Write the code', needs: ['design'] },
  { id: 'docs', title: 'Write the docs', needs: ['design'] },
  { id: 'review', title: 'Read it again', needs: ['code', 'docs'] },
];
function guided() {
  const one = story({ polecat: silentPolecat });
  const beadId = one.wish('Add X');
  one.town.must({ kind: 'molecule.attach', beadId, title: 'Feature', steps: STEPS });
  one.runner.work();
  const [start] = one.runner.starts;
  const advance = (step: string | undefined, summary = 'done', run = start!) =>
    one.runner.tool(run, 'mol_advance', { ...(step && { step }), summary });
  const molecule = () => one.town.rows().molecules[0]!;
  return { ...one, beadId, start: start!, advance, molecule };
}

describe('molecules', () => {
  test('are beads of their type, part of their bead, and travel with the start (DM-1, ML-1)', () => {
    const { town, molecule, beadId, start } = guided();
    expect(molecule()).toMatchObject({ beadId, title: 'Feature', done: 0 });
    expect(town.sql.all(`SELECT type, status, parent_id FROM beads WHERE id = ?`, molecule().id)).toEqual([
      { type: 'molecule', status: 'open', parent_id: beadId },
    ]);
    expect(start.context.molecule).toMatchObject({
      title: 'Feature',
      steps: [{ id: 'design', state: 'ready' }, { id: 'code', state: 'waiting' }, {}, {}],
    });
  });

  test('steps are done in any order that their needs allow; a repeated one is the same and keeps its summary (ML-2, I18)', () => {
    const { advance, molecule } = guided();
    expect(advance('code')).toMatchObject({ ok: false, failure: { code: 'steps_open', details: { open: ['design'] } } });
    expect(advance(undefined, 'first')).toMatchObject({ ok: true, value: { data: { step: 'design', left: ['code', 'docs', 'review'] } } });
    expect(advance('docs')).toMatchObject({ ok: true });
    expect(advance('docs', 'again')).toMatchObject({ ok: true, value: { data: { left: ['code', 'review'] } } });
    expect(molecule()).toMatchObject({ done: 2 });
    expect(molecule().steps.map((step) => [step.id, step.state, step.summary])).toEqual([
      ['design', 'done', 'first'],
      ['code', 'ready', null],
      ['docs', 'done', 'done'],
      ['review', 'waiting', null],
    ]);
    expect(advance('deploy')).toMatchObject({
      ok: false,
      failure: { code: 'unknown_step', message: expect.stringContaining('design, code') },
    });
  });

  test('their state outlives the run: the next one begins where the last stopped', () => {
    const { advance, start, runner } = guided();
    advance('design', 'see DESIGN.md');
    runner.report({ kind: 'run.lost', runId: start.runId, generation: start.generation, failure: failure('agent_crashed') });
    runner.work();
    const next = runner.starts.at(-1)!;
    expect(next.context.molecule?.steps.map((step) => [step.id, step.state, step.summary])).toEqual([
      ['design', 'done', 'see DESIGN.md'],
      ['code', 'ready', null],
      ['docs', 'ready', null],
      ['review', 'waiting', null],
    ]);
    expect(runner.tool(next, 'mol_current', {})).toMatchObject({ ok: true, value: { summary: expect.stringContaining('1 of 4') } });
  });

  test('gt_done with steps open is refused with what is open, and taken with a reason that is written down (ML-2)', () => {
    const { runner, start, bead, beadId, town, molecule } = guided();
    expect(runner.done(start)).toMatchObject({
      ok: false,
      failure: { code: 'steps_open', details: { open: ['design', 'code', 'docs', 'review'] } },
    });
    expect(bead(beadId).status).toBe('in_progress');
    expect(runner.tool(start, 'done', { summary: 'it works', force: 'one line was enough' }, evidence(start))).toMatchObject({ ok: true });
    expect(town.rows().events.some((event) => event.data.stepsOpen === 'one line was enough')).toBe(true);
    runner.work();
    expect(bead(beadId).status).toBe('closed');
    expect(molecule().closedAt).not.toBeNull();
  });

  test('with every step done the molecule closes and the work is handed in', () => {
    const { advance, molecule, runner, start, bead, beadId } = guided();
    for (const step of ['design', 'docs', 'code']) advance(step);
    expect(advance('review')).toMatchObject({ ok: true, value: { summary: expect.stringContaining('gt_done') } });
    expect(molecule().closedAt).not.toBeNull();
    expect(runner.done(start)).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId).status).toBe('closed');
  });

  const attach = (steps: NewStep[]) => {
    const one = story();
    one.town.must({ kind: 'town.pause' });
    return one.town.person({ kind: 'molecule.attach', beadId: one.wish('Add X'), title: 'Feature', steps });
  };
  test.each([
    [
      'the same id twice',
      [
        { id: 'a', title: 'A' },
        { id: 'a', title: 'B' },
      ],
      'invalid_input',
      'steps[1].id',
    ],
    ['a need that is not there', [{ id: 'a', title: 'A', needs: ['z'] }], 'invalid_input', 'there is no step z'],
    [
      'a circle',
      [
        { id: 'a', title: 'A', needs: ['c'] },
        { id: 'b', title: 'B', needs: ['a'] },
        { id: 'c', title: 'C', needs: ['b'] },
      ],
      'dependency_cycle',
      '→',
    ],
    ['a step that needs itself', [{ id: 'a', title: 'A', needs: ['a'] }], 'dependency_cycle', 'a → a'],
  ] satisfies [string, NewStep[], string, string][])('%s is refused with what is wrong', (_name, steps, code, says) => {
    expect(attach(steps)).toMatchObject({ ok: false, failure: { code, message: expect.stringContaining(says) } });
  });

  test('one at a time: a second is refused, after detaching it is taken; work that is over takes none', () => {
    const { town, beadId, wish } = guided();
    const again = { kind: 'molecule.attach', beadId, title: 'Other', steps: [{ title: 'only this' }] } as const;
    expect(town.person({ ...again, steps: [...again.steps] })).toMatchObject({ ok: false, failure: { code: 'molecule_exists' } });
    town.must({ kind: 'molecule.detach', beadId });
    town.must({ ...again, steps: [...again.steps] });
    expect(town.rows().nudges.filter((nudge) => nudge.text.includes('Other'))).toHaveLength(1);
    const over = wish('over');
    town.must({ kind: 'bead.set_status', beadId: over, status: 'closed' });
    expect(town.person({ ...again, beadId: over, steps: [...again.steps] })).toMatchObject({
      ok: false,
      failure: { code: 'illegal_transition' },
    });
    expect(town.person({ ...again, beadId: 'gt-nothing' as BeadId, steps: [...again.steps] })).toMatchObject({
      ok: false,
      failure: { code: 'unknown_bead' },
    });
  });
});
