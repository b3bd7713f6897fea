import { LIMITS, TOOL_NAMES, TOOLS, type BeadId, type ToolName } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { talking } from '../testing/talking.ts';

describe('roles', () => {
  test('each role may call its own tools and no other: the refusal names the right role, writes nothing and asks nobody (TL-1, TL-2)', () => {
    const { mayor, polecat, town } = talking();
    for (const tool of TOOL_NAMES) {
      const roles: readonly string[] = TOOLS[tool].roles;
      for (const [role, call] of [
        ['mayor', mayor],
        ['polecat', polecat],
      ] as const) {
        const answer = call(tool, { nonsense: true });
        const refusal = !answer.ok && answer.failure.code === 'wrong_role' ? answer.failure.message : null;
        expect([tool, role, refusal !== null]).toEqual([tool, role, !roles.includes(role)]);
        expect(refusal ?? roles[0]).toContain(roles[0]!);
      }
    }
    expect(town.rows().runs.filter((run) => run.state === 'working')).toHaveLength(2);
    expect(town.rows().escalations).toEqual([]);
    expect(town.rows().triage).toEqual([]);
  });

  test.each([
    ['bead_fail', { bead_id: 'gt-1' }, 'reason'],
    ['bead_update', { bead_id: 'gt-1', priority: 'urgent' }, 'priority'],
    ['nudge', { to_agent_id: 'Toast', message: 'x' }, 'to_agent_id'],
    ['mail_send', { to_agent_id: 'ag-00000000', subject: '', body: 'x' }, 'subject'],
    ['mol_attach', { bead_id: 'gt-1', title: 'T', steps: [{ title: 'ok' }, { title: 7 }] }, 'steps[1].title'],
    ['mol_attach', { bead_id: 'gt-1', title: 'T', steps: [{ title: 'ok' }, { title: 'no', need: ['step-1'] }] }, 'steps[1].need'],
    ['bead_archive', { bead_ids: 'gt-1' }, 'bead_ids'],
    ['triage_resolve', { triage_id: 'tr-00000000', action: 'DISCARD' }, 'action'],
  ] satisfies [ToolName, unknown, string][])('%s: a wrong value is answered with its field (TL-4)', (tool, args, field) => {
    expect(talking().mayor(tool, args)).toMatchObject({ ok: false, failure: { code: 'invalid_input', details: { field } } });
  });

  test('a step with a field that no step has is answered with those that it may have: left out, it would be another plan', () => {
    const { mayor, beadId, town } = talking();
    const steps = [{ title: 'first' }, { title: 'second', depends_on: ['step-1'], description: 'x' }];
    expect(mayor('mol_attach', { bead_id: beadId, title: 'T', steps })).toMatchObject({
      ok: false,
      failure: {
        code: 'invalid_input',
        message: 'gt_mol_attach: steps[1].depends_on: there is no depends_on, description in a step; it has id, title, text, needs.',
      },
    });
    expect(town.rows().molecules).toEqual([]);
    expect(mayor('mol_attach', { bead_id: beadId, title: 'T', steps: [{ title: 'first' }], why: 'no field of this tool' }).ok).toBe(true);
  });

  test.each(['constructor', '__proto__', 'toString'])('a tool called %s is none (TL-1)', (tool) => {
    expect(talking().mayor(tool as ToolName, {})).toMatchObject({ ok: false, failure: { code: 'unknown_tool' } });
  });

  test('a note of thousands of levels is answered, for whoever walks it would run out of stack; one of sixty is kept (TL-4, MY-6)', () => {
    const { polecat } = talking();
    const nested = (levels: number) => JSON.parse(`{"data":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`) as unknown;
    expect(polecat('checkpoint', nested(3_000))).toMatchObject({
      ok: false,
      failure: { code: 'invalid_input', details: { field: 'data.a' } },
    });
    expect(polecat('checkpoint', nested(60))).toMatchObject({ ok: true });
  });

  test('a note is no longer than the first prompt of whoever goes on can hold, however short it was sent (TL-4, DM-17)', () => {
    const { polecat, mayor } = talking();
    const most = LIMITS.noteCharacters.value;
    // 1e20 are four characters that become twenty-one.
    const numbers = JSON.parse(`{"a":[${Array.from({ length: most / 20 }, () => '1e20').join(',')}]}`) as object;
    const refused = (field: string) => ({
      ok: false,
      failure: {
        code: 'invalid_input',
        message: expect.stringContaining(`${field}: must have at most ${most} characters as JSON`) as string,
      },
    });
    expect(polecat('checkpoint', { data: numbers })).toMatchObject(refused('data'));
    expect(polecat('checkpoint', { data: { a: 'x'.repeat(most) } })).toMatchObject(refused('data'));
    expect(polecat('checkpoint', { data: { a: 'x'.repeat(most - 20) } })).toMatchObject({ ok: true });
    expect(mayor('escalate', { severity: 'low', category: 'help', message: 'm', metadata: numbers })).toMatchObject(refused('metadata'));
  });

  test('the same call again, after a lost answer, does nothing twice (TL-3)', () => {
    const { town, runner, agent, mayor } = talking();
    const start = runner.starts.find((one) => one.context.agent.role === 'mayor')!;
    const again = () =>
      town.send(
        {
          kind: 'tool',
          runId: start.runId,
          generation: start.generation,
          tool: 'mail_send',
          args: { to_agent_id: agent('Toast').id, subject: 'HELP', body: 'once' },
          evidence: null,
        },
        'the-same-call',
        { kind: 'runner', instance: runner.instance },
      );
    expect(again()).toEqual(again());
    expect(town.rows().mail).toHaveLength(1);
    expect(mayor('ready', {}).ok).toBe(true);
  });

  test('reading tools write nothing but the sign of life of their run', () => {
    const { town, mayor, polecat } = talking();
    for (const [call, tool] of [
      [mayor, 'ready'],
      [mayor, 'list_beads'],
      [polecat, 'mol_current'],
      [polecat, 'prime'],
    ] as const)
      expect(town.sql.measure(() => call(tool, {})).rowsWritten).toBe(0);
  });
});

describe('what the Mayor does to beads', () => {
  test('bead_update edits and moves as a person would: whoever works on it is told, and the ledger names the Mayor (ST-14)', () => {
    const { mayor, bead, beadId, town, runsOf } = talking();
    expect(mayor('bead_update', { bead_id: beadId, title: 'Add Y', priority: 'high', labels: ['ui'] })).toMatchObject({ ok: true });
    expect(bead(beadId)).toMatchObject({ title: 'Add Y', priority: 'high', labels: ['ui'], status: 'in_progress' });
    expect(town.rows().nudges.some((nudge) => nudge.source === 'mayor' && nudge.text.includes('Add Y'))).toBe(true);
    expect(mayor('bead_update', { bead_id: beadId, status: 'closed' })).toMatchObject({ ok: true });
    expect(runsOf(beadId)[0]).toMatchObject({ state: 'ended', endReason: 'stopped' });
    expect(mayor('bead_update', { bead_id: beadId, status: 'open' })).toMatchObject({ ok: true });
    const reopened = town.rows().events.findLast((event) => event.beadId === beadId && event.before === 'closed');
    expect(reopened).toMatchObject({ after: 'open', data: { byHand: true } });
    expect(mayor('bead_update', { bead_id: beadId })).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
    expect(mayor('bead_update', { bead_id: beadId, status: 'failed' })).toMatchObject({ ok: false, failure: { code: 'invalid_input' } });
  });

  test('what was to be done already is told as that, and the ledger has nothing of it (I6)', () => {
    const { mayor, beadId, wish, town } = talking();
    town.must({ kind: 'town.pause' });
    const fresh = wish('fresh');
    const events = () => town.rows().events.length;
    const before = events();
    expect(mayor('bead_update', { bead_id: beadId, title: 'Add X' })).toMatchObject({
      value: { summary: `${beadId} says that already: nothing was to be done.` },
    });
    expect(mayor('dispatch_reset', { bead_id: fresh })).toMatchObject({
      value: { summary: `Nothing of ${fresh} failed: nothing was to be done. The town is paused.` },
    });
    expect(events()).toBe(before);
    expect(mayor('bead_update', { bead_id: beadId, title: 'Add Y' })).toMatchObject({ value: { summary: `${beadId} is changed.` } });
  });

  test('bead_fail gives up with the reason and its source; what is over stays (FR-1)', () => {
    const { mayor, bead, beadId } = talking();
    expect(mayor('bead_fail', { bead_id: beadId, reason: 'not needed' })).toMatchObject({ ok: true });
    expect(bead(beadId)).toMatchObject({ status: 'failed', failure: { code: 'failed_by_mayor', message: 'not needed', source: 'mayor' } });
    expect(mayor('bead_fail', { bead_id: beadId, reason: 'again' })).toMatchObject({ ok: false, failure: { code: 'illegal_transition' } });
  });

  test('bead_reassign takes it from its agent; the one named gets it when it is free', () => {
    const { mayor, bead, beadId, wish, runner, agent, town } = talking();
    const other = wish('other');
    runner.work();
    town.must({ kind: 'bead.set_status', beadId: other, status: 'closed' });
    expect(mayor('bead_reassign', { bead_id: beadId, agent_id: agent('Maple').id })).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', assigneeId: agent('Maple').id });
    expect(mayor('bead_reassign', { bead_id: beadId })).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId).assigneeId).not.toBe(agent('Maple').id);
    expect(mayor('bead_reassign', { bead_id: beadId, agent_id: agent('Mayor').id })).toMatchObject({
      ok: false,
      failure: { code: 'invalid_input' },
    });
    expect(mayor('bead_reassign', { bead_id: other })).toMatchObject({ ok: false, failure: { code: 'illegal_transition' } });
  });

  test('dependencies, archive and ready', () => {
    const { mayor, wish, bead, town } = talking();
    town.must({ kind: 'town.pause' });
    const [first, second] = [wish('first'), wish('second')];
    expect(mayor('bead_add_dependency', { bead_id: second, depends_on_bead_id: first })).toMatchObject({ ok: true });
    expect(mayor('bead_add_dependency', { bead_id: first, depends_on_bead_id: second })).toMatchObject({
      ok: false,
      failure: { code: 'dependency_cycle' },
    });
    const ready = () => (mayor('ready', {}) as { value: { data: { bead_id: BeadId }[] } }).value.data.map((row) => row.bead_id);
    expect(ready()).toEqual([first]);
    mayor('bead_remove_dependency', { bead_id: second, depends_on_bead_id: first });
    expect(ready().toSorted()).toEqual([first, second].toSorted());
    expect(mayor('bead_archive', { bead_ids: [first] })).toMatchObject({ ok: false, failure: { code: 'illegal_transition' } });
    mayor('bead_update', { bead_id: first, status: 'closed' });
    expect(mayor('bead_archive', { bead_ids: [first] })).toMatchObject({ ok: true });
    expect(bead(first).archivedAt).not.toBeNull();
    expect(mayor('bead_unarchive', { bead_ids: [first] })).toMatchObject({ ok: true });
    expect(bead(first).archivedAt).toBeNull();
  });

  test('agent_reset puts the bead back in line and to another agent; not the Mayor itself (AG-20, MY-17)', () => {
    const { mayor, bead, beadId, agent, runner, town } = talking();
    expect(mayor('agent_reset', { agent_id: agent('Toast').id })).toMatchObject({ ok: true });
    runner.work();
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    expect(bead(beadId).assigneeId).not.toBe(agent('Toast').id);
    expect(agent('Toast')).toMatchObject({ status: 'exited', beadId: null });
    expect(town.handed.filter((due) => due.effect.kind === 'run.stop')).toHaveLength(1);
    expect(mayor('agent_reset', { agent_id: agent('Mayor').id })).toMatchObject({ ok: false, failure: { code: 'forbidden' } });
  });

  test('escalation_acknowledge closes (MY-17, ES-4)', () => {
    const { mayor, polecat, town } = talking();
    polecat('escalate', { severity: 'low', category: 'help', message: 'How?' });
    const [asked] = town.rows().escalations;
    expect(mayor('escalation_acknowledge', { escalation_id: asked!.id, note: 'like this' })).toMatchObject({ ok: true });
    expect(town.rows().escalations[0]).toMatchObject({ acknowledgedBy: 'mayor' });
  });

  test('dispatch_reset tries a failed bead anew, and without one ends every wait for failed starts (MY-17, RC-33)', () => {
    const { mayor, bead, beadId, runner, wish, town, runsOf } = talking();
    mayor('bead_fail', { bead_id: beadId, reason: 'x' });
    expect(mayor('dispatch_reset', { bead_id: beadId })).toMatchObject({ ok: true });
    expect(bead(beadId)).toMatchObject({ status: 'in_progress', attempts: 0 });
    const works = runner.script['run.start'];
    runner.script['run.start'] = () => ({ state: 'failed', failure: { code: 'setup_failed', message: 'no space' }, retry: true });
    const waits = wish('waits');
    runner.work();
    expect(bead(waits).wait?.code).toBe('retry_later');
    runner.script['run.start'] = works;
    expect(mayor('dispatch_reset', {})).toMatchObject({ ok: true, value: { data: { beads: expect.any(Number) } } });
    runner.work();
    expect(runsOf(waits).at(-1)).toMatchObject({ state: 'working' });
    expect(town.rows().town[0]?.dispatchHeld).toBeNull();
  });
});

test('bead_close closes a part of one’s own bead, and no other (TL-1)', () => {
  const { polecat, beadId, wish, town, rigId, bead } = talking();
  town.must({ kind: 'town.pause' });
  const { beadId: part } = town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title: 'part', parentId: beadId });
  const stranger = wish('stranger');
  expect(polecat('bead_close', { bead_id: beadId })).toMatchObject({
    ok: false,
    failure: { code: 'forbidden', message: expect.stringContaining('gt_done') },
  });
  expect(polecat('bead_close', { bead_id: stranger })).toMatchObject({ ok: false, failure: { code: 'forbidden' } });
  expect(polecat('bead_close', { bead_id: part, note: 'was easy' })).toMatchObject({ ok: true });
  expect(polecat('bead_close', { bead_id: part })).toMatchObject({ ok: true });
  expect(bead(part).status).toBe('closed');
});
