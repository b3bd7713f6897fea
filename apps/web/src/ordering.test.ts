import { describe, expect, it } from 'vitest';
import { AgentRow, PersonCommand, WaitCode, type AgentStatus, type BeadRow, type BeadStatus, type LeftOut } from '@gastown/protocol';
import { planned } from '@gastown/protocol/needs';
import { startSize } from './commands/starts.ts';
import { duration, money, when } from './format.ts';
import {
  byActivity,
  columnOf,
  columnsReader,
  countOf,
  firstColumn,
  plannedBy,
  standingOf,
  standingsOf,
  wordsOf,
  type BoardFilter,
  type Convoys,
  type Standing,
} from './ordering.ts';
import { aBead } from '@gastown/protocol/testing';

const NONE: Convoys = new Map();
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0 };
const agent = (name: string, status: AgentStatus, lastActivityAt: number | null) =>
  AgentRow.parse({
    id: 'ag-00000001',
    name,
    role: 'polecat',
    identity: name,
    rigId: null,
    status,
    beadId: null,
    runId: null,
    asks: null,
    statusLine: null,
    paused: false,
    lastActivityAt,
    createdAt: 1,
    usage,
  });

describe('orders and figures', () => {
  it('lists agents active first, ties by last activity (AG-17)', () => {
    const list = [
      agent('exited', 'exited', 9),
      agent('idle', 'idle', 8),
      agent('starting', 'starting', 7),
      agent('older', 'working', 1),
      agent('newer', 'working', 2),
      agent('failed', 'failed', 3),
    ];
    expect(list.toSorted(byActivity).map((row) => row.name)).toEqual(['newer', 'older', 'starting', 'idle', 'exited', 'failed']);
  });

  it('writes money so that small sums stay true', () => {
    expect([0, 12_300, 612_300, 7_604_200].map(money)).toEqual(['$0.00', '$0.0123', '$0.61', '$7.60']);
  });

  it('writes durations in two figures', () => {
    expect([42, 8_412, 21_904, 93_000, 3_720_000].map(duration)).toEqual(['42 ms', '8.4 s', '21 s', '1 m 33 s', '1 h 02 m']);
  });

  it('dates what is not of today', () => {
    const now = new Date(2026, 10, 22, 12, 0).getTime();
    expect(when(new Date(2026, 10, 22, 9, 5).getTime(), now)).toBe('09:05');
    expect(when(new Date(2026, 10, 3, 12, 31).getTime(), now)).toBe('3 Nov 12:31');
    expect(when(new Date(2030, 0, 2, 9, 0).getTime(), now)).toBe('2 Jan 2030 09:00');
  });
});

describe('the filters of the board', () => {
  const beads = [
    aBead({ id: 'gt-1', kind: 'bug', labels: ['api'] }),
    aBead({ id: 'gt-2', labels: ['docs', 'api'] }),
    aBead({ id: 'gt-3', kind: 'bug', archivedAt: 5 }),
    aBead({ id: 'gt-4', status: 'closed', kind: 'bug' }),
    aBead({ id: 'es-1', type: 'escalation', kind: 'bug' }),
  ];
  const shown = (filter: Parameters<typeof columnOf>[2]) => columnOf(beads, 'open', filter, NONE).map((bead) => bead.id);

  it('shows what is archived only when asked (AR-2)', () => {
    expect(shown({})).toEqual(['gt-1', 'gt-2']);
    expect(shown({ archived: true })).toEqual(['gt-1', 'gt-2', 'gt-3']);
  });

  it('puts what is held behind what is planned, and records last (UI-4)', () => {
    const held = aBead({ id: 'gt-1', priority: 'critical', hold: 'foreign', wait: { code: 'held', ref: null, until: null } });
    const behind = aBead({ id: 'gt-2', hold: 'pinned', wait: { code: 'blocked_by_open', ref: 'gt-9', until: null } });
    const epic = aBead({ id: 'gt-3', kind: 'epic', wait: { code: 'not_dispatched', ref: null, until: null } });
    const record = aBead({ id: 'gt-4', kind: 'agent', priority: 'critical', hold: 'not_work' });
    const [planned, low] = [aBead({ id: 'gt-5', priority: 'low', hold: 'staged' }), aBead({ id: 'gt-6', priority: 'low' })];
    const order = columnOf([record, held, behind, epic, planned, low], 'open', {}, NONE).map(({ id }) => id);
    expect(order).toEqual(['gt-6', 'gt-5', 'gt-1', 'gt-2', 'gt-3', 'gt-4']);
  });

  it('puts what is only planned behind what agents take, by itself or in its convoy', () => {
    const planned = aBead({ id: 'gt-1', priority: 'critical', hold: 'staged' });
    const inConvoy = aBead({ id: 'gt-2', priority: 'high', wait: { code: 'staged', ref: 'cv-00000001', until: null } });
    const low = aBead({ id: 'gt-3', priority: 'low' });
    expect(columnOf([planned, inConvoy, low], 'open', {}, NONE).map(({ id }) => id)).toEqual(['gt-3', 'gt-1', 'gt-2']);
  });

  it('begins at the column that was chosen last, else at the first that has beads', () => {
    expect(firstColumn(null, [0, 0, 2, 9, 1])).toBe(2);
    expect(firstColumn('closed', [3, 0, 2, 9, 1])).toBe(3);
    expect(firstColumn(null, [0, 0, 0, 0, 0])).toBe(0);
  });

  it('narrows by kind and by label', () => {
    expect(shown({ kind: 'bug' })).toEqual(['gt-1']);
    expect(shown({ label: 'api' })).toEqual(['gt-1', 'gt-2']);
    expect(shown({ label: 'api', kind: 'task' })).toEqual(['gt-2']);
  });

  it('keeps the list of a column in which nothing moved, so that it is not drawn again', () => {
    const read = columnsReader({});
    const rows = (list: typeof beads) => new Map(list.map((bead) => [bead.id, bead]));
    const before = read(rows(beads), NONE);
    expect(before).toEqual([['gt-1', 'gt-2'], [], [], ['gt-4'], []]);
    const after = read(rows(beads.map((bead) => (bead.id === 'gt-2' ? { ...bead, status: 'failed' as const } : bead))), NONE);
    expect(after).toEqual([['gt-1'], [], [], ['gt-4'], ['gt-2']]);
    expect(after.map((ids, place) => ids === before[place])).toEqual([false, true, true, true, false]);
  });

  it('offers the words that are in use, each once', () => {
    expect(wordsOf(beads)).toEqual({ kinds: ['bug', 'task'], labels: ['api', 'docs'] });
  });
});

it('the count of closed beads claims no sum before the town has said it, and then says of how many; other columns are always whole', () => {
  const none = { closed: false, archived: false };
  const some = { closed: true, archived: false };
  const count = (shown: number, status: BeadStatus, filter: BoardFilter, leftOut: LeftOut, total: number | null = null) =>
    countOf(shown, 0, status, filter, leftOut, total);
  expect(count(500, 'closed', {}, none)).toEqual({ figure: '500', words: null, older: null });
  expect(count(500, 'closed', {}, some)).toEqual({ figure: '500+', words: null, older: null });
  expect(count(166, 'closed', {}, some, 2_804)).toEqual({
    figure: '166 of 2,804',
    words: null,
    older: '2,638 older closed beads are not loaded.',
  });
  expect(count(1, 'closed', { rig: 'rig-1' }, some, 1)).toEqual({ figure: '1', words: null, older: null });
  expect(count(1, 'closed', {}, some, 2).older).toBe('1 older closed bead is not loaded.');
  expect(count(12, 'closed', { q: 'x' }, some).figure).toBe('12+');
  expect(count(3, 'closed', {}, { closed: false, archived: true }, 9).figure).toBe('3');
  expect(count(3, 'closed', { archived: true }, { closed: false, archived: true }, 9).figure).toBe('3 of 9');
  for (const status of ['open', 'in_progress', 'in_review', 'failed'] as const)
    expect(count(7, status, { archived: true }, { closed: true, archived: true }, 9)).toEqual({ figure: '7', words: null, older: null });
});

it('an older bead that was loaded stands in its column until the replica holds it, and once', () => {
  const row = (id: string, status: BeadStatus, closedAt: number) => aBead({ id, status, closedAt });
  const read = columnsReader({});
  const held = new Map([['gt-1', row('gt-1', 'closed', 9)]]);
  const older = [row('gt-2', 'closed', 5), row('gt-1', 'closed', 9)];
  expect(read(held, new Map(), older)[3]).toEqual(['gt-1', 'gt-2']);
  const again = read(new Map([...held, ['gt-2', row('gt-2', 'open', 0)]]), new Map(), older);
  expect([again[0], again[3]]).toEqual([['gt-2'], ['gt-1']]);
});

describe('what is planned is one rule for every number of the page', () => {
  const staged = { code: 'staged', ref: null, until: null } as const;
  const blocked = { code: 'blocked_by_open', ref: 'gt-1', until: null } as const;
  const convoys: Convoys = new Map([
    ['cv-00000001', { status: 'staged' as const }],
    ['cv-00000002', { status: 'open' as const }],
  ]);
  const cv = (n: 1 | 2) => ({ convoyId: `cv-0000000${n}` });
  const beads = [
    aBead({ id: 'gt-1', hold: 'staged', wait: staged }),
    // What waits for another bead of the plan says so first, and is planned all the same.
    aBead({ id: 'gt-2', hold: 'staged', wait: blocked }),
    aBead({ id: 'gt-3', ...cv(1), wait: staged }),
    aBead({ id: 'gt-4', ...cv(1), wait: blocked }),
    aBead({ id: 'gt-5', ...cv(2), wait: blocked }),
    aBead({ id: 'gt-6', status: 'closed', hold: 'staged' }),
    aBead({ id: 'gt-7', status: 'failed', ...cv(1) }),
    aBead({ id: 'gt-8', type: 'molecule', hold: 'staged' }),
  ];

  it('a bead is planned by itself or by its convoy, also while it waits for another one', () => {
    expect(beads.map((bead) => plannedBy(bead, convoys))).toEqual(['itself', 'itself', 'convoy', 'convoy', null, null, null, null]);
  });

  it('the summary of a rig, the head of the board, the start of a rig and the need of a plan count the same', () => {
    const rigId = 'rig-1a2b3c4d';
    const here = beads.map((bead) => ({ ...bead, rigId: rigId as BeadRow['rigId'] }));
    expect(standingsOf(here, convoys)).toEqual(['1 blocked', '4 planned']);
    expect(countOf(5, 4, 'open', {}, { closed: true, archived: true })).toEqual({ figure: '5', words: '4 planned', older: null });
    const tables: Record<string, ReadonlyMap<string, unknown>> = {
      beads: new Map(here.map((bead) => [bead.id, bead])),
      rigs: new Map([[rigId, { id: rigId, name: 'shop' }]]),
      convoys: new Map([
        ['cv-00000001', { id: 'cv-00000001', title: 'C', status: 'staged', total: 4, closed: 1, failed: 1, archivedAt: null }],
      ]),
    };
    const replica = { rows: (table: string) => tables[table] ?? new Map() } as Parameters<typeof planned>[0];
    expect(startSize(replica, PersonCommand.parse({ kind: 'bead.start', rigId }))?.many).toBe(2);
    expect(startSize(replica, PersonCommand.parse({ kind: 'convoy.start', convoyId: 'cv-00000001' }))?.many).toBe(2);
    expect(planned(replica).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
      'C: A plan of 2 beads: nothing of it is worked on before you start it.',
      '2 planned beads of shop: Not started: they begin when you start them.',
    ]);
  });
});

describe('how open work stands', () => {
  /** Every reason to wait has a place; a new one must be given its own. */
  const STANDS: Record<WaitCode, Standing> = {
    no_slot: 'queued',
    retry_later: 'queued',
    container_starting: 'queued',
    container_stopping: 'queued',
    runner_draining: 'queued',
    runner_places: 'queued',
    runner_full: 'queued',
    runner_keeping: 'queued',
    blocked_by_open: 'blocked',
    blocked_by_failed: 'blocked',
    blocked_by_external: 'blocked',
    waits_for_children: 'blocked',
    parent_blocked: 'blocked',
    budget_spent: 'waiting for you',
    soft_limit: 'waiting for you',
    no_model: 'waiting for you',
    container_failed: 'waiting for you',
    rig_unreachable: 'waiting for you',
    no_runner: 'waiting for you',
    runner_unfit: 'waiting for you',
    permission_asked: 'waiting for you',
    person_asked: 'waiting for you',
    needs_person: 'waiting for you',
    staged: 'planned',
    town_paused: 'held',
    town_stopped: 'held',
    rig_paused: 'held',
    rig_connecting: 'held',
    convoy_paused: 'held',
    model_held: 'held',
    runner_away: 'held',
    runner_paused: 'held',
    deferred: 'put by',
    parent_deferred: 'put by',
    held: 'put by',
    not_dispatched: 'put by',
    // Of work that is not open; never to be counted as what begins by itself.
    agent_starting: 'held',
    worktree_preparing: 'held',
    agent_working: 'held',
    agent_silent: 'held',
    hand_in_refused: 'held',
    in_queue: 'held',
    testing: 'held',
    landing: 'held',
  };
  const waits = (code: WaitCode, over = {}) => aBead({ ...over, wait: { code, ref: null, until: null } });

  it.each(WaitCode.options)('%s', (code) => {
    expect(standingOf(waits(code), NONE)).toBe(STANDS[code]);
  });

  it('counts nothing that is no open work', () => {
    expect(standingOf(waits('no_slot', { archivedAt: 5 }), NONE)).toBeNull();
    expect(standingOf(waits('agent_working', { status: 'in_progress' }), NONE)).toBeNull();
    expect(standingOf(waits('no_slot', { type: 'escalation' }), NONE)).toBeNull();
  });

  it('tells apart what begins by itself and what does not; what a person put by is not told', () => {
    const codes: WaitCode[] = ['no_slot', 'blocked_by_open', 'retry_later', 'staged', 'deferred', 'town_stopped', 'needs_person', 'staged'];
    expect(
      standingsOf(
        codes.map((code) => waits(code)),
        NONE,
      ),
    ).toEqual(['2 queued', '1 waiting for you', '1 blocked', '1 held', '2 planned']);
    expect(standingsOf([waits('town_stopped'), waits('town_stopped')], NONE)).toEqual(['2 held']);
    expect(standingsOf([], NONE)).toEqual([]);
  });
});
