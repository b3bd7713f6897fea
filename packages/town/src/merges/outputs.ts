import type { GateResult } from '@gastown/protocol';
import { first, text } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

/**
 * Gate outputs are the largest thing that a town keeps: what one merge keeps of them is bounded, so that its row, its replica row and the prime context
 * that tells of it stay far below what the platform and a frame can hold (DM-17); of merges that are long over only the verdicts stay.
 */
export const KEPT_OF_A_MERGE = 262_144;
export const TOLD_OF_A_MERGE = 32_768;
const MERGES_WITH_OUTPUT = 100;

/** The end of each output, so that all together have at most `characters`. */
export function fitted(gates: readonly GateResult[], characters: number): GateResult[] {
  const share = Math.floor(characters / gates.length);
  return gates.map((gate) => (gate.output.length <= share ? gate : { ...gate, output: gate.output.slice(-share), truncated: true }));
}

/** At each new merge one old one lets go of its outputs. */
export function dropOldOutput(tx: Tx): void {
  const row = first(
    tx.sql,
    `SELECT id FROM merges WHERE rowid = (SELECT max(rowid) FROM merges) - ? AND place IS NULL AND gates <> '[]' AND json_valid(gates)`,
    MERGES_WITH_OUTPUT,
  );
  if (!row) return;
  tx.sql.run(
    `UPDATE merges SET gates = (SELECT json_group_array(json_set(value, '$.output', '', '$.truncated', json('true'))) FROM json_each(merges.gates))
     WHERE id = ?`,
    text(row, 'id'),
  );
  touch(tx, 'merges', text(row, 'id'));
}
