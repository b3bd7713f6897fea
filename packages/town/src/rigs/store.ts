import type { Failure, PermissionSettings, RigId, RigRow, Setup } from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, flag, int, intOrNull, json, jsonOrNull, list, one, packed, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface Rig {
  readonly id: RigId;
  readonly name: string;
  readonly gitUrl: string;
  readonly createdAt: number;
  readonly defaultBranch: string | null;
  readonly empty: boolean;
  readonly state: RigRow['state'];
  readonly failure: Failure | null;
  readonly failingSince: number | null;
  readonly looksAgainAt: number | null;
  readonly tokenSealed: string | null;
  /** Instead of the town's. */
  readonly gates: string[] | null;
  readonly maxPolecats: number;
  readonly paused: boolean;
  readonly permissions: PermissionSettings;
  readonly setup: Setup | null;
}

const toRig = (row: Row): Rig => ({
  id: text(row, 'id') as RigId,
  name: text(row, 'name'),
  gitUrl: text(row, 'git_url'),
  createdAt: int(row, 'created_at'),
  defaultBranch: textOrNull(row, 'default_branch'),
  empty: flag(row, 'empty'),
  state: text(row, 'state') as Rig['state'],
  failure: jsonOrNull<Failure>(row, 'failure'),
  failingSince: intOrNull(row, 'failing_since'),
  looksAgainAt: intOrNull(row, 'looks_again_at'),
  tokenSealed: textOrNull(row, 'token_sealed'),
  gates: json<string[] | null>(row, 'gates'),
  maxPolecats: int(row, 'max_polecats'),
  paused: flag(row, 'paused'),
  permissions: json<PermissionSettings>(row, 'permissions'),
  setup: jsonOrNull<Setup>(row, 'setup'),
});

/** A rig that was removed is still found: old beads refer to it. */
export const findRig = (sql: Sql, id: string): Rig | null => one(sql, toRig, 'SELECT * FROM rigs WHERE id = ?', id);
export const allRigs = (sql: Sql): Rig[] =>
  list(sql, toRig, 'SELECT * FROM rigs').toSorted((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name));
/** All but those that were removed, also what cannot be read. */
export const rigIds = (sql: Sql): RigId[] => sql.all(`SELECT id FROM rigs WHERE state <> 'removed'`).map((row) => text(row, 'id') as RigId);
export const liveRigs = (sql: Sql): Rig[] => allRigs(sql).filter((rig) => rig.state !== 'removed');

export function insertRig(
  tx: Tx,
  rig: Omit<
    Rig,
    'createdAt' | 'defaultBranch' | 'empty' | 'state' | 'failure' | 'failingSince' | 'looksAgainAt' | 'paused' | 'permissions' | 'setup'
  >,
): void {
  tx.sql.run(
    `INSERT INTO rigs (id, name, git_url, created_at, state, token_sealed, gates, max_polecats) VALUES (?,?,?,?,'connecting',?,?,?)`,
    rig.id,
    rig.name,
    rig.gitUrl,
    tx.now,
    rig.tokenSealed,
    JSON.stringify(rig.gates),
    rig.maxPolecats,
  );
  touch(tx, 'rigs', rig.id);
}

type Column = 'name' | 'default_branch' | 'empty' | 'token_sealed' | 'gates' | 'max_polecats' | 'paused' | 'permissions' | 'setup';
export function updateRig(tx: Tx, id: string, patch: Partial<Record<Column, SqlValue>>): void {
  if (Object.keys(patch).length === 0) return;
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE rigs SET ${set} WHERE id = ?`, ...values, id);
  touch(tx, 'rigs', id);
}

/** Reads no row: one that cannot be read is shown as damaged, and holds nothing else up. */
export function setNextLook(tx: Tx, id: string, at: number | null): void {
  const away = `id = ?2 AND state = 'unreachable' AND looks_again_at IS NOT ?1`;
  if (tx.sql.run(`UPDATE rigs SET looks_again_at = ?1 WHERE ${away}`, at, id) > 0) touch(tx, 'rigs', id);
}

export function setRigState(tx: Tx, id: string, state: Rig['state'], failure: Failure | null): void {
  tx.sql.run(
    `UPDATE rigs SET state = ?1, failure = ?2, looks_again_at = NULL,
       failing_since = CASE ?1 WHEN 'unreachable' THEN coalesce(failing_since, ?3) WHEN 'connecting' THEN failing_since END WHERE id = ?4`,
    state,
    packed(failure),
    tx.now,
    id,
  );
  touch(tx, 'rigs', id);
}
