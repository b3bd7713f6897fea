import type { BeadId, BeadRow, MergeRow, RigId, RunRow } from '@gastown/protocol';
import { scriptedRunner, type Script, type ScriptedRunner } from './runner.ts';
import { testTown, type TestOptions, type TestTown } from './town.ts';

/** A town with one connected rig, and words for stories. */
export interface Story {
  readonly town: TestTown;
  readonly runner: ScriptedRunner;
  readonly rigId: RigId;
  addRig(name: string, changes?: { maxPolecats?: number; gates?: string[] }): RigId;
  /** A bead in line; nothing is performed yet. */
  wish(
    title: string,
    changes?: { rigId?: RigId; dependsOn?: BeadId[]; priority?: 'low' | 'medium' | 'high' | 'critical'; body?: string; timeoutMs?: number },
  ): BeadId;
  bead(id: BeadId): BeadRow;
  runsOf(id: BeadId): RunRow[];
  mergeOf(id: BeadId): MergeRow;
}

export function story(script: Partial<Script> = {}, options: TestOptions = {}): Story {
  const town = testTown(options);
  const runner = scriptedRunner(town, script);
  const one: Omit<Story, 'rigId'> = {
    town,
    runner,
    addRig(name, changes = {}) {
      const { rigId } = town.must<{ rigId: RigId }>({ kind: 'rig.add', name, gitUrl: `https://example.test/${name}.git`, ...changes });
      runner.work();
      return rigId;
    },
    wish: (title, { rigId = first, ...rest } = {}) => town.must<{ beadId: BeadId }>({ kind: 'bead.create', rigId, title, ...rest }).beadId,
    bead: (id) => found(town.rows().beads.find((row) => row.id === id)),
    runsOf: (id) =>
      town
        .rows()
        .runs.filter((row) => row.beadId === id)
        .toSorted((a, b) => a.generation - b.generation),
    mergeOf: (id) => found(town.rows().merges.find((row) => row.id === one.bead(id).mergeId)),
  };
  const first = one.addRig('app', { maxPolecats: 3, gates: ['npm test'] });
  return { ...one, rigId: first };
}
const found = <T>(row: T | undefined): T => {
  if (!row) throw new Error('no such row');
  return row;
};
