import { failure, ok, refuse, type BeadId, type ImportId, type Result, type RigId } from '@gastown/protocol';
import { stagedBeads } from '../beads/bulk.ts';
import { startIssue, startStaged } from '../beads/holding.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { beadsOfImport, isImport } from './store.ts';

export interface StartWish {
  readonly beadId?: BeadId | undefined;
  readonly rigId?: RigId | undefined;
  readonly importId?: ImportId | undefined;
}
/** Planned work begins: one bead, a whole rig, or what one import brought. */
export function startBeads(tx: Tx, { beadId, rigId, importId }: StartWish): Result<{ beadId: BeadId } | { started: number }> {
  if ([beadId, rigId, importId].filter((named) => named !== undefined).length !== 1)
    return refuse(failure('invalid_input', 'beadId, rigId or importId: name one of the three.', { field: 'beadId' }));
  if (beadId !== undefined) return startIssue(tx, beadId);
  if (rigId !== undefined) {
    if (!findRig(tx.sql, rigId)) return refuse(failure('unknown_rig', `There is no rig ${rigId}.`, { rigId }));
    return ok({ started: startStaged(tx, stagedBeads(tx.sql, rigId)) });
  }
  if (!isImport(tx.sql, importId!)) return refuse(failure('unknown_import', `There is no import ${importId}.`));
  return ok({ started: startStaged(tx, beadsOfImport(tx.sql, importId!)) });
}
