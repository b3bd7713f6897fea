import type { BeadId, BeadStatus, ChildrenGate, ConvoyId, Result } from '@gastown/protocol';
import { story, type Story } from './ready.ts';
import type { TestOptions } from './town.ts';

/** A town in which nothing starts, and words for beads that are tied to each other. */
export interface Tied extends Story {
  part(title: string, whole: BeadId): BeadId;
  convoy(title: string, beadIds: readonly BeadId[]): ConvoyId;
  tie(beadId: string, type: string, dependsOn: string, gate?: ChildrenGate): Result<unknown>;
  untie(beadId: string, type: string, dependsOn: string): Result<unknown>;
  set(beadId: BeadId, status: BeadStatus): void;
  /** Code and reference of why each does not move. */
  waits(...ids: readonly BeadId[]): string[];
  /** The titles of the beads whose rows a page gets because of this, in the order of the alphabet. */
  told(act: () => void): string[];
}

export function tied(options: TestOptions = {}): Tied {
  const one = story({}, options);
  const { town, rigId } = one;
  town.must({ kind: 'town.pause' });
  return {
    ...one,
    part: (title, whole) => town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, parentId: whole }).beadId,
    convoy: (title, beadIds) => town.must<{ convoyId: ConvoyId }>({ kind: 'convoy.create', title, beadIds: [...beadIds] }).convoyId,
    tie: (beadId, type, dependsOn, gate) =>
      town.person({ kind: 'bead.add_dependency', beadId: beadId as BeadId, dependsOn, type, ...(gate && { gate }) }),
    untie: (beadId, type, dependsOn) => town.person({ kind: 'bead.remove_dependency', beadId: beadId as BeadId, dependsOn, type }),
    set: (beadId, status) => void town.must({ kind: 'bead.set_status', beadId, status }),
    waits: (...ids) => ids.map((id) => [one.bead(id).wait?.code, one.bead(id).wait?.ref].filter(Boolean).join(' ')),
    told(act) {
      const { rev } = town.town.snapshot();
      act();
      return (town.town.since(rev).put.beads ?? []).map((bead) => bead.title).toSorted();
    },
  };
}
