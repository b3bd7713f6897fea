import { failure, type Failure } from './failures.ts';

/** `other`: a branch that is there; null: there is none, and there were commits. */
export const targetMissing = (target: string, other: string | null): Failure =>
  failure(
    'target_missing',
    `${target}, the branch to land on, is not in the repository any more; ${other === null ? 'it had commits, and has no branch now' : `${other} is there`}.`,
    { target },
  );
