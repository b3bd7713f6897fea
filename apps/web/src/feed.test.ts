import { describe, expect, it } from 'vitest';
import { EventRow, LIMITS } from '@gastown/protocol';
import { bundles, lifeOf, movesConvoy, ofItself, sentence } from './feed.ts';

const event = (type: string, after: string | null = null, data = {}, beadId: string | null = null, agentId: string | null = null) =>
  EventRow.parse({ id: 1, at: 1, type, beadId, agentId, actor: 'You', before: null, after, data });

const EFFECT_KINDS = [
  'rig.connect',
  'run.start',
  'run.prompt',
  'run.interrupt',
  'permission.answer',
  'run.stop',
  'merge.test',
  'merge.land',
  'branch.delete',
  'container.start',
  'container.stop',
];

describe('the feed (UI-12)', () => {
  it('puts the object of a move inside the sentence', () => {
    expect(sentence(event('status_changed', 'in_review'))).toEqual({ verb: 'moved', tail: 'to in review' });
    expect(sentence(event('status_changed', 'failed'))).toEqual({ verb: 'gave up on', tail: '' });
  });

  it('says of a bead who got it, as which commit it landed, and why its merge did not', () => {
    const failure = { code: 'gate_failed', message: 'The gate "npm test" failed.' };
    expect(sentence(event('status_changed', 'in_progress', { runId: 'run-0f548bf20b51' }, 'gt-254f3a9f', 'ag-2252adf4'))).toEqual({
      verb: 'gave',
      tail: 'to',
      to: 'ag-2252adf4',
    });
    expect(sentence(event('closed', 'closed', { commit: '6a5c252f12cae44d157c9fd205e2a6acd8c7c05b' }, 'gt-254f3a9f'))).toEqual({
      verb: 'landed',
      tail: 'as 6a5c252f',
    });
    expect(sentence(event('closed', 'closed', {}, 'gt-254f3a9f')).verb).toBe('closed');
    expect(sentence(event('status_changed', 'in_progress', {}, 'mr-f508b38b')).verb).toBe('began to test');
    expect(sentence(event('status_changed', 'failed', { failure }, 'mr-f508b38b'))).toEqual({
      verb: 'did not land',
      tail: ': The gate "npm test" failed.',
    });
    expect(sentence(event('status_changed', 'open', { failure }, 'gt-254f3a9f'))).toEqual({
      verb: 'put',
      tail: 'back in line: The gate "npm test" failed.',
    });
  });

  it('says that the runner is there again, after how long, what it was and who brought it back (CT-18)', () => {
    const said = (data: object) => sentence(event('runner_recovered', null, data)).verb;
    expect(said({ downMs: 192_000, after: 'wedged', by: 'town' })).toBe('is back after 3 m 12 s: it did not answer, the town restarted it');
    expect(said({ downMs: 75_000, after: 'away', by: 'itself' })).toBe('is back after 1 m 15 s: it was away, it came back by itself');
    expect(said({ downMs: 7_000, after: 'died', by: 'host' })).toBe('is back after 7.0 s: it had died, its host restarted it');
    expect(said({ downMs: 400_000, after: 'failed', by: 'town' })).toContain('its container did not start');
  });

  it('says to whom a message did not come, and what may be spent by whom now', () => {
    expect(sentence(event('nudge_expired', null, {}, null, 'ag-2252adf4'))).toMatchObject({
      verb: 'could not deliver a message to',
      of: 'ag-2252adf4',
    });
    const set = (level: string, id: string, hardMicros: number | null, softMicros: number | null = null) =>
      sentence(event('spend_limit_set', null, { level, id, hardMicros, softMicros }));
    expect(set('town', 'k3v9', 5_000_000)).toEqual({ verb: 'changed what the town may spend', tail: ': at most $5.00', of: null });
    expect(set('rig', 'rig-1a2b3c4d', 5_000_000, 2_000_000)).toEqual({
      verb: 'changed the limits of',
      tail: ': at most $5.00, a soft limit at $2.00',
      of: 'rig-1a2b3c4d',
    });
    expect(set('bead', '*', null)).toEqual({ verb: 'changed what each bead may spend', tail: ': no limit', of: null });
  });

  it('says of what an import did with which one: who brings a bead has not made it (I6; issue, Build 6)', () => {
    const importId = 'im-0123abcd';
    expect(sentence(event('created', 'open', { importId, set: { createdAt: 1 } }, 'bd-1'))).toEqual({
      verb: 'brought',
      tail: 'here with import im-0123abcd',
    });
    expect(sentence(event('created', 'open', { set: { createdAt: 1 } }, 'bd-1')).tail).toBe('here from another tool');
    expect(sentence(event('created', 'open', { set: {} }, 'gt-1a2b3c4d'))).toEqual({ verb: 'created', tail: '' });
    expect(sentence(event('edited', null, { importId }, 'bd-1')).tail).toBe('with import im-0123abcd');
    expect(sentence(event('closed', 'closed', { importId }, 'bd-1')).tail).toBe('with import im-0123abcd');
    expect(sentence(event('status_changed', 'open', { importId }, 'bd-1')).tail).toBe('to open with import im-0123abcd');
    expect(sentence(event('edited', null, {}, 'bd-1')).tail).toBe('');
  });

  it('says what could not be done, of what and why, whatever it was (I10, UI-12)', () => {
    const failure = { code: 'push_refused', message: 'The repository deletes no branches.' };
    const of = (kind: string, data: object = {}, beadId: string | null = 'gt-254f3a9f') =>
      sentence(event('effect_failed', null, { kind, subject: 'x', failure, ...data }, beadId));
    expect(of('branch.delete', { branch: 'gt/birch/254f3a9f' })).toEqual({
      verb: 'could not delete the branch gt/birch/254f3a9f of',
      tail: ': The repository deletes no branches.',
      of: 'gt-254f3a9f',
    });
    expect(of('rig.connect', { name: 'shop' }, null)).toEqual({
      verb: 'could not look at shop',
      tail: ': The repository deletes no branches.',
      of: null,
    });
    for (const kind of EFFECT_KINDS) expect(of(kind, {}, null).verb, kind).toMatch(/^could not (?!do a step)\w+ .*\w$/);
    expect(sentence(event('effect_parked', null, { kind: 'branch.delete', branch: 'gt/birch/1', failure }, 'gt-254f3a9f'))).toEqual({
      verb: 'gave up trying to delete the branch gt/birch/1 of',
      tail: ': The repository deletes no branches.',
      of: 'gt-254f3a9f',
    });
    expect(sentence(event('effect_parked', null, { kind: 'run.stop', failure }, null, 'ag-2252adf4'))).toMatchObject({
      verb: 'gave up trying to stop an agent of',
      of: 'ag-2252adf4',
    });
  });

  it('says whose hard limit is reached, with what, as a sentence', () => {
    const budget = (level: string, beadId: string | null) =>
      sentence(event('budget_spent', null, { level, id: 'x' }, beadId, 'ag-2252adf4'));
    expect(budget('town', 'gt-254f3a9f')).toEqual({ verb: 'reached the hard limit of the town with', tail: '', of: 'gt-254f3a9f' });
    expect(sentence({ ...event('budget_spent', null, { level: 'town' }), actor: 'town' }).verb).toBe('reached its hard limit');
    expect(budget('bead', 'gt-254f3a9f').verb).toBe('reached the hard limit of');
    expect(budget('agent', null)).toMatchObject({ verb: 'reached the hard limit of the agent with', of: 'ag-2252adf4' });
    expect(sentence(event('soft_limit', null, { level: 'run' }, 'gt-254f3a9f')).verb).toBe('reached the soft limit of a run with');
    expect(sentence(event('paused', null, { level: 'rig' }, 'gt-254f3a9f'))).toEqual({
      verb: 'holds',
      tail: ': the hard limit of the rig is reached',
    });
  });

  it('tells what a patrol asked and what was decided over the bead itself, not over the question', () => {
    const asked = event('triage_requested', null, { source: 'gt-254f3a9f' }, 'tr-1a2b3c4d', 'ag-2252adf4');
    expect(sentence(asked)).toMatchObject({ verb: 'asks what to do about', of: 'gt-254f3a9f' });
    expect(sentence(event('triage_requested', null, {}, 'tr-1a2b3c4d', 'ag-2252adf4')).of).toBe('ag-2252adf4');
    expect(sentence(event('triage_resolved', null, { action: 'RESTART' }, 'gt-254f3a9f'))).toMatchObject({
      verb: 'decided over',
      tail: ': start it anew',
      of: 'gt-254f3a9f',
    });
  });

  it('names the repository when the event does', () => {
    expect(sentence(event('rig_ready', null, { name: 'shop' })).tail).toBe('shop');
    expect(sentence(event('rig_ready')).tail).toBe('the repository');
  });

  it('asks, and settles, in whole sentences around the question; a runner that ends says so of itself', () => {
    expect(sentence(event('escalated', null, {}, 'es-0f548bf2'))).toEqual({ verb: 'asks a person:', tail: '' });
    expect(sentence(event('escalated', null, {}, 'gt-0f548bf2')).verb).toBe('asks for a person about');
    expect(sentence(event('closed', 'closed', {}, 'es-0f548bf2'))).toEqual({ verb: 'settled the question', tail: '' });
    expect(sentence(event('runner_drains')).verb).toMatch(/^is ending: /);
  });

  it('counts the lines that an import could not take', () => {
    expect(sentence(event('lines_quarantined', null, { lines: 1_200 })).tail).toBe('1,200 lines that could not be taken');
    expect(sentence(event('lines_mended', null, { lines: 1 }))).toEqual({ verb: 'mended', tail: 'a line that could not be taken' });
    expect(sentence(event('lines_discarded', null, { lines: 2 })).verb).toBe('let go of');
  });

  it('who was interrupted is the agent, not the bead that it works on (UI-12)', () => {
    const interrupted = event('agent_interrupted', null, { name: 'Toast' }, 'gt-254f3a9f', 'ag-2252adf4');
    expect(sentence(interrupted)).toEqual({ verb: 'interrupted', tail: '', of: 'ag-2252adf4' });
  });

  it('writes an event that it does not know in plain words', () => {
    expect(sentence(event('rework_requested', 'in_progress'))).toEqual({ verb: 'rework requested', tail: 'in progress' });
  });

  it('a convoy is named in the feed, and is `it` in its own timeline (UI-12)', () => {
    const closed = sentence(event('convoy_closed', 'closed'));
    expect(closed).toEqual({ verb: 'closed the convoy', tail: 'by force' });
    expect(ofItself(closed)).toEqual({ verb: 'closed', tail: 'by force' });
    expect(ofItself(sentence(event('convoy_created', 'open')))).toEqual({ verb: 'made', tail: '' });
  });

  it('an import is one line with its true number and its repository, however many beads it brought; a small one names them (issue, Build 6; UI-12)', () => {
    const told = (created: number, updated: number) =>
      sentence(event('imported', null, { importId: 'im-0123abcd', rigId: 'rig-1a2b3c4d', created, updated }));
    expect(told(2_731, 0)).toEqual({ verb: 'brought 2,731 beads with import im-0123abcd into', tail: '', of: 'rig-1a2b3c4d' });
    expect(told(1, 1_200).verb).toBe('brought a bead and changed 1,200 with import im-0123abcd into');
    expect(told(0, 1).verb).toBe('changed a bead with import im-0123abcd in');
    const of = (id: number, type: string, beadId: string | null, data = {}) =>
      EventRow.parse({ ...event(type, null, { cause: 'beads.import', ...data }, beadId), id });
    const beads = Array.from({ length: 40 }, (_, n) => of(40 - n, n < 20 ? 'dependency_added' : 'created', `bd-${n}`));
    const large = [of(42, 'lines_quarantined', null), of(41, 'imported', null, { created: 2_731, updated: 0 }), ...beads];
    const before = of(0, 'created', 'bd-0', { cause: 'bead.create' });
    expect(bundles([...large, before]).map(({ id }) => id)).toEqual([42, 41, 0]);
    const small = [of(4, 'imported', null, { created: 2, updated: 1 }), ...beads.slice(-3)];
    expect(bundles(small).map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(bundles(beads.slice(-3)).map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('a pin is told as one, and what is planned or put off as that; any other hold is one (I10, UI-12)', () => {
    const held = (hold: string) => sentence(event('held', null, { set: { hold } }, 'gt-254f3a9f'));
    expect(held('pinned')).toEqual({ verb: 'pinned', tail: '' });
    expect(held('staged')).toEqual({ verb: 'made', tail: 'planned work' });
    expect(held('deferred')).toEqual({ verb: 'put', tail: 'off' });
    expect([held('foreign'), held('not_work'), sentence(event('held'))].map(({ tail }) => tail)).toEqual(Array(3).fill('on hold'));
  });

  it('of its beads a convoy is told what ended, failed and went on since it was made, and nothing else (UI-12, CV-11)', () => {
    const moved = (before: string | null, after: string | null, at = 5) =>
      movesConvoy(EventRow.parse({ ...event('status_changed'), before, after, at }), { createdAt: 5 });
    expect([moved('in_review', 'closed'), moved('in_progress', 'failed'), moved('failed', 'open'), moved('closed', 'open')]).toEqual(
      Array(4).fill(true),
    );
    expect([moved('open', 'in_progress'), moved(null, null), moved('open', 'closed', 4)]).toEqual(Array(3).fill(false));
  });

  it('what happened to many at once is one line; how many it cannot know when older ones are not on the page (UI-12)', () => {
    const at = (id: number, type: string, when = 1) => EventRow.parse({ ...event(type), id, at: when });
    const archived = Array.from({ length: 5 }, (_, n) => at(20 - n, 'archived'));
    expect(bundles([at(30, 'created'), at(29, 'created'), ...archived, at(2, 'archived', 9_999)])).toEqual([
      { id: 30, more: 0 },
      { id: 29, more: 0 },
      { id: 20, more: 4 },
      { id: 2, more: 0 },
    ]);
    const full = Array.from({ length: LIMITS.feedEvents.value }, (_, n) => at(1_000 - n, 'created'));
    expect(bundles(full)).toEqual([{ id: 1_000, more: null }]);
    const mixed = full.map((one) => ({ ...one, after: one.id % 3 === 0 ? 'closed' : 'open' }));
    expect(bundles(mixed)).toEqual([{ id: 1_000, more: null }]);
    const sent = full.slice(0, LIMITS.feedEventsAtOnce.value);
    expect(bundles([...sent, at(1, 'created', 9_999)])).toEqual([
      { id: 1_000, more: null },
      { id: 1, more: 0 },
    ]);
    expect(bundles(sent.slice(1))).toEqual([{ id: 999, more: LIMITS.feedEventsAtOnce.value - 2 }]);
    expect(bundles([])).toEqual([]);
  });
});

it('the life of a bead is what the page holds and what the town gave, each once; what is older than the last page waits for its own (I6)', () => {
  const at = (id: number) => ({ ...event('edited'), id });
  const page = (earlier: boolean, ...ids: number[]) => ({ events: ids.map(at), earlier });
  const life = (held: number[], ...pages: Parameters<typeof lifeOf>[1][number][]) => lifeOf(held.map(at), pages).map(({ id }) => id);
  expect(life([9, 4])).toEqual([9, 4]);
  expect(life([9, 7], page(false, 7, 5, 2))).toEqual([9, 7, 5, 2]);
  expect(life([9, 7, 3], page(true, 7, 5))).toEqual([9, 7, 5]);
  expect(life([9, 7, 3], page(true, 7, 5), page(false, 4, 3, 1))).toEqual([9, 7, 5, 4, 3, 1]);
  expect(life([])).toEqual([]);
});
