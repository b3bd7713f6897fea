import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';

/** The system's code of an error (`ENOENT`), or null. */
export const errnoOf = (cause: unknown): string | null =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);
const NO_FOLDER = new Set(['EEXIST', 'ENOTDIR']);
const NO_ROOM = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What a refused write into the state folder means to a person; null when it is none of their business but a bug of ours. */
export function failureOfWrite(cause: unknown, folder: string): Failure | null {
  const code = errnoOf(cause);
  if (code === null) return null;
  if (NO_SPACE.has(code)) return failure('disk_full', `There is no space left for ${folder}.`);
  if (NO_ROOM.has(code)) return failure('machine_full', `The machine has no room for one more file or program at ${folder} (${code}).`);
  if (NO_FOLDER.has(code))
    return failure('state_unwritable', `At ${folder} is a file where a folder is needed (${code}).`, undefined, 'Name another folder.');
  if (UNWRITABLE.has(code)) return failure('state_unwritable', `${folder} cannot be written (${code}).`);
  return null;
}
