import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import type { BeadId, BeadStatus, PersonCommand } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { story } from '../testing.ts';
import { readyIds } from './ready.ts';
import { allBeads, type Bead } from './store.ts';
import { allEdges, isExternal, type Edge } from './dependencies.ts';

/** The semantics as they are written down, computed from nothing but statuses, holds and edges: what the kept columns must equal at any time. */
function blockedSet(beads: readonly Bead[], edges: readonly Edge[]): Set<string> {
  const byId = new Map<string, Bead>(beads.map((bead) => [bead.id, bead]));
  const active = (bead: Bead | undefined): boolean => bead !== undefined && bead.status !== 'closed' && bead.hold !== 'pinned';
  const parts = (id: string): Bead[] =>
    edges.flatMap((edge) => (edge.type === 'parent-child' && edge.dependsOn === id ? [byId.get(edge.beadId)!] : []));
  const heldBy = (edge: Edge): boolean => {
    const other = byId.get(edge.dependsOn);
    if (edge.type === 'blocks') return isExternal(edge.dependsOn) || active(other);
    if (edge.type === 'conditional-blocks') return isExternal(edge.dependsOn) || (active(other) && other?.status !== 'failed');
    if (edge.type !== 'waits-for') return false;
    const waiting = parts(edge.dependsOn).some(active);
    return waiting && !(edge.gate === 'any' && parts(edge.dependsOn).some((part) => part.status === 'closed'));
  };
  const blocked = new Set<string>();
  for (let grew = true; grew;) {
    grew = false;
    for (const bead of beads) {
      if (blocked.has(bead.id) || !active(bead)) continue;
      const own = edges.filter((edge) => edge.beadId === bead.id);
      if (!own.some((edge) => heldBy(edge) || (edge.type === 'parent-child' && blocked.has(edge.dependsOn)))) continue;
      blocked.add(bead.id);
      grew = true;
    }
  }
  return blocked;
}

function readySet(beads: readonly Bead[], edges: readonly Edge[]): string[] {
  const blocked = blockedSet(beads, edges);
  const deferred = new Set(beads.filter((bead) => bead.deferUntil !== null).map((bead) => bead.id as string));
  const rank = (bead: Bead): number => ['critical', 'high', 'medium', 'low'].indexOf(bead.priority);
  return beads
    .filter((bead) => bead.type === 'issue' && bead.status === 'open' && bead.hold === null && !blocked.has(bead.id))
    .filter((bead) => bead.deferUntil === null && bead.retryAt === null && bead.archivedAt === null && !bead.ephemeral)
    .filter((bead) => !edges.some((edge) => edge.beadId === bead.id && edge.type === 'parent-child' && deferred.has(edge.dependsOn)))
    .toSorted((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
    .map((bead) => bead.id);
}

/** Beads that wait for themselves in the end: by an order, with their whole, or for the parts of another. */
function circular(edges: readonly Edge[]): string[] {
  const after = new Map<string, Set<string>>();
  const wait = (from: string, to: string) => void (after.get(from) ?? after.set(from, new Set()).get(from)!).add(to);
  for (const { beadId, dependsOn, type } of edges) {
    if (type === 'blocks' || type === 'conditional-blocks' || type === 'parent-child') wait(beadId, dependsOn);
    if (type === 'waits-for')
      for (const part of edges) if (part.type === 'parent-child' && part.dependsOn === dependsOn) wait(beadId, part.beadId);
  }
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of after.get(from) ?? []) if (!seen.has(next)) reached(next, seen.add(next));
    return seen;
  };
  return [...after.keys()].filter((id) => reached(id).has(id));
}

const TYPES = ['blocks', 'conditional-blocks', 'waits-for', 'parent-child', 'related'] as const;
const STATUSES: readonly BeadStatus[] = ['open', 'in_progress', 'in_review', 'closed', 'failed'];
const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
const step = record({ what: nat(11), a: nat(11), b: nat(12), type: constantFrom(...TYPES), n: nat(1_000) });
type Step = { what: number; a: number; b: number; type: (typeof TYPES)[number]; n: number };

function play(steps: readonly Step[]): void {
  const { town, rigId, wish } = story({}, { check: false });
  town.must({ kind: 'town.pause' });
  const ids: BeadId[] = Array.from({ length: 12 }, (_, at) => {
    town.now += at % 3;
    return wish(`bead ${at}`, { priority: PRIORITIES[at % 4]! });
  });
  const sql = town.sql;
  for (const one of steps) {
    const beadId = ids[one.a]!;
    const dependsOn = one.b === 12 ? 'external:elsewhere' : ids[one.b]!;
    town.person(commandOf(one, beadId, dependsOn, town.now, rigId));
    town.now += one.n;
    town.send({ kind: 'wake' });
    const beads = allBeads(sql).filter((bead) => bead.type === 'issue');
    const edges = allEdges(sql);
    const kept = new Set(beads.filter((bead) => bead.blocked).map((bead) => bead.id as string));
    expect(kept).toEqual(blockedSet(beads, edges));
    expect(circular(edges)).toEqual([]);
    expect(readyIds(sql, 'newest', 100)).toEqual(readySet(beads, edges));
    const bad = beads.filter((bead) => bead.status === 'open' && !town.rows().beads.find((row) => row.id === bead.id)?.wait);
    expect(bad).toEqual([]);
  }
}

function commandOf(one: Step, beadId: BeadId, dependsOn: string, now: number, rigId: string): PersonCommand {
  const gate = one.n % 2 === 0 ? ('any' as const) : ('all' as const);
  switch (one.what) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { kind: 'bead.add_dependency', beadId, dependsOn, type: one.type, ...(one.type === 'waits-for' && { gate }) };
    case 4:
      return { kind: 'bead.remove_dependency', beadId, dependsOn, type: one.type };
    case 5:
    case 6:
      return { kind: 'bead.set_status', beadId, status: STATUSES[one.n % 5]! };
    case 7:
      return { kind: 'bead.defer', beadId, until: one.n % 5 === 0 ? null : now + one.n * 3 };
    case 8:
      return { kind: 'bead.start', beadId };
    case 9:
      return { kind: 'bead.pin', beadId };
    case 10:
      return { kind: 'bead.archive', beadIds: [beadId] };
    default:
      return { kind: 'bead.create', rigId: rigId as never, title: `more ${one.n} ${now}`, parentId: beadId };
  }
}

describe('what is blocked and what is ready', () => {
  test('kept on write equals the written semantics after any order of changes (I12, DM-11)', () => {
    assert(
      property(array(step, { minLength: 20, maxLength: 60 }), (steps) => play(steps as Step[])),
      { numRuns: Number(process.env.RUNS ?? 15), seed: Number(process.env.SEED ?? 20_261_126) },
    );
  }, 60_000);
});
