export type { Remotes } from '../git/remote.ts';
export type { RepositoryEffect } from '../repository-effects.ts';
export { openRepositories } from './repositories.ts';
export { openRig } from './rig.ts';
