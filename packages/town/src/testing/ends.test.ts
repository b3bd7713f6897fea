import type { BeadId, BeadRow, Wait } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { story, type Story } from '../testing.ts';
import { blocks, bring, line } from './bring.ts';
import { endless } from './ends.ts';

const TRUE: Readonly<Record<string, readonly [code: Wait['code'], ref: string | null]>> = {
  free: ['staged', null],
  member: ['staged', 'convoy'],
  note: ['held', null],
  record: ['held', null],
  decision: ['not_dispatched', null],
  part: ['blocked_by_open', 'free'],
  after: ['blocked_by_failed', 'failed'],
  whole: ['waits_for_children', 'decision'],
  under: ['parent_blocked', 'part'],
  hand: ['needs_person', null],
};

/** A town at rest with a bead for each cause that a person ends. */
function resting(): { one: Story; beads: readonly BeadRow[] } {
  const one = story();
  const after = (id: string, other: string, type = 'blocks') => ({ dependencies: [blocks(id, other, type)] });
  bring(one, [
    line({ id: 'failed', title: 'Failed' }),
    line({ id: 'free', title: 'Planned' }),
    line({ id: 'member', title: 'Planned in a convoy' }),
    line({ id: 'note', title: 'A note', status: 'pinned' }),
    line({ id: 'record', title: 'A record', issue_type: 'gate' }),
    line({ id: 'decision', title: 'A decision', issue_type: 'decision' }),
    line({ id: 'part', title: 'A part of it', dependencies: [blocks('part', 'decision', 'parent-child'), blocks('part', 'free')] }),
    line({ id: 'after', title: 'After the failed one', ...after('after', 'failed') }),
    line({ id: 'whole', title: 'After all parts', ...after('whole', 'decision', 'waits-for') }),
    line({ id: 'under', title: 'A part of what is blocked', ...after('under', 'part', 'parent-child') }),
    line({ id: 'hand', title: 'Put there by hand' }),
  ]);
  const { town } = one;
  town.must({ kind: 'bead.set_status', beadId: 'failed' as BeadId, status: 'failed' });
  town.must({ kind: 'bead.set_status', beadId: 'hand' as BeadId, status: 'in_progress' });
  for (const id of ['decision', 'part', 'after', 'whole', 'under']) town.must({ kind: 'bead.start', beadId: id as BeadId });
  town.must({ kind: 'convoy.create', title: 'Later', staged: true, beadIds: ['member' as BeadId] });
  return { one, beads: town.rows().beads };
}
const saying = (beads: readonly BeadRow[], id: string, wait: Wait | null): BeadRow[] =>
  beads.map((bead) => (bead.id === id ? { ...bead, wait } : bead));

describe('who waits for ever says which person ends it (RC-28, I10)', () => {
  const { one, beads } = resting();
  const refOf = (ref: string | null): string | null => (ref === 'convoy' ? beads.find(({ id }) => id === 'member')!.convoyId : ref);

  test('each true cause is taken', () => {
    const said = beads.filter(({ id }) => id in TRUE).map(({ id, wait }) => [id, [wait?.code, wait?.ref]]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(Object.entries(TRUE).map(([id, [code, ref]]) => [id, [code, refOf(ref)]])));
    expect(endless(one.town.sql, beads)).toEqual([]);
  });

  test.each(Object.keys(TRUE))('%s: any cause but its own is told, and so is no cause at all', (id) => {
    const codes = new Set([...Object.values(TRUE).map(([code]) => code), 'no_slot', 'agent_working'] as const);
    codes.delete(TRUE[id]![0]);
    for (const code of codes)
      for (const ref of [null, 'free', 'failed', 'part', 'decision', refOf('convoy')])
        expect(endless(one.town.sql, saying(beads, id, { code, ref, until: null })), `${code} ${ref}`).toContainEqual(
          expect.stringMatching(new RegExp(`^${id} .*says ${code}`)),
        );
    expect(endless(one.town.sql, saying(beads, id, null))).toEqual([expect.stringMatching(`^${id} .*says nothing`)]);
  });

  test('two that wait for each other wait for nobody', () => {
    one.town.sql.run(`INSERT INTO dependencies (bead_id, depends_on, type) VALUES ('free', 'part', 'blocks')`);
    const round = saying(beads, 'free', { code: 'blocked_by_open', ref: 'part', until: null });
    expect(endless(one.town.sql, round)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^free .*waits for nobody/), expect.stringMatching(/^part .*waits for nobody/)]),
    );
  });
});
