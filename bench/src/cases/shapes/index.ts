import { chain } from '../cycles.ts';
import type { Case } from '../trial.ts';
import * as reads from './reads.ts';
import * as writes from './writes.ts';

/** The eighteen shapes, in the order of the public list. */
export const SHAPES: readonly Case[] = [
  reads.searchTypedLabel,
  reads.partialId,
  writes.diamonds,
  reads.readyLargeBlocked,
  reads.readyDeferredParents,
  reads.blockedSkew,
  reads.getAmongWisps,
  reads.readyWisps,
  reads.readyTenThousand,
  reads.searchAll,
  chain,
  writes.createOne,
  writes.updateOne,
  writes.longText,
  writes.closeHundred,
  writes.createAndUpdate,
  writes.production,
  writes.closeWithDependents,
];
