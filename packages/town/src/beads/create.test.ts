import { failure, LIMITS, type BeadId, type PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { textMark } from '../hash.ts';
import { story, type ScriptedRunner, type Story } from '../testing.ts';
import { quiet } from '../testing/bring.ts';

type Wish = Partial<Omit<Extract<PersonCommand, { kind: 'bead.create' }>, 'kind'>>;
interface Made {
  readonly beadId: BeadId;
  readonly ahead: number | null;
}
const command = (one: Story, wish: Wish) => ({ kind: 'bead.create', rigId: one.rigId, title: 'x', ...wish }) as const;
const create = (one: Story, wish: Wish) => one.town.must<Made>(command(one, wish));
const refused = (one: Story, wish: Wish) => {
  const answer = one.town.person(command(one, wish));
  return answer.ok ? 'made' : answer.failure;
};
const born = (one: Story, id: string) => one.town.rows().events.find((event) => event.beadId === id)!;
/** Columns that no page is shown. */
const column = (one: Story, id: string, name: string) => one.town.sql.all(`SELECT ${name} AS it FROM beads WHERE id = ?`, id)[0]?.it;

describe('the ledger says of a new bead all that its row says, and no more (I6, DM-8)', () => {
  test('one of which only a title is said is as every new bead', () => {
    const one = quiet();
    const { beadId } = create(one, { title: 'plain' });
    expect(born(one, beadId)).toMatchObject({ type: 'created', actor: 'Ada', agentId: null, before: null, after: 'open' });
    expect(born(one, beadId).data).toEqual({
      title: 'plain',
      cause: 'bead.create',
      set: { title: 'plain', body: '', rank: 2, rigId: one.rigId },
    });
    expect(one.bead(beadId)).toMatchObject({
      kind: 'task',
      hold: null,
      priority: 'medium',
      labels: [],
      deferUntil: null,
      timeoutMs: null,
      dependsOn: [],
    });
  });

  test('whatever else is said of it stands in its row and in its event; what it waits for is told once', () => {
    const one = quiet();
    const [first, whole] = [create(one, { title: 'first' }).beadId, create(one, { title: 'whole', workKind: 'epic' }).beadId];
    const said = { priority: 'low', labels: ['ui'], workKind: 'bug', deferUntil: one.town.now + 1, timeoutMs: 60_000 } satisfies Wish;
    const body = 'long '.repeat(100);
    const { beadId } = create(one, { ...said, title: 'all', body, staged: true, parentId: whole, dependsOn: [first, first] });
    const { workKind: kind, ...shown } = said;
    expect(one.bead(beadId)).toMatchObject({ ...shown, kind, body, hold: 'staged', status: 'open' });
    expect(new Set(one.bead(beadId).dependsOn)).toEqual(
      new Set([
        { id: first, type: 'blocks' },
        { id: whole, type: 'parent-child' },
      ]),
    );
    expect(born(one, beadId).data).toEqual({
      title: 'all',
      dependsOn: [first],
      parent: whole,
      cause: 'bead.create',
      set: {
        title: 'all',
        body: textMark(body),
        rank: 3,
        rigId: one.rigId,
        labels: ['ui'],
        kind,
        hold: 'staged',
        deferUntil: said.deferUntil,
      },
    });
    expect(['blockers', 'blocked', 'deferred_parents'].map((name) => column(one, beadId, name))).toEqual([1, 1, 0]);
  });

  test('a bead of a convoy is born a member; a merge request names its bead and its agent; an agent itself', () => {
    const one = story();
    const task = { rigId: one.rigId, title: 'A' };
    const made = one.town.must<{ convoyId: string; beadIds: BeadId[] }>({ kind: 'convoy.create', title: 'trip', tasks: [task] });
    const [beadId] = made.beadIds as [BeadId];
    expect(born(one, beadId).data).toEqual({
      title: 'A',
      cause: 'convoy.create',
      set: { title: 'A', body: '', rank: 2, rigId: one.rigId, convoyId: made.convoyId, convoyPlace: 0 },
    });
    one.runner.work();
    const merge = one.mergeOf(beadId);
    const { agentId, data } = born(one, merge.id);
    expect(agentId).toBe(one.runsOf(beadId)[0]!.agentId);
    expect(data.set).toEqual({
      title: expect.any(String) as string,
      body: '',
      rank: 2,
      rigId: one.rigId,
      parentId: beadId,
      assigneeId: agentId,
    });
    const polecat = born(one, agentId!);
    expect(polecat).toMatchObject({ type: 'created', agentId, after: 'open' });
    expect(polecat.data.set).toEqual({ title: expect.any(String) as string, body: '', rank: 2, rigId: one.rigId });
  });

  test('a time that one run may take costs a row; not saying one costs none', () => {
    const one = quiet();
    const cost = (wish: Wish) => one.town.sql.measure(() => create(one, wish)).rowsWritten;
    expect(cost({ title: 'bounded', timeoutMs: 60_000 }) - cost({ title: 'unbounded' })).toBe(1);
  });
});

describe('the answer says how many go first, and nothing while it must wait (RC-12, RC-13)', () => {
  /** Two beads that nothing holds are in line, and a moment has passed. */
  const inLine = (): Story => {
    const one = quiet();
    one.wish('first');
    one.wish('second', { priority: 'low' });
    one.town.now += 1;
    return one;
  };
  const part = (one: Story, wish: Wish = {}) => ({ parentId: create(one, { title: 'whole', workKind: 'epic', ...wish }).beadId });
  const blocker = (one: Story) => create(one, { title: 'blocker', staged: true }).beadId;
  const waits: [string, (one: Story) => Wish][] = [
    ['for another bead', (one) => ({ dependsOn: [blocker(one)] })],
    ['with its whole for another bead', (one) => part(one, { dependsOn: [blocker(one)] })],
    ['for a start', () => ({ staged: true })],
    ['because it is no work', () => ({ workKind: 'message' })],
    ['for a time', (one) => ({ deferUntil: one.town.now + 1 })],
    ['with its whole for a time', (one) => part(one, { deferUntil: one.town.now + 1 })],
  ];
  test.each(waits)('it waits %s', (_, wish) => {
    const one = inLine();
    expect(create(one, wish(one)).ahead).toBeNull();
  });

  const closed = (one: Story, id: BeadId) => (one.town.must({ kind: 'bead.set_status', beadId: id, status: 'closed' }), id);
  const goes: [string, number, (one: Story) => Wish][] = [
    ['of lower priority than all', 2, () => ({ priority: 'low' })],
    ['of the usual priority', 1, () => ({})],
    ['of higher priority than all', 0, () => ({ priority: 'high' })],
    ['for a time that is now', 1, (one) => ({ deferUntil: one.town.now })],
    ['after a bead that is closed', 1, (one) => ({ dependsOn: [closed(one, blocker(one))] })],
    ['as a part of what waits for nothing', 1, (one) => part(one, { priority: 'low' })],
  ];
  test.each(goes)('it is in line %s: %d go first', (_, ahead, wish) => {
    const one = inLine();
    const made = create(one, wish(one));
    expect(made.ahead).toBe(ahead);
    expect(one.bead(made.beadId)).toMatchObject({ deferUntil: null, hold: null });
    expect(born(one, made.beadId).data.set).not.toHaveProperty('deferUntil');
  });
});

describe('a bead that may not be made is refused, and the refusal names what is in the way', () => {
  test('a rig that is not there, or was removed', () => {
    const one = quiet();
    const gone = one.addRig('gone');
    one.town.must({ kind: 'rig.remove', rigId: gone });
    for (const rigId of [gone, 'rig-00000000' as typeof gone])
      expect(refused(one, { rigId })).toEqual({ code: 'unknown_rig', message: `There is no rig ${rigId}.`, details: { rigId } });
  });

  test('a bead that is not there goes before all else that is wrong', () => {
    const one = quiet();
    create(one, { title: 'x' });
    const beadId = 'gt-00000000' as BeadId;
    const unknown = { code: 'unknown_bead', message: `There is no bead ${beadId}.`, details: { beadId } };
    expect(refused(one, { dependsOn: [beadId] })).toEqual(unknown);
    expect(refused(one, { parentId: beadId })).toEqual(unknown);
    expect(refused(one, { parentId: beadId, dependsOn: [beadId] })).toEqual(unknown);
  });

  test('its whole cannot be what it waits for, nor wait for who waits for its parts (I12)', () => {
    const one = quiet();
    const whole = create(one, { title: 'whole', workKind: 'epic' }).beadId;
    const waiter = create(one, { title: 'waiter' }).beadId;
    one.town.must({ kind: 'bead.add_dependency', beadId: waiter, dependsOn: whole, type: 'waits-for' });
    expect(refused(one, { parentId: whole, dependsOn: [whole] })).toEqual({
      code: 'dependency_exists',
      message: `${whole} cannot be both its parent and what it waits for.`,
    });
    expect(refused(one, { parentId: whole, dependsOn: [waiter] })).toEqual({
      code: 'dependency_cycle',
      message: `It could never start: it would wait for a bead that waits for the parts of ${whole}.`,
      details: { dependsOn: whole },
    });
    expect(refused(one, { parentId: waiter, dependsOn: [whole] })).toBe('made');
  });
});

describe('the same wish twice (MY-13)', () => {
  const twin = (id: BeadId, status = 'open') => ({
    code: 'duplicate_bead',
    message: `${id} has the same title and text and is ${status}.`,
    details: { beadId: id },
  });
  const end = (one: Story, beadId: BeadId, status: 'closed' | 'failed') => one.town.must({ kind: 'bead.set_status', beadId, status });

  test('is refused for a while, by title and text, as long as the first is open', () => {
    const one = quiet();
    const { beadId } = create(one, { title: 'Add X' });
    expect(refused(one, { title: 'Add X', body: '' })).toEqual(twin(beadId));
    expect(refused(one, { title: 'Add X', body: 'otherwise' })).toBe('made');
    expect(refused(one, { title: 'Add X', force: true })).toBe('made');
    expect(refused(one, { title: 'Add Y' })).toBe('made');
  });

  test('is a new wish when the first failed or closed, or is older than the bound', () => {
    for (const status of ['failed', 'closed'] as const) {
      const one = quiet();
      end(one, create(one, {}).beadId, status);
      expect(refused(one, {})).toBe('made');
    }
    const one = quiet();
    const { beadId } = create(one, {});
    one.town.now += LIMITS.duplicateSlingMs.value - 1;
    expect(refused(one, {})).toEqual(twin(beadId));
    one.town.now += 1;
    expect(refused(one, {})).toBe('made');
  });

  /** The Mayor hears the same message twice, because its first session was lost over it, and then another message. */
  function toldTwice(turns: readonly ((one: Story, sling: (title: string, body?: string) => unknown) => void)[]): void {
    let turn = 0;
    const one: Story = story({
      prompt: (runner, prompt) => {
        const { runId, generation } = prompt;
        runner.report({ kind: 'turn.started', runId, generation, nudgeId: prompt.nudgeId });
        turns[turn]?.(one, slinging(runner, prompt));
        if (turn === 0) runner.report({ kind: 'run.lost', runId, generation, failure: failure('agent_crashed') });
        else runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end', failure: null });
        turn += 1;
      },
    });
    const slinging = (runner: ScriptedRunner, run: Parameters<ScriptedRunner['tool']>[0]) => (title: string, body?: string) => {
      const answer = runner.tool(run, 'sling', { rig_id: one.rigId, title, body });
      return answer.ok ? 'made' : answer.failure;
    };
    one.town.must({ kind: 'mayor.tell', text: 'Add things, please' });
    one.runner.work();
    one.town.sleep(60_000, () => one.runner.work());
    one.town.must({ kind: 'mayor.tell', text: 'Once more, please' });
    one.runner.work();
    expect(turn).toBe(turns.length);
  }

  test('of a message that an agent is told again: what it made for it is not made twice, whatever became of that', () => {
    const named = (one: Story, title: string): BeadId => one.town.rows().beads.find((bead) => bead.title === title)!.id;
    toldTwice([
      (one, sling) => {
        one.town.must({ kind: 'rig.pause', rigId: one.rigId });
        expect([sling('Done', 'as told'), sling('Failed')]).toEqual(['made', 'made']);
        end(one, named(one, 'Done'), 'closed');
        end(one, named(one, 'Failed'), 'failed');
        end(one, create(one, { title: 'By hand, done' }).beadId, 'closed');
        create(one, { title: 'By hand, open' });
      },
      (one, sling) => {
        expect(sling('Done', 'as told')).toEqual(twin(named(one, 'Done'), 'closed'));
        expect(sling('Failed')).toEqual(twin(named(one, 'Failed'), 'failed'));
        expect(sling('By hand, open')).toEqual(twin(named(one, 'By hand, open')));
        expect([sling('Done', 'otherwise'), sling('By hand, done'), sling('New')]).toEqual(['made', 'made', 'made']);
        expect([refused(one, { title: 'Done', body: 'as told' }), refused(one, { title: 'Failed' })]).toEqual(['made', 'made']);
      },
      (one, sling) => {
        end(one, named(one, 'New'), 'closed');
        expect([sling('New'), sling('By hand, done', 'otherwise')]).toEqual(['made', 'made']);
      },
    ]);
  });
});
