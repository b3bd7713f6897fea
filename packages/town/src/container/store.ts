import { HOME_RUNNER, type Failure, type TownRow } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { dispatchableBeads, rigsWithReadyWork } from '../beads/ready.ts';
import { touchBead } from '../beads/store.ts';
import { touchTown } from '../config/store.ts';
import { first, int, intOrNull, json, jsonOrNull, packed, text, textOrNull } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Container {
  readonly state: TownRow['container']['state'];
  readonly since: number;
  readonly failure: Failure | null;
  readonly failures: number;
  readonly dueAt: number | null;
  /** Why it was stopped the last time. */
  readonly reason: StopReason | null;
  /** It runs, and since then nothing was to be done for its runner (CT-7). */
  readonly idleSince: number | null;
  /** When wedged runners were restarted, within the window. */
  readonly restarts: readonly number[];
  /** Its runner is down, and nobody wanted that (CT-18). */
  readonly down: Down | null;
}
/** `after`: what was told of it (`away`: nothing yet); `instance`: who was linked last; `restarted`: by the town, since then. */
export interface Down {
  readonly since: number;
  readonly after: 'away' | 'wedged' | 'died' | 'failed';
  readonly instance: string | null;
  readonly restarted: boolean;
}
export type StopReason = 'no_active_work' | 'runner_wedged' | 'town_deleted';
/** What may stay as it is. */
type Next = Omit<Container, 'since' | 'reason' | 'restarts' | 'idleSince' | 'down'> & Partial<Pick<Container, 'reason' | 'restarts'>>;

export function readContainer(sql: Sql): Container {
  const row = first(sql, 'SELECT * FROM container WHERE id = 1');
  if (!row) throw new Error('the container row is missing');
  return {
    state: text(row, 'state') as Container['state'],
    since: int(row, 'since'),
    failure: jsonOrNull<Failure>(row, 'failure'),
    failures: int(row, 'failures'),
    dueAt: intOrNull(row, 'due_at'),
    reason: textOrNull(row, 'reason') as StopReason | null,
    restarts: json<number[]>(row, 'restarts'),
    idleSince: intOrNull(row, 'idle_since'),
    down: jsonOrNull<Down>(row, 'down'),
  };
}

export function setContainer(tx: Tx, next: Next): void {
  const now = readContainer(tx.sql);
  const since = now.state === next.state ? now.since : tx.now;
  tx.sql.run(
    'UPDATE container SET state = ?, since = ?, failure = ?, failures = ?, due_at = ?, reason = ?, restarts = ?, idle_since = ? WHERE id = 1',
    next.state,
    since,
    packed(next.failure),
    next.failures,
    next.dueAt,
    next.reason === undefined ? now.reason : next.reason,
    JSON.stringify(next.restarts ?? now.restarts),
    next.state === now.state ? now.idleSince : null,
  );
  touchTown(tx);
  if (now.state !== next.state) touch(tx, 'runners', HOME_RUNNER);
  if ((now.state === 'stopping') !== (next.state === 'stopping')) touchReady(tx);
}
export function setIdleSince(tx: Tx, at: number | null): void {
  tx.sql.run('UPDATE container SET idle_since = ? WHERE id = 1', at);
  touchTown(tx);
}
export function setDown(tx: Tx, down: Down | null): void {
  tx.sql.run('UPDATE container SET down = ? WHERE id = 1', down && JSON.stringify(down));
}
/** While it stops nothing starts (RC-22): what could go shows that, and then something else. */
function touchReady(tx: Tx): void {
  for (const rigId of rigsWithReadyWork(tx.sql)) for (const bead of dispatchableBeads(tx.sql, rigId, -1)) touchBead(tx, bead.id);
}
