import type { BeadId, BeadType, ConvoyId, MailId, ToolAnswer, ToolName } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { evidence } from '../testing.ts';
import { talking } from '../testing/talking.ts';

type Talk = ReturnType<typeof talking>;
type Read = Record<string, unknown>;

function mayorGets(one: Talk, tool: ToolName, args: unknown): ToolAnswer {
  const answer = one.mayor(tool, args);
  if (!answer.ok) throw new Error(`${tool}: ${answer.failure.message}`);
  return answer.value as ToolAnswer;
}
const data = (answer: ToolAnswer, key: string): string => String((answer.data as Read)[key]);
const idsOf = (answer: ToolAnswer): string[] => (answer.data as Read[]).map((row) => String(row['bead_id']));

/** How each type is made, by its own tool; a triage request by its patrol. `about`: what it is about. */
interface Made {
  readonly id: string;
  readonly title: string;
  readonly about: string | null;
}
const MADE: Record<BeadType, (one: Talk) => Made> = {
  issue: (one) => ({
    id: data(mayorGets(one, 'sling', { rig_id: one.rigId, title: 'Add Y' }), 'bead_id'),
    title: 'Add Y',
    about: null,
  }),
  message: (one) => ({
    id: data(
      mayorGets(one, 'mail_send', { to_agent_id: one.polecatId, subject: 'HELP', body: 'look' }),
      'mail_id',
    ) satisfies string as MailId,
    title: 'HELP',
    about: one.polecatId,
  }),
  merge_request: (one) => {
    const start = one.runner.starts.find((run) => run.context.bead?.id === one.beadId)!;
    const done = one.runner.tool(start, 'done', { summary: 'it is done' }, evidence(start));
    return { id: done.ok ? data(done.value as ToolAnswer, 'merge_id') : '', title: 'Add X', about: one.beadId };
  },
  escalation: (one) => {
    const asked = one.polecat('escalate', { severity: 'low', category: 'help', message: 'Which colour?' });
    return { id: asked.ok ? data(asked.value as ToolAnswer, 'escalation_id') : '', title: 'Which colour?', about: one.beadId };
  },
  convoy: (one) => ({
    id: data(
      mayorGets(one, 'sling_batch', { rig_id: one.rigId, convoy_title: 'Three', tasks: [{ title: 'one' }] }),
      'convoy_id',
    ) satisfies string as ConvoyId,
    title: 'Three',
    about: null,
  }),
  agent: (one) => ({ id: one.polecatId, title: 'Toast', about: one.beadId }),
  molecule: (one) => {
    mayorGets(one, 'mol_attach', { bead_id: one.beadId, title: 'the way', steps: [{ title: 'plan' }] });
    return { id: one.town.rows().molecules[0]!.id, title: 'the way', about: one.beadId };
  },
  triage_request: (one) => {
    one.town.must({ kind: 'town.configure', patrols: { silenceNudgeMs: 60_000, silenceWarnMs: 61_000, silenceEscalateMs: 62_000 } });
    one.town.sleep(80_000, () => one.runner.work());
    const [request] = one.town.rows().triage;
    return { id: request!.id, title: request!.message, about: one.beadId };
  },
};
const TYPES = Object.keys(MADE) as BeadType[];

describe('every type of bead is read by the same tools, answer and command (DM-1)', () => {
  test.each(TYPES)('%s: listed by its type, read by its id, with state, title, times, rig and what it is about', (type) => {
    const one = talking();
    const { id, title, about } = MADE[type](one);
    const listed = mayorGets(one, 'list_beads', { type });
    expect(idsOf(listed)).toContain(id);
    const row = (listed.data as Read[]).find((bead) => bead['bead_id'] === id)!;
    const said = { bead_id: id, type, title, about, closed_at: null, created_at: expect.any(Number) };
    const rig_id = type === 'convoy' ? row['rig_id'] : one.rigId;
    const status = type === 'issue' || type === 'merge_request' ? 'in_progress' : 'open';
    expect(row).toMatchObject({ ...said, status, rig_id });
    const read = mayorGets(one, 'bead_status', { bead_id: id });
    const { priority: _priority, ...same } = row;
    expect(read.data).toMatchObject(same);
    expect(read.summary).toContain(`"${title}"`);
    const answer = one.town.town.bead(id)!;
    expect(answer.bead).toMatchObject({ id, type, title, status: row['status'], createdAt: row['created_at'], rigId: row['rig_id'] });
    expect(answer.about?.id ?? null).toBe(about);
    /** What is no work stays out of the replica's table of work. */
    expect(one.town.rows().beads.some((bead) => bead.id === id)).toBe(type === 'issue');
  });

  test('a list of one type has no other', () => {
    const one = talking();
    for (const type of TYPES.filter((type) => type !== 'merge_request' && type !== 'triage_request')) MADE[type](one);
    for (const type of TYPES) {
      const types = (mayorGets(one, 'list_beads', { type }).data as Read[]).map((row) => row['type']);
      expect(new Set(types)).toEqual(new Set(types.length > 0 ? [type] : []));
    }
  });

  test('one that is over says when; what does not exist is refused', () => {
    const one = talking();
    const { id } = MADE.escalation(one);
    mayorGets(one, 'escalation_acknowledge', { escalation_id: id });
    expect(mayorGets(one, 'bead_status', { bead_id: id }).data).toMatchObject({ status: 'closed', closed_at: one.town.now });
    expect(idsOf(mayorGets(one, 'list_beads', { type: 'escalation', status: 'open' }))).toEqual([]);
    for (const [tool, args] of [
      ['bead_status', { bead_id: 'es-00000000' }],
      ['list_beads', { before: 'es-00000000' }],
    ] as const)
      expect(one.mayor(tool, args)).toMatchObject({ ok: false, failure: { code: 'unknown_bead' } });
    expect(one.town.town.bead('es-00000000')).toBeNull();
  });
});

describe('a list of beads', () => {
  /** A town with a failed bead that more than a thousand beads came after. */
  function long() {
    const one = talking({ check: false });
    one.town.must({ kind: 'town.pause' });
    const old = one.wish('old');
    mayorGets(one, 'bead_fail', { bead_id: old, reason: 'not needed' });
    const elsewhere = one.addRig('lib');
    const there = one.wish('there', { rigId: elsewhere });
    const text = Array.from({ length: 1_200 }, (_, at) => JSON.stringify({ id: `bd-${at}`, title: `bead ${at}`, priority: 2 })).join('\n');
    one.town.must({ kind: 'beads.import', rigId: one.rigId, text });
    return { ...one, old, elsewhere, there };
  }
  const one = long();

  test('shows what is old, however much came after it', () => {
    expect(idsOf(mayorGets(one, 'list_beads', { status: 'failed' }))).toEqual([one.old]);
    expect(idsOf(mayorGets(one, 'list_beads', { rig_id: one.elsewhere }))).toEqual([one.there]);
    expect(idsOf(mayorGets(one, 'list_beads', { rig_id: one.rigId, status: 'failed' }))).toEqual([one.old]);
  });

  test('goes on where it ended, and says whether there is more: each bead once, the newest first', () => {
    const seen: string[] = [];
    let before: BeadId | undefined;
    for (let pages = 0; pages < 40; pages += 1) {
      const answer = mayorGets(one, 'list_beads', { limit: 33, ...(before && { before }) });
      const ids = idsOf(answer);
      seen.push(...ids);
      before = ids.at(-1) as BeadId;
      if (!answer.summary.includes('there are more')) break;
      expect(ids).toHaveLength(33);
      expect(answer.summary).toContain(`before ${before}`);
    }
    const all = one.town.sql.all(`SELECT id FROM beads WHERE type = 'issue' ORDER BY rowid DESC`).map((row) => row['id']);
    expect(seen).toEqual(all);
  });

  test('of ready work in one rig is not cut by what is ready elsewhere', () => {
    one.town.must({ kind: 'bead.start', rigId: one.rigId });
    expect(idsOf(mayorGets(one, 'ready', { rig_id: one.elsewhere }))).toEqual([one.there]);
    expect(idsOf(mayorGets(one, 'ready', { limit: 7 }))).toHaveLength(7);
  });

  test('with what is archived only on request', () => {
    const talk = talking();
    const over = talk.wish('over');
    mayorGets(talk, 'bead_update', { bead_id: over, status: 'closed' });
    mayorGets(talk, 'bead_archive', { bead_ids: [over] });
    expect(idsOf(mayorGets(talk, 'list_beads', {}))).toEqual([talk.beadId]);
    expect(idsOf(mayorGets(talk, 'list_beads', { include_archived: true }))).toEqual([over, talk.beadId]);
  });

  test.each<{ rig?: true; status?: true; before?: true }>([{}, { rig: true }, { status: true }, { rig: true, status: true, before: true }])(
    'costs what it returns: %o is answered from the indexes alone, in order',
    ({ rig, status, before }) => {
      const { town } = one;
      town.sql.texts.clear();
      const args = { limit: 5, ...(rig && { rig_id: one.rigId }), ...(status && { status: 'open' }), ...(before && { before: 'bd-900' }) };
      const counts = town.sql.measure(() => mayorGets(one, 'list_beads', args));
      expect(counts.rowsRead).toBeLessThan(120);
      const [text] = [...town.sql.texts].filter((statement) => statement.startsWith('SELECT rowid AS at'));
      const plan = town.sql.all(`EXPLAIN QUERY PLAN ${text!}`, ...Array<null>(text!.split('?').length - 1).fill(null));
      const steps = plan.map((step) => String(step['detail']));
      expect(steps[0]).toContain(`USING INDEX ${rig ? 'beads_listed_rig' : 'beads_listed'} (`);
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([]);
    },
  );
});
