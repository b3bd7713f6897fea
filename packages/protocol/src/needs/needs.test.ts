import { expect, test } from 'vitest';
import { failure, type RowOf, type TableName } from '../index.ts';
import { needsOf } from './needs.ts';

type Rows = Parameters<typeof needsOf>[0];
const replica = (tables: Partial<Record<TableName, unknown[]>>): Rows => ({
  rows: <T extends TableName>(table: T) =>
    new Map((tables[table] ?? []).map((row, at) => [(row as { id?: string }).id ?? at, row as RowOf<T>])),
});
const town = {
  id: 'k3v9q0t2m4xa',
  model: { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:9', price: null },
  scripted: false,
  canRehearse: false,
  stopped: false,
  dispatchHeld: null,
  usage: { costMicros: 0 },
  container: { state: 'running' },
  createdAt: 1,
};
const run = (endedAt: number, code: 'model_unreachable' | 'gate_failed' | null) => ({ endedAt, failure: code && failure(code) });

test('a model that does not answer needs a person while the newest run ended because of it (UI-18)', () => {
  const [need] = needsOf(replica({ town: [town], runs: [run(1, null), run(2, 'model_unreachable')] }));
  expect(need).toMatchObject({ id: 'model-trouble', opens: { settings: 'models' } });
  expect(need?.step).toBeTruthy();
});

test('once a run got through, or another reason came, the model is no need any more', () => {
  expect(needsOf(replica({ town: [town], runs: [run(1, 'model_unreachable'), run(2, null)] }))).toEqual([]);
  expect(needsOf(replica({ town: [town], runs: [run(1, 'model_unreachable'), run(2, 'gate_failed')] }))).toEqual([]);
});

test('input in quarantine needs a person: what it was, why, and a way to apply it again (RC-9)', () => {
  const input = { id: 'qu-1', source: 'report', kind: 'run.lost', error: 'It broke.', times: 3, at: 5, retriable: true };
  const [need] = needsOf(replica({ quarantine: [input] }));
  expect(need).toMatchObject({
    id: 'qu-1',
    title: 'The town broke over a report of the runner (run.lost)',
    detail: 'It broke. It came 3 times.',
    sends: { kind: 'quarantine.retry', quarantineId: 'qu-1' },
  });
  expect(needsOf(replica({ quarantine: [{ ...input, retriable: false }] }))[0]?.sends).toBeNull();
});

const limit = (level: string, of: string, softMicros: number | null, hardMicros: number | null) => ({
  id: `${level}:${of}`,
  level,
  of,
  softMicros,
  hardMicros,
});
const rig = { id: 'rig-1a2b3c4d', name: 'shop', state: 'ready', usage: { costMicros: 6_000_000 } };

test('a limit that holds something back asks for a person, who goes to raise exactly that one (RC-32)', () => {
  const [need] = needsOf(replica({ rigs: [rig], limits: [limit('rig', rig.id, null, 6_000_000)] }));
  expect(need).toMatchObject({
    title: 'The hard limit of the rig shop is reached',
    opens: { settings: 'spend', limit: 'rig:rig-1a2b3c4d', word: 'Raise' },
  });
  const [soft] = needsOf(replica({ rigs: [rig], limits: [limit('rig', rig.id, 5_000_000, 9_000_000)] }));
  expect(soft?.title).toBe('The soft limit of the rig shop is reached');
});

test('a limit that is not reached, one for each, or one with an escalation of its own is no need', () => {
  const bead = { id: 'gt-1', type: 'issue', status: 'open', usage: { costMicros: 9 } };
  expect(
    needsOf(
      replica({
        rigs: [rig],
        beads: [bead],
        limits: [limit('rig', rig.id, null, 7_000_000), limit('bead', '*', 1, 1), limit('bead', 'gt-1', null, 9)],
      }),
    ),
  ).toEqual([]);
});

test('what a patrol asks is a need until it is answered (ES-13)', () => {
  const request = {
    id: 'tr-1',
    kind: 'crash_loop',
    agentId: 'ag-1',
    beadId: null,
    message: 'Five runs failed.',
    createdAt: 4,
    resolvedAt: null,
  };
  const agents = [{ id: 'ag-1', name: 'Toast' }];
  expect(needsOf(replica({ agents, triage: [request] }))).toMatchObject([{ title: 'Toast fails again and again', triage: { id: 'tr-1' } }]);
  expect(needsOf(replica({ agents, triage: [{ ...request, resolvedAt: 5 }] }))).toEqual([]);
});

test('what an agent asks permission for is the first need, until it is answered (I19)', () => {
  const asked = { id: 'pm-1', agentId: 'ag-1', beadId: 'gt-1', category: 'web', title: 'Read example.org', askedAt: 5, answeredAt: null };
  const agents = [{ id: 'ag-1', name: 'Toast' }];
  const beads = [{ id: 'gt-1', title: 'Add X', status: 'in_progress' }];
  const [need] = needsOf(replica({ permissions: [asked], agents, beads }));
  expect(need).toMatchObject({
    id: 'pm-1',
    title: 'Toast asks: Read example.org',
    detail: 'It asks to reach the network, for “Add X”.',
    opens: { drawer: { kind: 'bead', id: 'gt-1' } },
  });
  expect(needsOf(replica({ permissions: [{ ...asked, answeredAt: 6 }], agents, beads }))).toEqual([]);
});

test('a provider that wants no calls is one need, with the way to its settings and a way to try again (RC-34)', () => {
  const asked = {
    id: 'es-1',
    beadId: null,
    agentId: null,
    severity: 'high',
    category: 'lifecycle',
    message: 'No credit.',
    topic: 'model',
    acknowledgedAt: null,
  };
  const [need, ...others] = needsOf(
    replica({ town: [town], escalations: [asked], runs: [{ endedAt: 2, failure: failure('model_quota_spent') }] }),
  );
  expect(need).toMatchObject({ title: 'The provider wants no calls', opens: { settings: 'models' }, sends: { kind: 'dispatch.reset' } });
  expect(others).toEqual([]);
});

test('a stopped town says so, with the way to go on', () => {
  expect(needsOf(replica({ town: [{ ...town, stopped: true }] }))).toMatchObject([{ id: 'stopped', sends: { kind: 'town.resume' } }]);
});

test('a machine that is away while work may go nowhere else, and a repository that nobody takes, ask for a person (design/runner.md §5)', () => {
  const bead = (id: string, code: string, ref: string) => ({
    id,
    rigId: rig.id,
    type: 'issue',
    status: 'open',
    usage: { costMicros: 0 },
    wait: { code, ref, until: null },
  });
  const runner = { id: 'rn-1', name: 'Attic', failure: null, linkSince: 7 };
  const beads = [bead('gt-1', 'runner_away', 'rn-1'), bead('gt-2', 'runner_away', 'rn-1'), bead('gt-3', 'no_runner', rig.id)];
  const begun = { ...bead('gt-4', 'runner_away', 'rn-1'), status: 'in_progress' };
  const tested = { ...begun, id: 'gt-5', status: 'in_review', wait: { ...begun.wait, until: 9 } };
  expect(needsOf(replica({ rigs: [rig], runners: [runner], beads: [begun, tested] }))).toEqual([]);
  for (const [code, of] of [
    ['runner_away', 'rn-1'],
    ['no_runner', rig.id],
  ] as const)
    expect(needsOf(replica({ rigs: [rig], runners: [runner], beads: [{ ...bead('gt-6', code, of), status: 'in_review' }] }))).toHaveLength(
      1,
    );
  const found = needsOf(replica({ rigs: [rig], runners: [runner], beads }));
  const told = found.map(({ title, detail, step, opens, goes }) => ({ title, detail, step, opens, goes }));
  expect(told).toEqual([
    {
      title: 'The runner Attic is not there',
      detail: '2 beads wait for it, and may go nowhere else.',
      step: 'Start it on its machine with the line you were given (./gastown runner …), or let another take the beads in Settings › Runners.',
      opens: { drawer: { kind: 'runner', id: 'rn-1' } },
      goes: { drawer: { kind: 'runner', id: 'rn-1' }, word: 'Open the runner' },
    },
    {
      title: 'No runner takes shop',
      detail: 'One bead waits for one.',
      step: 'Let one of your runners take it, or add one, in Settings › Runners.',
      opens: { settings: 'runners', word: 'Runners' },
      goes: null,
    },
  ]);
  const silent = { ...runner, failure: failure('runner_wedged') };
  expect(needsOf(replica({ rigs: [rig], runners: [silent], beads }))[0]).toMatchObject({
    title: 'The runner Attic does not answer',
    step: expect.stringContaining('Start it anew on its machine'),
  });
});

test('a plan that waits for its start needs a person: each convoy by itself, the beads of a rig together (I8)', () => {
  const convoy = { id: 'cv-1', title: 'Guest checkout', status: 'staged', total: 3, closed: 0, failed: 0, archivedAt: null, createdAt: 4 };
  const bead = (id: string, over = {}) => ({
    id,
    title: `Bead ${id}`,
    type: 'issue',
    status: 'open',
    hold: 'staged',
    convoyId: null,
    archivedAt: null,
    rigId: 'rig-1',
    wait: { code: 'staged', ref: null, until: null },
    ...over,
  });
  const idle = [bead('gt-3', { convoyId: 'cv-1', hold: null }), bead('gt-4', { hold: 'pinned' }), bead('gt-5', { archivedAt: 3 })];
  const other = [
    { ...convoy, id: 'cv-2', status: 'open' },
    { ...convoy, id: 'cv-3', total: 0 },
  ];
  expect(needsOf(replica({ convoys: [convoy, ...other], beads: idle }))).toMatchObject([
    { title: 'Guest checkout', opens: { drawer: { kind: 'convoy', id: 'cv-1' } }, sends: { kind: 'convoy.start', convoyId: 'cv-1' } },
  ]);
  expect(needsOf(replica({ beads: [bead('gt-1'), ...idle] }))).toMatchObject([
    { title: 'Bead gt-1', opens: { drawer: { kind: 'bead', id: 'gt-1' } }, sends: { kind: 'bead.start', beadId: 'gt-1' } },
  ]);
  const rigs = [{ id: 'rig-1', name: 'shop', state: 'ready' }];
  const added = bead('gt-2', { convoyId: 'cv-2' });
  expect(needsOf(replica({ rigs, beads: [bead('gt-1'), added, ...idle] }))).toMatchObject([
    { title: '2 planned beads of shop', opens: { board: 'rig-1' }, sends: { kind: 'bead.start', rigId: 'rig-1' } },
  ]);
});
