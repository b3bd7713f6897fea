import { failure, ok, refuse, type BeadId, type ConvoyId, type ImportId, type Result, type RigId } from '@gastown/protocol';
import { stagedBeads } from '../beads/bulk.ts';
import { startIssue, startStaged } from '../beads/holding.ts';
import { membersOf } from '../beads/membership.ts';
import { findConvoy } from '../convoys/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { beadsOfImport, isImport } from './store.ts';

export interface StartWish {
  readonly beadId?: BeadId | undefined;
  readonly rigId?: RigId | undefined;
  readonly importId?: ImportId | undefined;
  readonly convoyId?: ConvoyId | undefined;
}
/** Planned work begins: one bead, a whole rig, what one import brought, or what a convoy has of it. */
export function startBeads(tx: Tx, { beadId, rigId, importId, convoyId }: StartWish): Result<{ beadId: BeadId } | { started: number }> {
  if ([beadId, rigId, importId, convoyId].filter((named) => named !== undefined).length !== 1)
    return refuse(failure('invalid_input', 'beadId, rigId, importId or convoyId: name one of the four.', { field: 'beadId' }));
  if (beadId !== undefined) return startIssue(tx, beadId);
  if (rigId !== undefined) {
    if (!findRig(tx.sql, rigId)) return refuse(failure('unknown_rig', `There is no rig ${rigId}.`, { rigId }));
    return ok({ started: startStaged(tx, stagedBeads(tx.sql, rigId)) });
  }
  if (convoyId !== undefined) {
    if (!findConvoy(tx.sql, convoyId)) return refuse(failure('unknown_convoy', `There is no convoy ${convoyId}.`, { convoyId }));
    return ok({
      started: startStaged(
        tx,
        membersOf(tx.sql, convoyId).map(({ id }) => id),
      ),
    });
  }
  if (!isImport(tx.sql, importId!)) return refuse(failure('unknown_import', `There is no import ${importId}.`));
  return ok({ started: startStaged(tx, beadsOfImport(tx.sql, importId!)) });
}
