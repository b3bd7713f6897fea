import { expect, test } from 'vitest';
import { failure, type RowOf, type TableName } from '../index.ts';
import { needsOf } from './needs.ts';

const replica = (tables: Partial<Record<TableName, unknown[]>>) => ({
  rows: <T extends TableName>(table: T) => new Map((tables[table] ?? []).map((row) => [(row as { id: string }).id, row as RowOf<T>])),
});
const bead = (over: object = {}) => ({
  id: 'gt-1',
  title: 'Add X',
  type: 'issue',
  status: 'failed',
  archivedAt: null,
  mergeId: null,
  wait: null,
  failure: failure('attempts_exhausted', 'Three attempts failed.'),
  updatedAt: 3,
  ...over,
});
const cry = (over: object = {}) => ({
  id: 'es-1',
  beadId: 'gt-1',
  agentId: 'ag-1',
  severity: 'high',
  category: 'failed',
  message: 'Add X failed: Three attempts failed.',
  topic: null,
  createdAt: 4,
  acknowledgedAt: null,
  ...over,
});
const request = (over: object = {}) => ({
  id: 'tr-1',
  kind: 'crash_loop',
  agentId: 'ag-1',
  beadId: 'gt-1',
  message: 'Maple failed 5 times.',
  actions: ['RESTART', 'REASSIGN_BEAD', 'CLOSE_BEAD', 'ESCALATE_TO_MAYOR'],
  createdAt: 5,
  resolvedAt: null,
  ...over,
});
const maple = (over: object = {}) => ({ id: 'ag-1', name: 'Maple', role: 'polecat', runId: null, beadId: null, ...over });
const TOWN = {
  id: 'k3v9',
  model: { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:9', price: null },
  scripted: false,
  canRehearse: false,
  stopped: false,
  dispatchHeld: null,
  usage: { costMicros: 0 },
  container: { state: 'running' },
};

test('a bead that failed is one need, with what the town and a patrol say of it, and one way to try again (I8, ES-12)', () => {
  const needs = needsOf(replica({ beads: [bead()], escalations: [cry()], triage: [request()], agents: [maple()] }));
  expect(needs).toHaveLength(1);
  expect(needs[0]).toMatchObject({
    title: 'Add X',
    detail: 'Add X failed: Three attempts failed.',
    more: ['Maple failed 5 times.'],
    sends: { kind: 'triage.resolve', triageId: 'tr-1', action: 'RESTART' },
    triage: { id: 'tr-1', actions: ['ESCALATE_TO_MAYOR'] },
    escalation: { id: 'es-1' },
    goes: null,
  });
});

test('without a patrol the bead itself is tried again; what was acknowledged leaves its failure', () => {
  const retry = { kind: 'bead.retry', beadId: 'gt-1' };
  expect(needsOf(replica({ beads: [bead()], escalations: [cry()] }))).toMatchObject([{ id: 'es-1', sends: retry }]);
  expect(needsOf(replica({ beads: [bead()], escalations: [cry({ acknowledgedAt: 6 })] }))).toMatchObject([
    { id: 'gt-1', detail: 'Three attempts failed.', sends: retry, escalation: null },
  ]);
  expect(needsOf(replica({ beads: [bead({ archivedAt: 9 })] }))).toEqual([]);
});

test('what a patrol asks of a bead at work takes in what the town says of it, and leaves an agent its question', () => {
  const beads = [bead({ status: 'in_progress', failure: null })];
  const said = cry({ category: 'lifecycle', message: 'Maple is silent.' });
  const question = cry({ id: 'es-2', category: 'decision', message: 'Which API?' });
  const agents = [maple({ runId: 'run-1', beadId: 'gt-1' })];
  const needs = needsOf(replica({ beads, agents, escalations: [said, question], triage: [request({ kind: 'stuck_agent' })] }));
  expect(needs.map(({ id, more }) => ({ id, more }))).toEqual([
    { id: 'tr-1', more: ['Maple is silent.'] },
    { id: 'es-2', more: [] },
  ]);
  expect(needs[1]?.goes).toEqual({ drawer: { kind: 'agent', id: 'ag-1' }, word: 'Answer' });
});

test('a refused landing leads to the merge that can be retried, not to an agent that is gone', () => {
  const beads = [bead({ status: 'in_review', failure: null, mergeId: 'mr-1', wait: { code: 'needs_person', ref: 'mr-1', until: null } })];
  const merges = [{ id: 'mr-1', beadId: 'gt-1', phase: 'failed', failure: failure('push_refused') }];
  const [need] = needsOf(replica({ beads, merges, agents: [maple()], escalations: [cry()] }));
  expect(need?.goes).toEqual({ drawer: { kind: 'merge', id: 'mr-1' }, word: 'Open merge' });
});

test('an agent is answered only where it hears it: at work on that bead, or the Mayor', () => {
  const beads = [bead({ status: 'open', failure: null })];
  const way = (agent: object, over: object = {}) =>
    needsOf(replica({ beads, agents: [agent], escalations: [cry({ category: 'decision', ...over })] }))[0]?.goes?.word;
  expect(way(maple({ runId: 'run-1', beadId: 'gt-1' }))).toBe('Answer');
  expect(way(maple({ runId: 'run-1', beadId: 'gt-2' }))).toBe('Open bead');
  expect(way(maple())).toBe('Open bead');
  expect(way(maple({ role: 'mayor' }))).toBe('Answer');
  expect(way(maple(), { beadId: null })).toBe('Open agent');
});

test('a repository that is away is connected again, and removed only as the second choice; it is one need, since it broke', () => {
  const rig = (code: 'repository_not_found' | 'repository_refused') => ({
    id: 'rig-1',
    name: 'shop',
    state: 'unreachable',
    createdAt: 1,
    failingSince: 9,
    failure: failure(code),
  });
  const parked = [{ id: 'ef-1', kind: 'rig.connect', target: 'rig:rig-1', attempts: 10, failure: null, at: 3 }];
  const [need, ...others] = needsOf(replica({ rigs: [rig('repository_not_found')], parked }));
  expect(others).toEqual([]);
  expect(need).toMatchObject({
    at: 9,
    sends: { kind: 'rig.reconnect', rigId: 'rig-1' },
    goes: { settings: 'repositories', rig: 'rig-1', word: 'Remove it', after: true },
  });
  expect(needsOf(replica({ rigs: [rig('repository_refused')] }))[0]?.goes).toBeNull();
});

test('what stops the town stands first, then a rig, a convoy, a bead; what only tells of them comes last, one line a cause (I8, PT-13)', () => {
  const limits = [{ id: 'town:k3v9', level: 'town', of: 'k3v9', softMicros: null, hardMicros: 6 }];
  const alert = (id: string, topic: string, over: object = {}) =>
    cry({ id, beadId: null, agentId: null, severity: 'critical', category: 'lifecycle', topic, message: `${topic}.`, ...over });
  const again = (id: string, agentId: string) => alert(id, `restarts:${agentId}`, { agentId });
  const needs = needsOf(
    replica({
      town: [{ ...TOWN, usage: { costMicros: 6 } }],
      limits,
      rigs: [{ id: 'rig-1', name: 'shop', state: 'unreachable', failure: failure('repository_refused') }],
      convoys: [{ id: 'cv-1', title: 'Checkout', status: 'open' }],
      beads: [bead()],
      agents: [maple(), maple({ id: 'ag-2', name: 'Toast' }), maple({ id: 'ag-3', name: 'Nux' })],
      triage: [request()],
      escalations: [
        cry({ severity: 'critical' }),
        cry({ id: 'es-2', beadId: 'cv-1', agentId: null, severity: 'low', category: 'budget' }),
        alert('es-3', 'escalations'),
        again('es-4', 'ag-1'),
        again('es-5', 'ag-2'),
        again('es-6', 'ag-3'),
      ],
    }),
  );
  expect(needs.map(({ title }) => title)).toEqual([
    'The hard limit of the town is reached',
    'shop refuses the credentials',
    'Checkout',
    'Add X',
    'The town asks',
    '2 agents were started again and again',
  ]);
  expect(needs[3]).toMatchObject({ more: ['restarts:ag-1.', 'Maple failed 5 times.'], alsoAcknowledges: [{ id: 'es-4' }] });
  expect(needs[5]).toMatchObject({ more: ['restarts:ag-3.'], escalation: { id: 'es-5' }, alsoAcknowledges: [{ id: 'es-6' }] });
});

test('a budget of one agent holds a bead like any other, that of a rig holds the rig (I8, PT-13)', () => {
  const budget = (over: object) => cry({ beadId: null, category: 'budget', rigId: 'rig-1', severity: 'low', ...over });
  const holds = (over: object) => needsOf(replica({ agents: [maple()], escalations: [budget(over)] }))[0]?.holds;
  expect([holds({}), holds({ agentId: null })]).toEqual(['bead', 'rig']);
});
