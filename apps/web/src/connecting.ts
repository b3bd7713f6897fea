import type { FailureCode, RigRow } from '@gastown/protocol';

/** Where the wizard is with the repositories of a town: only one that is ready counts as connected. */
export type Connecting = { readonly kind: 'asks' } | { readonly kind: 'looks' | 'failed' | 'connected'; readonly rig: RigRow };

/** `added`: the rig that was given on this page; when it is ready the wizard goes on by itself. */
export function connectingOf(rigs: readonly RigRow[], added: string | null): Connecting {
  const failed = rigs.find((rig) => rig.state === 'unreachable');
  if (failed) return { kind: 'failed', rig: failed };
  const looked = rigs.find((rig) => rig.state === 'connecting');
  if (looked) return { kind: 'looks', rig: looked };
  const done = rigs.find((rig) => rig.id === added && rig.state === 'ready');
  return done ? { kind: 'connected', rig: done } : { kind: 'asks' };
}

/** What to do about a repository that is not connected, in the words of the buttons below; others say it themselves. */
export const CONNECT_STEPS: Partial<Record<FailureCode, string>> = {
  repository_unreachable: 'Check the address and the network, then “Try again”; for another address, “Give another”.',
  repository_not_found: 'Put it back and “Try again”; for another address, “Give another”.',
  repository_refused: '“Give another” brings the form back: add a token that may read and push.',
};

/** What a repository is called unless a person names it: the last part of its address. */
export const nameFrom = (url: string): string => /([^/:]+?)(?:\.git)?\/?$/.exec(url.trim())?.[1] ?? '';
/** The name to show for a repository that is given anew: none while it is that of its address, so that it follows the next address. */
export const nameOfItsOwn = ({ name, gitUrl }: { name: string; gitUrl: string }): string => (name === nameFrom(gitUrl) ? '' : name);
/** What a repository is connected as: the name in the field, else that of its address as it is now. */
export const nameToGive = (name: string, gitUrl: string): string => name.trim() || nameFrom(gitUrl);

export const connectedCount = (rigs: readonly RigRow[]): number => rigs.filter((rig) => rig.state === 'ready').length;
