import type { RigRow, RunnerRow } from '@gastown/protocol';

/** Who runs what, as the town places it (design/runner.md §5): a rig that any runner lists is taken by those that list it only. */
export function takersOf(runners: readonly RunnerRow[], rigId: string): RunnerRow[] {
  const listing = runners.filter(({ rigs }) => rigs?.some((listed) => listed === rigId));
  return listing.length > 0 ? listing : runners.filter(({ rigs }) => rigs === null);
}

/** Nobody of these is there, or comes by itself as the container does. */
export const isMissed = (takers: readonly RunnerRow[]): boolean => takers.every(({ kind, connected }) => kind === 'machine' && !connected);

/** The container first, then machines by name. */
export const inOrder = (runners: Iterable<RunnerRow>): RunnerRow[] =>
  [...runners].toSorted((a, b) => Number(b.kind === 'container') - Number(a.kind === 'container') || a.name.localeCompare(b.name));

/** Repositories that nobody takes once this runner is gone: the others that list them, or take what nobody lists, are asked. */
export const orphanedBy = (runner: RunnerRow, runners: readonly RunnerRow[], rigs: readonly RigRow[]): RigRow[] => {
  const others = runners.filter(({ id }) => id !== runner.id);
  return rigs.filter(({ id, state }) => state !== 'removed' && takersOf(others, id).length === 0);
};

/** Repositories that may go elsewhere once this runner is gone, though they were for it and others like it only. */
export const unpinnedBy = (runner: RunnerRow, runners: readonly RunnerRow[], rigs: readonly RigRow[]): RigRow[] => {
  const others = runners.filter(({ id }) => id !== runner.id);
  return rigs.filter(
    ({ id }) => runner.rigs?.some((listed) => listed === id) && !others.some(({ rigs: list }) => list?.some((listed) => listed === id)),
  );
};

/** What is copied to the machine. */
export const startLine = (origin: string, token: string): string => `./gastown runner --town ${origin} --token ${token}`;
