import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { checkInvariants } from '../invariants.ts';
import { memorySql, story, type Story } from '../testing.ts';
import { bring, exported } from '../testing/bring.ts';
import { readLines } from './read.ts';

/** Files of every kind, made by chance: the town takes, refuses or keeps each line, and never breaks (reliability §3, hostile input). */
const SEED = Number(process.env['FUZZ_SEED'] ?? 7);
/** Files of about ten lines, each line a case; those that need a town are fewer. A failing file is shown whole: making it smaller takes minutes. */
const FILES = Number(process.env['FUZZ_FILES'] ?? 250);
const TOWNS = Math.ceil(FILES / 10);
/** What takes longer counts as hung. */
vi.setConfig({ testTimeout: Math.max(60_000, FILES * 150) });
const paused = (): { one: Story; store: ReturnType<typeof memorySql> } => {
  const store = memorySql();
  const one = story({}, { store, check: false });
  one.town.must({ kind: 'town.pause' });
  return { one, store };
};

const ids = fc.constantFrom('bd-1', 'bd-2', 'bd-3', 'bd-4', 'bd-4.1', 'bd-wisp-5', 'GT_6', 'x');
const time = fc
  .tuple(
    fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999_999 }),
    fc.constantFrom('Z', '-08:00', '+05:30'),
  )
  .map(([date, micros, zone]) => `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}${zone}`);
const edge = fc.record(
  {
    issue_id: ids,
    depends_on_id: fc.oneof(ids, fc.constant('external:a:b'), fc.constant('gone')),
    type: fc.constantFrom('blocks', 'blocks', 'parent-child', 'conditional-blocks', 'waits-for', 'related', 'discovered-from', 'custom-x'),
    metadata: fc.constantFrom('{"gate":"any-children"}', { gate: 'any-children' }, '{bad', ''),
  },
  { requiredKeys: ['issue_id', 'depends_on_id', 'type'] },
);
const goodFields = {
  id: ids,
  title: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((title) => `t ${title}`),
  description: fc.string({ unit: 'binary', maxLength: 80 }),
  notes: fc.string({ maxLength: 30 }),
  design: fc.constantFrom('', 'so', ' '),
  status: fc.constantFrom('open', 'open', 'closed', 'in_progress', 'blocked', 'deferred', 'pinned', 'hooked', 'review'),
  priority: fc.integer({ min: 0, max: 4 }),
  issue_type: fc.constantFrom('task', 'bug', 'epic', 'feat', 'message', 'agent', 'event', 'convoy', 'own_word'),
  labels: fc.array(fc.string({ maxLength: 12 }), { maxLength: 3 }),
  created_at: time,
  updated_at: time,
  closed_at: time,
  defer_until: time,
  ephemeral: fc.boolean(),
  no_history: fc.boolean(),
  pinned: fc.constantFrom(true, false, 0, 1, null),
  metadata: fc.jsonValue({ maxDepth: 3 }),
  owner: fc.string(),
  estimated_minutes: fc.double({ noNaN: true, noDefaultInfinity: true }),
  dependencies: fc.array(edge, { maxLength: 4 }),
};
const goodLine = fc
  .tuple(fc.record(goodFields, { requiredKeys: ['id', 'title'] }), fc.constantFrom(0, 0, 0, 1))
  .map(([said, space]) => JSON.stringify(said, null, space).replaceAll('\n', ' '));
const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .dictionary(fc.constantFrom(...Object.keys(goodFields), '_type', '_schema', '__proto__'), fc.jsonValue({ maxDepth: 2 }))
    .map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{"title":"x","id":"\\u0000"}',
    '{"title":"\\ud800","id":"lone"}',
    `{"id":"deep","title":"d","metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    '{"id":"bd-1","title":"a","title":"b"}',
  ),
);
const goodFile = fc.uniqueArray(goodLine, { minLength: 1, maxLength: 12, selector: (line) => (JSON.parse(line) as { id: string }).id });
const anyFile = fc.array(fc.oneof({ weight: 3, arbitrary: goodLine }, { weight: 2, arbitrary: noise }), { minLength: 5, maxLength: 15 });

/** Everything that the town keeps of beads, whatever its own names and times are. */
const tables = (store: ReturnType<typeof memorySql>) => ({
  beads: store.all(`SELECT * FROM beads WHERE type = 'issue' ORDER BY id`).map((row) => ({ ...row, rig_id: null })),
  issues: store.all(`SELECT * FROM issues ORDER BY bead_id`),
  edges: store.all('SELECT * FROM dependencies ORDER BY bead_id, depends_on, type'),
  lines: store.all('SELECT bead_id, line FROM imported_lines ORDER BY bead_id'),
});

describe('beads of any file (issue, Build 6)', () => {
  test('every line that is not empty is a bead or has its verdict, whatever stands in it', () => {
    fc.assert(
      fc.property(anyFile, (lines) => {
        const file = lines.map((line) => line.replaceAll('\n', ' '));
        const { beads, decided } = readLines(file.join('\n'));
        const told = [...beads, ...decided].map(({ line }) => line).toSorted((a, b) => a - b);
        expect(told).toEqual(file.flatMap((line, at) => (line.trim() === '' ? [] : [at + 1])));
        expect(decided.every(({ why }) => why !== null)).toBe(true);
        expect(new Set(beads.map(({ id }) => id)).size).toBe(beads.length);
      }),
      { numRuns: FILES, seed: SEED, endOnFailure: true },
    );
  });

  test('go in, come out byte for byte, and go into an empty town as the same beads', () => {
    fc.assert(
      fc.property(goodFile, (file) => {
        const [a, b] = [paused(), paused()];
        expect(bring(a.one, file).counts).toMatchObject({ created: file.length, bad: 0 });
        const out = exported(a.one);
        expect(out.toSorted()).toEqual(file.toSorted());
        expect(bring(a.one, file)).toMatchObject({ importId: null, counts: { unchanged: file.length } });
        bring(b.one, file);
        expect(tables(b.store)).toEqual(tables(a.store));
        expect(checkInvariants(a.store, a.one.town.now)).toEqual([]);
      }),
      { numRuns: TOWNS, seed: SEED, endOnFailure: true },
    );
  });

  test('are taken or told line by line, whatever stands in them, and a dry run knows before', () => {
    fc.assert(
      fc.property(fc.array(anyFile, { minLength: 1, maxLength: 2 }), (files) => {
        const { one, store } = paused();
        for (const lines of files) {
          const file = lines.map((line) => line.replaceAll('\n', ' '));
          const dry = bring(one, file, { dryRun: true });
          const real = bring(one, file);
          expect({ ...real, importId: null, dryRun: true }).toEqual(dry);
          expect(real.counts.lines).toBe(file.filter((line) => line.trim() !== '').length);
          expect(bring(one, file).counts).toMatchObject({ created: 0, bad: real.counts.bad });
          expect(checkInvariants(store, one.town.now)).toEqual([]);
        }
      }),
      { numRuns: TOWNS, seed: SEED, endOnFailure: true },
    );
  });

  test('that were changed here come out changed in exactly that, and go in as they are', () => {
    fc.assert(
      fc.property(goodFile, fc.array(fc.tuple(ids, fc.nat(5)), { maxLength: 6 }), (file, acts) => {
        const [a, b] = [paused(), paused()];
        bring(a.one, file);
        for (const [id, act] of acts) change(a.one, id, act);
        const out = exported(a.one);
        bring(b.one, out);
        expect(exported(b.one)).toEqual(out);
        expect(bring(a.one, out).counts).toMatchObject({ unchanged: out.length });
        const said = (of: Story) =>
          of.town
            .rows()
            .beads.map(({ id, status, title, body, labels, priority, kind }) => ({ id, status, title, body, labels, priority, kind }))
            .toSorted((x, y) => (x.id < y.id ? -1 : 1));
        expect(said(b.one)).toEqual(said(a.one));
      }),
      { numRuns: TOWNS, seed: SEED, endOnFailure: true },
    );
  });
});

function change({ town }: Story, id: string, act: number): void {
  const beadId = id as never;
  const acts = [
    () => town.person({ kind: 'bead.update', beadId, title: 'changed', labels: ['new'] }),
    () => town.person({ kind: 'bead.update', beadId, body: 'another text', priority: 'high', workKind: 'chore' }),
    () => town.person({ kind: 'bead.set_status', beadId, status: 'closed' }),
    () => town.person({ kind: 'bead.set_status', beadId, status: 'failed', reason: 'no use' }),
    () => town.person({ kind: 'bead.set_status', beadId, status: 'open' }),
    () => town.person({ kind: 'bead.start', beadId }),
  ];
  acts[act]?.();
}
