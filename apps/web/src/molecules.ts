import type { NewStep } from '@gastown/protocol';
import { titlesOf } from './convoys.ts';

/** Lines as steps; in order, each needs the one before it. */
export const stepsOf = (text: string, inOrder: boolean): NewStep[] =>
  titlesOf(text).map((title, at) => ({ id: `step-${at + 1}`, title, ...(inOrder && at > 0 && { needs: [`step-${at}`] }) }));
