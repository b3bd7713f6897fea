import { failure, type BeadId, type BeadStatus, type PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bring, line, quiet, rowOf } from '../testing/bring.ts';
import { story, type Story } from '../testing.ts';
import { talking } from '../testing/talking.ts';
import { byRule, openTx, type Tx } from '../tx.ts';
import { moveBead, mustMove, type Move } from './status.ts';
import { findBead } from './store.ts';

const HOUR = 3_600_000;

/** What the ledger says of a bead from its birth on, without when and which number. */
const toldOf = ({ town }: Story, beadId: string) =>
  town
    .rows()
    .events.filter((event) => event.beadId === beadId)
    .slice(1)
    .map(({ id: _id, at: _at, beadId: _beadId, ...event }) => event);
const newestOf = (one: Story, beadId: string) => toldOf(one, beadId).at(-1);
const move = (one: Story, beadId: BeadId, status: BeadStatus, reason?: string) =>
  one.town.must({ kind: 'bead.set_status', beadId, status, ...(reason && { reason }) });
const byPerson = (cause: PersonCommand['kind'], data: object = {}) => ({ actor: 'Ada', data: { cause, ...data } });

/** A transaction of the town's own, as a rule has it; nothing of it is followed by rules. */
const ruled = ({ town }: Story): Tx =>
  byRule(openTx(town.sql, { now: town.now, random: (bytes) => 'ab'.repeat(bytes) }, { kind: 'town' }, 'test'), 'test');
const moved = (one: Story, id: string, to: BeadStatus, how?: Move) => moveBead(ruled(one), id, to, how);

describe('each move of a bead is one event, which says all that it changed (I6, DM-8, DM-9)', () => {
  test('from its start to its landing: whose it was, why, and nothing beside', () => {
    const one = story();
    const beadId = one.wish('Add X');
    one.runner.work();
    const [run] = one.runsOf(beadId);
    const agentId = run!.agentId;
    const merge = one.mergeOf(beadId);
    expect(toldOf(one, beadId).filter(({ after }) => after !== null)).toEqual([
      {
        type: 'status_changed',
        agentId,
        actor: 'town',
        before: 'open',
        after: 'in_progress',
        data: { cause: 'dispatch', runId: run!.id, set: { assigneeId: agentId } },
      },
      {
        type: 'status_changed',
        agentId,
        actor: agentId,
        before: 'in_progress',
        after: 'in_review',
        data: { cause: 'gt_done', runId: run!.id, mergeId: merge.id, commits: 1 },
      },
      {
        type: 'closed',
        agentId,
        actor: 'town',
        before: 'in_review',
        after: 'closed',
        data: { cause: 'merges', mergeId: merge.id, commit: merge.mergeCommit },
      },
    ]);
    expect(one.bead(beadId)).toMatchObject({ status: 'closed', assigneeId: agentId, closedAt: one.town.now });
  });

  test('back in line it is nobody’s; in review, closed or failed it stays with who had it', () => {
    const one = talking();
    const { beadId, polecatId } = one;
    one.town.must({ kind: 'town.pause' });
    for (const status of ['in_review', 'closed', 'failed'] as const) {
      move(one, beadId, status);
      expect(one.bead(beadId).assigneeId).toBe(polecatId);
      expect(newestOf(one, beadId)?.data).not.toHaveProperty('set');
    }
    move(one, beadId, 'open', 'once more');
    expect(newestOf(one, beadId)).toEqual({
      type: 'status_changed',
      agentId: polecatId,
      before: 'failed',
      after: 'open',
      ...byPerson('bead.set_status', { reason: 'once more', set: { assigneeId: null } }),
    });
    expect(one.bead(beadId)).toMatchObject({ status: 'open', assigneeId: null, closedAt: null });
  });

  test('one that fails says why and who gave it up (FR-1)', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    move(one, beadId, 'failed', 'not needed');
    const why = { ...failure('failed_by_person', 'not needed'), source: 'user' };
    expect(newestOf(one, beadId)).toEqual({
      type: 'status_changed',
      agentId: null,
      before: 'open',
      after: 'failed',
      ...byPerson('bead.set_status', { reason: 'not needed', failure: why }),
    });
    expect(one.bead(beadId)).toMatchObject({ failure: why, closedAt: null });
  });

  test('only what is over is out of sight: it stays so from closed to failed and back, and is shown when it is open again (AR-1)', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    move(one, beadId, 'closed');
    one.town.must({ kind: 'bead.archive', beadIds: [beadId] });
    const { archivedAt } = one.bead(beadId);
    expect(archivedAt).toBe(one.town.now);
    one.town.now += 1_000;
    for (const status of ['failed', 'closed'] as const) {
      move(one, beadId, status);
      expect(one.bead(beadId)).toMatchObject({ status, archivedAt });
      expect(newestOf(one, beadId)?.data).not.toHaveProperty('set');
    }
    move(one, beadId, 'open');
    expect(one.bead(beadId).archivedAt).toBeNull();
    expect(newestOf(one, beadId)?.data).toEqual({ cause: 'bead.set_status', set: { archivedAt: null } });
  });

  test('one that a file closed is closed when the file says; by hand, now, and the event’s own time says it', () => {
    const one = quiet();
    const say = (status: string, day: number, more: object = {}) =>
      line({ id: 'a', title: 'A', status, updated_at: `2099-01-0${day}T00:00:00Z`, ...more });
    bring(one, [say('open', 1)], { start: true });
    bring(one, [say('closed', 3, { closed_at: '2099-01-02T00:00:00Z' })]);
    const closedAt = Date.parse('2099-01-02T00:00:00Z');
    expect(rowOf(one, 'a')?.closedAt).toBe(closedAt);
    expect(newestOf(one, 'a')).toMatchObject({ type: 'closed', data: { cause: 'beads.import', imported: true, set: { closedAt } } });
    move(one, 'a' as BeadId, 'open');
    expect(rowOf(one, 'a')?.closedAt).toBeNull();
    expect(newestOf(one, 'a')?.data).toEqual({ cause: 'bead.set_status' });
    move(one, 'a' as BeadId, 'closed');
    expect(rowOf(one, 'a')?.closedAt).toBe(one.town.now);
    expect(newestOf(one, 'a')?.data).toEqual({ cause: 'bead.set_status' });
    move(one, 'a' as BeadId, 'open');
    expect(moved(one, 'a', 'in_progress', { closedAt })).toEqual({ ok: true, value: 'in_progress' });
    expect(findBead(one.town.sql, 'a')).toMatchObject({ closedAt: null });
    expect(newestOf(one, 'a')?.data).toEqual({ cause: 'test' });
  });

  test('one in no convoy concerns no convoy: a page hears of the bead alone (CV-3)', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    const before = one.town.town.snapshot().rev;
    move(one, beadId, 'closed');
    const frame = one.town.town.since(before);
    expect(frame).toMatchObject({ t: 'delta', put: { beads: [{ id: beadId, status: 'closed' }] } });
    expect(frame).toHaveProperty('drop', {});
  });
});

describe('which moves are made', () => {
  test('to what it is already: refused, also by hand, with what it is and should be', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    expect(one.town.person({ kind: 'bead.set_status', beadId, status: 'open' })).toEqual({
      ok: false,
      failure: failure('illegal_transition', `${beadId} is open and cannot become open.`, { beadId, from: 'open', to: 'open' }),
    });
  });

  test('out of its end only by hand: the Mayor gives nothing up that is over, and no rule opens it (ST-3, ST-14, I7)', () => {
    const one = talking();
    const { beadId, mayor } = one;
    move(one, beadId, 'closed');
    const refused = (to: string) => ({
      ok: false,
      failure: failure('illegal_transition', `${beadId} is closed and cannot become ${to}.`, { beadId, from: 'closed', to }),
    });
    expect(mayor('bead_fail', { bead_id: beadId, reason: 'too late' })).toEqual(refused('failed'));
    for (const to of ['open', 'in_progress', 'in_review'] as const) expect(moved(one, beadId, to)).toEqual(refused(to));
    expect(one.bead(beadId).status).toBe('closed');
    expect(newestOf(one, beadId)).toMatchObject({ type: 'closed' });
  });

  test('of a bead that is not there none, and a rule that asks for one breaks: it had to look before', () => {
    const one = quiet();
    expect(moved(one, 'gt-none', 'closed')).toEqual({ ok: false, failure: failure('unknown_bead', 'There is no bead gt-none.') });
    expect(() => mustMove(ruled(one), 'gt-none', 'closed')).toThrow('There is no bead gt-none.');
  });

  test('to failed never without a reason: who asks for that breaks, and nothing is written (FR-1)', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    const wrote = one.town.sql.measure(() => expect(() => moved(one, beadId, 'failed')).toThrow('cannot fail without a reason (FR-1)'));
    expect(wrote.rowsWritten).toBe(0);
    expect(one.bead(beadId).status).toBe('open');
  });

  test('by the Mayor in a person’s stead are told as by hand; its own, an agent’s and a person’s are not (ST-14)', () => {
    const one = talking();
    const { beadId, mayor, mayorId, polecatId } = one;
    one.town.must({ kind: 'town.pause' });
    expect(mayor('bead_update', { bead_id: beadId, status: 'closed' })).toMatchObject({ ok: true });
    expect(newestOf(one, beadId)).toEqual({
      type: 'closed',
      agentId: polecatId,
      actor: mayorId,
      before: 'in_progress',
      after: 'closed',
      data: { cause: 'gt_bead_update', byHand: true },
    });
    move(one, beadId, 'open');
    expect(newestOf(one, beadId)?.data).toEqual({ cause: 'bead.set_status', set: { assigneeId: null } });
    expect(mayor('bead_fail', { bead_id: beadId, reason: 'not needed' })).toMatchObject({ ok: true });
    const why = { ...failure('failed_by_mayor', 'not needed'), source: 'mayor' };
    expect(newestOf(one, beadId)?.data).toEqual({ cause: 'gt_bead_fail', reason: 'not needed', failure: why });
  });
});

describe('what holds a bead', () => {
  test('is told when it comes and when it goes, each once, however often it is said (I6)', () => {
    const one = quiet();
    const beadId = one.wish('Add X');
    const say = (kind: 'bead.pin' | 'bead.start') => one.town.must({ kind, beadId });
    say('bead.start');
    expect(toldOf(one, beadId)).toEqual([]);
    say('bead.pin');
    say('bead.pin');
    const none = { agentId: null, before: null, after: null };
    const held = { type: 'held', ...none, ...byPerson('bead.pin', { set: { hold: 'pinned' } }) };
    expect(toldOf(one, beadId)).toEqual([held]);
    expect(one.bead(beadId)).toMatchObject({ hold: 'pinned', wait: { code: 'held' } });
    say('bead.start');
    say('bead.start');
    expect(toldOf(one, beadId)).toEqual([held, { type: 'started', ...none, ...byPerson('bead.start', { set: { hold: null } }) }]);
    expect(one.bead(beadId).hold).toBeNull();
  });

  test('work that is over is nobody’s when its agent is retired, and the ledger says whose it was (AG-21, AG-25, PT-10)', () => {
    const one = story();
    const beadId = one.wish('Add X');
    one.runner.work();
    const before = one.bead(beadId);
    one.town.sleep(25 * HOUR, () => one.runner.work());
    one.town.must({ kind: 'town.rename', name: 'Again' });
    expect(one.bead(beadId)).toEqual({ ...before, assigneeId: null });
    expect(newestOf(one, beadId)).toEqual({
      type: 'unassigned',
      agentId: before.assigneeId,
      actor: 'town',
      before: null,
      after: null,
      data: { cause: 'retirement', set: { assigneeId: null } },
    });
  });
});
