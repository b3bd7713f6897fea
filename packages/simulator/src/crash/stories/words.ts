import { failure, type BeadId, type ConvoyId, type Outcome, type Priority, type RigId } from '@gastown/protocol';
import { good, sha } from '@gastown/town/testing';
import type { Runner } from '../runner.ts';
import type { Of, Start } from '../script.ts';
import type { World } from '../world.ts';

/** Words that many stories use. */
export const wish = (
  world: World,
  rigId: RigId,
  title: string,
  more: { dependsOn?: BeadId[]; priority?: Priority; staged?: boolean; workKind?: string } = {},
): BeadId => world.person<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, ...more }).beadId;
export const isBead = (title: string, status: string) => (world: World) => world.bead(title).status === status;
export const convoy = (world: World, title: string, rigId: RigId, beads: string[], more: { staged?: boolean } = {}): ConvoyId =>
  world.person<{ convoyId: ConvoyId }>({ kind: 'convoy.create', title, tasks: beads.map((one) => ({ rigId, title: one })), ...more })
    .convoyId;

/** It begins its turn and is never heard of again. */
export const silent = (runner: Runner, { runId, generation }: Start): void =>
  runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });
/** What is told of one thing the first time, and what every other time; by what it is about, so that asking twice is the same as once. */
export function firstOf(keyOf: (name: string) => string = (name) => name): (name: string, id: string) => boolean {
  const first = new Map<string, string>();
  return (name, id) => {
    const key = keyOf(name);
    if (!first.has(key)) first.set(key, id);
    return first.get(key) === id;
  };
}
/** The bead of a merge request: its message begins with the title. */
export const titleOf = (effect: Of<'merge.test'>): string => effect.message.split('\n')[0] ?? '';
export const noGate = (why: 'gate_failed' | 'gate_timeout', effect: Of<'merge.test'>): Outcome =>
  good({
    kind: 'tested',
    passed: false,
    baseCommit: sha('base'),
    mergeCommit: sha(`bad ${effect.mergeId}`),
    gates: [],
    failure: failure(why, 'The gate failed.'),
  });
