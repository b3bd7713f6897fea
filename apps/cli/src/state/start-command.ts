import { existsSync } from 'node:fs';
import { shellWord } from '../terminal/shell-word.ts';
import { defaultState } from './folder.ts';
import type { StateFolder } from './folder.ts';

export const isDemo = ({ demo }: StateFolder): boolean => existsSync(demo);

/** Exactly what starts the town of this folder again. */
export const startCommand = (folder: StateFolder, demo = isDemo(folder)): string =>
  `./gastown ${demo ? 'demo' : 'up'}${folder.root === defaultState(demo) ? '' : stateArgument(folder)}`;

export const isDefault = ({ root }: Pick<StateFolder, 'root'>): boolean => root === defaultState(false) || root === defaultState(true);

/** As a shell takes it; nothing for a folder that commands find by themselves. */
export const stateArgument = (folder: Pick<StateFolder, 'root'>): string => (isDefault(folder) ? '' : namedState(folder));

/** Also of a default folder, where there is more than one to choose from. */
export function namedState({ root }: Pick<StateFolder, 'root'>): string {
  return ` --state ${shellWord(root)}`;
}
