import type { RigId } from './ids.ts';

/**
 * The folder of each rig's code below the Mayor's desk, by rig: `rigs/web` (MY-7). Its name as far as a folder may be called so; where two would be the same (also on disks that do not tell
 * capitals), the id goes behind it.
 */
export function checkoutFolders(rigs: readonly { readonly id: RigId; readonly name: string }[]): Map<RigId, string> {
  const folders = rigs.map(({ id, name }) => [id, folderName(name) || id] as const);
  const times = (folder: string): number => folders.filter(([, other]) => other.toLowerCase() === folder.toLowerCase()).length;
  return new Map(folders.map(([id, folder]) => [id, `rigs/${times(folder) === 1 ? folder : `${folder}-${id}`}`]));
}

const folderName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 60);
