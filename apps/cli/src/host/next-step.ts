import { nextStep, refuse } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { plain } from '../terminal/plain.ts';
import { shellWord } from '../terminal/shell-word.ts';

/** Steps are written for every town; in a terminal they are lines to copy for the one that was asked about. */
export const withTown = (text: string, town: string): string => text.replaceAll('--town TOWN', () => `--town ${shellWord(plain(town))}`);

/** A refusal as a terminal tells it: what to type next names the town. */
export function refusedFor(town: string, refused: Failure): Result<never> {
  return refuse({ ...refused, next: withTown(nextStep(refused), town) });
}
