import type { RunnerRow } from '@gastown/protocol';

/** `rigs`: the names of those that it lists. */
export const takesText = (rigs: readonly string[] | null): string => {
  if (rigs === null) return 'every repository that no runner lists';
  return rigs.length === 0 ? 'no repository' : `only ${rigs.join(', ')}`;
};

export const placesText = ({ busy, places }: Pick<RunnerRow, 'busy' | 'places'>): string =>
  places === null ? `${busy} at work` : `${busy} of ${places} places`;

/** What stands between an agent and the machine. */
export const APART = {
  users: 'Agents and tests have users of their own: they cannot touch what is the runner’s, or each other’s.',
  none: 'Agents and tests are the same user as the runner: only their environment keeps them apart, so use it with repositories and models that you trust.',
} as const;
