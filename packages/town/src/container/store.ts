import type { Failure, TownRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { dispatchableBeads, rigsWithReadyWork } from '../beads/ready.ts';
import { touchBead } from '../beads/store.ts';
import { touchTown } from '../config/store.ts';
import { first, int, intOrNull, jsonOrNull, packed, text } from '../sql.ts';
import type { Tx } from '../tx.ts';

export interface Container {
  readonly state: TownRow['container']['state'];
  readonly since: number;
  readonly failure: Failure | null;
  readonly failures: number;
  readonly dueAt: number | null;
}

export function readContainer(sql: Sql): Container {
  const row = first(sql, 'SELECT * FROM container WHERE id = 1');
  if (!row) throw new Error('the container row is missing');
  return {
    state: text(row, 'state') as Container['state'],
    since: int(row, 'since'),
    failure: jsonOrNull<Failure>(row, 'failure'),
    failures: int(row, 'failures'),
    dueAt: intOrNull(row, 'due_at'),
  };
}

export function setContainer(tx: Tx, next: Omit<Container, 'since'>): void {
  const now = readContainer(tx.sql);
  const since = now.state === next.state ? now.since : tx.now;
  tx.sql.run(
    'UPDATE container SET state = ?, since = ?, failure = ?, failures = ?, due_at = ? WHERE id = 1',
    next.state,
    since,
    packed(next.failure),
    next.failures,
    next.dueAt,
  );
  touchTown(tx);
  if ((now.state === 'stopping') !== (next.state === 'stopping')) touchReady(tx);
}
/** While it stops nothing starts (RC-22): what could go shows that, and then something else. */
function touchReady(tx: Tx): void {
  for (const rigId of rigsWithReadyWork(tx.sql)) for (const bead of dispatchableBeads(tx.sql, rigId, -1)) touchBead(tx, bead.id);
}
