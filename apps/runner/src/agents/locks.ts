import { runInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';

const HOLDER_GONE = `
for lock in "$1"/*.lock; do
  holder=$(sed -n 's/.*"pid": *\\([0-9][0-9]*\\).*/\\1/p' "$lock/meta.json" 2>/dev/null)
  [ -z "$holder" ] || kill -0 "$holder" 2>/dev/null || rm -rf -- "$lock"
done`;

/**
 * Removes the locks of an agent program's processes that were killed, before the next one starts: it would wait for each until it looks abandoned, longer than a start may take. Where others of the pool run, those
 * alone whose holder has ended: theirs hold.
 */
export const freeLocks = (cell: Cell, folder: string, alone: boolean): Promise<void> =>
  runInCell(cell, alone ? 'rm -rf -- "$1"' : HOLDER_GONE, [folder]);
