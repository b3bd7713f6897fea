import { LIMITS, type BeadId, type BeadStatus, type PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { textMark } from '../hash.ts';
import { bad, replica, silentPolecat, sortedTables, story, type Script, type Story } from '../testing.ts';
import { bring, line } from '../testing/bring.ts';

type Wish = Omit<Extract<PersonCommand, { kind: 'bead.create' }>, 'kind' | 'rigId' | 'title'>;
type Edit = Omit<Extract<PersonCommand, { kind: 'bead.update' }>, 'kind' | 'beadId'>;
const make = ({ town, rigId }: Story, title: string, wish: Wish = {}): BeadId =>
  town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, ...wish }).beadId;
const edit = ({ town }: Story, beadId: BeadId, change: Edit) => town.must({ kind: 'bead.update', beadId, ...change });
const start = ({ town }: Story, beadId: BeadId) => town.must({ kind: 'bead.start', beadId });
/** What the ledger said of this bead since, as it stands there. */
const saidSince = ({ town }: Story, beadId: BeadId, id: number) =>
  town
    .rows()
    .events.filter((event) => event.beadId === beadId && event.id > id)
    .map(({ type, actor, before, after, data }) => ({ type, actor, before, after, data }));
const lastEvent = ({ town }: Story): number => Math.max(...town.rows().events.map((event) => event.id));
const paused = (): Story => {
  const one = story();
  one.town.must({ kind: 'town.pause' });
  return one;
};
/** What two commands say that are about no work: a bead that is not there, and one that is a convoy. */
function refusals(one: Story, about: (beadId: BeadId) => PersonCommand) {
  const { convoyId } = one.town.must<{ convoyId: BeadId }>({ kind: 'convoy.create', title: 'all', beadIds: [make(one, 'its bead')] });
  const ids = ['gt-none' as BeadId, convoyId];
  const unknown = (beadId: BeadId) => ({
    ok: false,
    failure: { code: 'unknown_bead', message: `There is no bead ${beadId}.`, details: { beadId } },
  });
  return { said: ids.map((id) => one.town.person(about(id))), expected: ids.map(unknown) };
}

const LONG = 'It is long. '.repeat(20);
describe('a bead that is edited', () => {
  test.each<[string, Edit, object, readonly string[], object]>([
    ['another title', { title: 'Add Y' }, { title: 'Add Y' }, ['title'], { title: 'Add Y' }],
    ['a short text', { body: 'Short.' }, { body: 'Short.' }, ['body'], { body: 'Short.' }],
    ['a long text', { body: LONG }, { body: LONG }, ['body'], { body: textMark(LONG) }],
    ['another priority', { priority: 'critical' }, { priority: 'critical' }, ['rank'], { rank: 0 }],
    ['other labels', { labels: ['later', 'ui'] }, { labels: ['later', 'ui'] }, ['labels'], { labels: ['later', 'ui'] }],
    ['another kind', { workKind: 'bug' }, { kind: 'bug' }, ['kind'], { kind: 'bug' }],
    ['another time', { timeoutMs: 60_000 }, { timeoutMs: 60_000 }, ['timeoutMs'], {}],
    ['no time of its own', { timeoutMs: null }, { timeoutMs: null }, ['timeoutMs'], {}],
    [
      'another title, said with what is so already',
      { title: 'Add Y', body: 'before', priority: 'medium', labels: ['first'], workKind: 'task' },
      { title: 'Add Y' },
      ['title'],
      { title: 'Add Y' },
    ],
    [
      'everything at once',
      { timeoutMs: 9_000, workKind: 'chore', labels: [], priority: 'low', body: '', title: 'Add Z' },
      { timeoutMs: 9_000, kind: 'chore', labels: [], priority: 'low', body: '', title: 'Add Z' },
      ['title', 'body', 'rank', 'labels', 'kind', 'timeoutMs'],
      { title: 'Add Z', body: '', rank: 3, labels: [], kind: 'chore' },
    ],
  ])('to %s has that changed alone; the ledger says by whom, and what it is now (UI-7, ED-4, I6)', (_name, change, shown, fields, set) => {
    const one = paused();
    const id = make(one, 'Add X', { body: 'before', labels: ['first'], timeoutMs: 3_600_000 });
    const [before, since] = [one.bead(id), lastEvent(one)];
    one.town.now += 5;
    expect(edit(one, id, change)).toEqual({ beadId: id, changed: true });
    expect(one.bead(id)).toEqual({ ...before, ...shown, updatedAt: one.town.now });
    const data = { cause: 'bead.update', fields, set };
    expect(saidSince(one, id, since)).toEqual([{ type: 'edited', actor: 'Ada', before: null, after: null, data }]);
  });

  test.each<[string, Edit]>([
    ['nothing', {}],
    [
      'what it is already',
      { title: 'Add X', body: 'before', priority: 'medium', labels: ['first'], workKind: 'task', timeoutMs: 3_600_000 },
    ],
  ])('to %s stays as it is, and the answer says so: no event, and nobody who works on it is told (I6, MS-11)', (_name, change) => {
    const one = story({ polecat: silentPolecat });
    const id = make(one, 'Add X', { body: 'before', labels: ['first'], timeoutMs: 3_600_000 });
    one.runner.work();
    const [before, since] = [one.bead(id), lastEvent(one)];
    one.town.now += 5;
    expect(edit(one, id, change)).toEqual({ beadId: id, changed: false });
    expect(one.bead(id)).toEqual(before);
    expect(saidSince(one, id, since)).toEqual([]);
    expect(one.town.sql.all('SELECT id FROM nudges')).toEqual([]);
  });

  test('must be there, and must be work', () => {
    const { said, expected } = refusals(paused(), (beadId) => ({ kind: 'bead.update', beadId, title: 'x' }));
    expect(said).toMatchObject(expected);
  });
});

describe('a record is no work (design/core.md §1)', () => {
  const held = (hold: string | null) => ({
    type: hold === null ? 'started' : 'held',
    actor: 'Ada',
    before: null,
    after: null,
    data: { cause: 'bead.update', set: { hold } },
  });

  test('a bead that becomes one is held, stays so whatever else is edited, and goes to an agent once it is work again', () => {
    const one = story({ polecat: silentPolecat });
    one.town.must({ kind: 'rig.pause', rigId: one.rigId });
    const id = make(one, 'Add X');
    const since = lastEvent(one);
    edit(one, id, { workKind: 'message' });
    edit(one, id, { title: 'Add Y', timeoutMs: 60_000 });
    edit(one, id, { workKind: 'gate' });
    expect(one.bead(id)).toMatchObject({ kind: 'gate', hold: 'not_work', wait: { code: 'held' } });
    edit(one, id, { workKind: 'bug' });
    edit(one, id, { workKind: 'task' });
    expect(saidSince(one, id, since).filter(({ type }) => type !== 'edited')).toEqual([held('not_work'), held(null)]);
    one.town.must({ kind: 'rig.resume', rigId: one.rigId });
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ kind: 'task', hold: null, status: 'in_progress' });
  });

  test.each(['staged', 'deferred', 'pinned'] as const)('what else holds a bead holds it whatever kind it is given: %s', (hold) => {
    const one = paused();
    const id = make(one, 'Add X', { staged: hold === 'staged' });
    if (hold === 'deferred') one.town.must({ kind: 'bead.defer', beadId: id, until: null });
    if (hold === 'pinned') one.town.must({ kind: 'bead.pin', beadId: id });
    const since = lastEvent(one);
    for (const workKind of ['bug', 'message', 'task']) {
      edit(one, id, { workKind });
      expect(one.bead(id)).toMatchObject({ hold, kind: workKind });
    }
    expect(saidSince(one, id, since).map(({ type }) => type)).toEqual(['edited', 'edited', 'edited']);
    start(one, id);
    expect(one.bead(id).hold).toBeNull();
  });

  test('a file makes a bead one, and makes one work again, which starts no sooner than a person says', () => {
    const one = paused();
    const say = (beadId: BeadId, kind: string, { start = false, status = 'open' } = {}): string | null => {
      one.town.now += 1_000;
      const at = new Date(one.town.now).toISOString();
      const text = line({ id: beadId, title: 'Add X', status, priority: 2, issue_type: kind, created_at: at, updated_at: at });
      expect(bring(one, [text], { start }).counts).toMatchObject({ updated: 1 });
      expect(one.bead(beadId)).toMatchObject({ kind, status: 'open' });
      return one.bead(beadId).hold;
    };
    const start = true;
    const id = make(one, 'Add X');
    expect(say(id, 'gate')).toBe('not_work');
    expect(say(id, 'message')).toBe('not_work');
    expect(say(id, 'role', { start })).toBe('not_work');
    expect(say(id, 'task')).toBe('staged');
    expect(say(id, 'gate')).toBe('not_work');
    expect(say(id, 'bug', { start })).toBeNull();
    expect(say(id, 'task')).toBeNull();
    const record = (): BeadId => make(one, `record ${one.town.now}`, { workKind: 'gate' });
    expect(say(record(), 'role')).toBe('not_work');
    expect(say(record(), 'task')).toBe('staged');
    expect(say(record(), 'task', { start })).toBeNull();
    expect(say(record(), 'task', { status: 'deferred' })).toBe('deferred');
    const planned = make(one, 'planned', { staged: true });
    expect(say(planned, 'bug', { start })).toBe('staged');
    expect(say(make(one, 'Add Y'), 'bug', { status: 'deferred' })).toBe('deferred');
  });
});

const crash: Script['polecat'] = (runner, { runId, generation }) =>
  void runner.report({ kind: 'run.lost', runId, generation, failure: { code: 'agent_crashed', message: 'signal 11' } });
const retry = ({ town }: Story, beadId: BeadId) => town.must({ kind: 'bead.retry', beadId });
const tries = ({ town }: Story, beadId: BeadId) =>
  town.sql.all('SELECT i.attempts, i.starts, i.failure, b.retry_at FROM issues i JOIN beads b ON b.id = i.bead_id WHERE b.id = ?', beadId);
const FRESH = [{ attempts: 0, starts: 0, failure: null, retry_at: null }];

describe('a bead that is tried anew', () => {
  test('after it failed is in line with all its attempts, and what was asked about it, and only that, is settled (RC-19, ES-6)', () => {
    const one = story({ polecat: crash });
    const [id, other] = [make(one, 'Add X'), make(one, 'Add Y')];
    one.runner.work();
    const asked = () => one.town.rows().escalations.flatMap((cry) => (cry.acknowledgedAt === null ? cry.beadId : []));
    expect(one.bead(id)).toMatchObject({ status: 'failed', attempts: 3, failure: { code: 'attempts_exhausted' } });
    expect(asked()).toEqual([id, other]);
    const since = lastEvent(one);
    one.town.must({ kind: 'town.pause' });
    one.town.now += 5;
    expect(retry(one, id)).toEqual({ beadId: id, changed: true });
    expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, failure: null, updatedAt: one.town.now });
    expect(tries(one, id)).toEqual(FRESH);
    expect(asked()).toEqual([other]);
    expect(one.bead(other).status).toBe('failed');
    expect(saidSince(one, id, since)).toMatchObject([
      { type: 'status_changed', actor: 'Ada', before: 'failed', after: 'open', data: { cause: 'bead.retry', retry: true } },
      { type: 'triage_resolved', actor: 'Ada', data: { action: 'RESTART' } },
    ]);
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'failed', attempts: LIMITS.attemptsPerBead.value });
    expect(one.runsOf(id)).toHaveLength(2 * LIMITS.attemptsPerBead.value);
  });

  test('while it waits for its time is tried at once, and its failed starts are forgotten (RC-18, RC-19)', () => {
    const one = story({ 'run.start': () => bad('setup_failed', true) });
    const id = make(one, 'Add X');
    const browser = replica();
    one.runner.work();
    browser.pull(one.town);
    expect(one.bead(id).wait?.code).toBe('retry_later');
    expect(tries(one, id)).toMatchObject([
      { attempts: 0, starts: 1, failure: expect.stringContaining('setup_failed'), retry_at: expect.any(Number) },
    ]);
    const since = lastEvent(one);
    one.town.must({ kind: 'town.pause' });
    expect(retry(one, id)).toEqual({ beadId: id, changed: true });
    expect(tries(one, id)).toEqual(FRESH);
    expect(saidSince(one, id, since)).toMatchObject([{ type: 'retried', actor: 'Ada', data: { attempts: 0, starts: 1 } }]);
    browser.pull(one.town);
    expect(browser.rows()['beads']).toEqual(sortedTables(one.town.rows())['beads']);
    one.runner.script['run.start'] = story().runner.script['run.start'];
    one.town.must({ kind: 'town.resume' });
    one.runner.work();
    expect(one.bead(id).status).toBe('closed');
  });

  test('after one attempt forgets it; one that was never tried stays as it is; twice is once (RC-19)', () => {
    const one = story({ polecat: crash });
    const id = make(one, 'Add X');
    one.runner.script.polecat = (runner, run) => {
      one.town.must({ kind: 'town.pause' });
      runner.tool(run, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
      crash(runner, run);
    };
    one.runner.work();
    expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 1, failure: { code: 'agent_crashed' } });
    expect(one.town.rows().escalations).toMatchObject([{ beadId: id, acknowledgedAt: null }]);
    const fresh = make(one, 'Add Y');
    const before = one.bead(fresh);
    expect([id, id, fresh].map((beadId) => retry(one, beadId))).toEqual([
      { beadId: id, changed: true },
      { beadId: id, changed: false },
      { beadId: fresh, changed: false },
    ]);
    expect([...tries(one, id), ...tries(one, fresh)]).toEqual([...FRESH, ...FRESH]);
    expect(one.bead(id)).toMatchObject({ status: 'open', attempts: 0, failure: null });
    expect(one.bead(fresh)).toEqual(before);
    expect(one.town.rows().escalations.filter((cry) => cry.acknowledgedAt === null)).toEqual([]);
  });

  test('of one that a stop put back answers what its agent asked, and that is a change (RC-19)', () => {
    const one = story({
      polecat(runner, run) {
        runner.tool(run, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
        silentPolecat(runner, run);
      },
    });
    const id = make(one, 'Add X');
    one.runner.work();
    one.town.must({ kind: 'town.stop' });
    one.runner.work();
    expect([...tries(one, id)]).toEqual(FRESH);
    expect(one.town.rows().escalations).toMatchObject([{ beadId: id, acknowledgedAt: null }]);
    expect([retry(one, id), retry(one, id)]).toEqual([
      { beadId: id, changed: true },
      { beadId: id, changed: false },
    ]);
    expect(one.town.rows().escalations).toMatchObject([{ acknowledgedAt: expect.any(Number) }]);
  });

  test('must have failed or wait: what is under way or closed is left alone (ST-3)', () => {
    const one = story({
      polecat: (runner, run) => (run.context.bead?.title === 'goes on' ? silentPolecat : done)(runner, run),
      'merge.test': () => null,
    });
    const done: Script['polecat'] = (runner, run) => runner.turn(run, null, null, () => void runner.done(run));
    const [working, review, closed] = [make(one, 'goes on'), make(one, 'is handed in'), make(one, 'is over')];
    one.town.must({ kind: 'bead.set_status', beadId: closed, status: 'closed' });
    one.runner.work();
    for (const [id, from] of [
      [working, 'in_progress'],
      [review, 'in_review'],
      [closed, 'closed'],
    ] satisfies [BeadId, BeadStatus][]) {
      expect(one.bead(id).status).toBe(from);
      expect(one.town.person({ kind: 'bead.retry', beadId: id })).toMatchObject({
        ok: false,
        failure: {
          code: 'illegal_transition',
          message: `Only a bead that failed or waits can be retried; ${id} is ${from}.`,
          details: { from },
        },
      });
    }
  });

  test('must be there, and must be work', () => {
    const { said, expected } = refusals(paused(), (beadId) => ({ kind: 'bead.retry', beadId }));
    expect(said).toMatchObject(expected);
  });
});
