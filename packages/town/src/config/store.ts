import {
  DEFAULT_PERMISSIONS,
  modelOfRole,
  modelsInUse,
  NO_SETUP,
  type Failure,
  type ModelConfig,
  type PatrolSettings,
  type Permissions,
  type PermissionSettings,
  type Role,
  type RoleModels,
  type Setup,
  type TownId,
} from '@gastown/protocol';
import type { Sql, SqlValue } from '../api.ts';
import { assignments, first, flag, int, intOrNull, json, jsonOrNull, packed, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export interface TownState {
  readonly id: TownId;
  readonly name: string;
  readonly createdAt: number;
  readonly epoch: string;
  readonly deletedAt: number | null;
  readonly paused: boolean;
  readonly stopped: boolean;
  readonly model: ModelConfig | null;
  readonly envModel: ModelConfig | null;
  readonly roleModels: RoleModels;
  readonly envKeyHint: string | null;
  readonly keySealed: string | null;
  readonly keyHint: string | null;
  readonly modelFailure: Failure | null;
  readonly modelSetAt: number;
  readonly scripted: boolean;
  readonly agentKind: string;
  readonly maxPolecats: number;
  /** New convoys are planned first, unless their maker says otherwise. */
  readonly stagedConvoysDefault: boolean;
  readonly gitName: string;
  readonly gitEmail: string;
  readonly patrols: PatrolSettings;
  readonly permissions: Permissions;
  readonly setup: Setup;
  readonly gates: string[];
  readonly sweptAt: number;
}

export function readTown(sql: Sql): TownState | null {
  const row = first(sql, 'SELECT * FROM town LIMIT 1');
  return row ? (made.get(row) ?? toTown(row)) : null;
}
/** Every rule asks for the town, and a turn reads its row once. */
const made = new WeakMap<Row, TownState>();
function toTown(row: Row): TownState {
  const town: TownState = {
    id: text(row, 'id') as TownId,
    name: text(row, 'name'),
    createdAt: int(row, 'created_at'),
    epoch: text(row, 'epoch'),
    deletedAt: intOrNull(row, 'deleted_at'),
    paused: flag(row, 'paused'),
    stopped: flag(row, 'stopped'),
    model: jsonOrNull<ModelConfig>(row, 'model'),
    envModel: jsonOrNull<ModelConfig>(row, 'env_model'),
    roleModels: json<RoleModels>(row, 'role_models'),
    envKeyHint: textOrNull(row, 'env_key_hint'),
    keySealed: textOrNull(row, 'key_sealed'),
    keyHint: textOrNull(row, 'key_hint'),
    modelFailure: jsonOrNull<Failure>(row, 'model_failure'),
    modelSetAt: int(row, 'model_set_at'),
    scripted: flag(row, 'scripted'),
    agentKind: text(row, 'agent_kind'),
    maxPolecats: int(row, 'max_polecats'),
    stagedConvoysDefault: flag(row, 'staged_convoys'),
    gitName: text(row, 'git_name'),
    gitEmail: text(row, 'git_email'),
    patrols: json<PatrolSettings>(row, 'patrols'),
    permissions: { ...DEFAULT_PERMISSIONS, ...json<PermissionSettings>(row, 'permissions') },
    setup: { ...NO_SETUP, ...json<Partial<Setup>>(row, 'setup') },
    gates: json<string[]>(row, 'gates'),
    sweptAt: int(row, 'swept_at'),
  };
  made.set(row, town);
  return town;
}

/** The town of this store; only called where a town is known to exist. */
export function theTown(sql: Sql): TownState {
  const town = readTown(sql);
  if (!town) throw new Error('this store holds no town');
  return town;
}
/** Also of a town whose row cannot be read as a whole. */
export function nameOfTown(sql: Sql): { id: TownId; name: string } {
  const { id, name } = first(sql, 'SELECT id, name FROM town LIMIT 1') ?? {};
  return { id: String(id ?? '') as TownId, name: String(name ?? '') };
}

export function insertTown(
  tx: Tx,
  town: Pick<
    TownState,
    'id' | 'name' | 'epoch' | 'envModel' | 'envKeyHint' | 'scripted' | 'agentKind' | 'maxPolecats' | 'gitName' | 'gitEmail'
  >,
): void {
  tx.sql.run(
    `INSERT INTO town (id, name, created_at, epoch, env_model, env_key_hint, scripted, agent_kind, max_polecats, git_name, git_email)
     VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
    town.id,
    town.name,
    tx.now,
    town.epoch,
    packed(town.envModel),
    town.envKeyHint,
    town.scripted ? 1 : 0,
    town.agentKind,
    town.maxPolecats,
    town.gitName,
    town.gitEmail,
  );
  touchTown(tx);
}

type Column =
  | 'name'
  | 'deleted_at'
  | 'paused'
  | 'model'
  | 'env_model'
  | 'role_models'
  | 'env_key_hint'
  | 'key_sealed'
  | 'key_hint'
  | 'model_failure'
  | 'model_set_at'
  | 'scripted'
  | 'agent_kind'
  | 'max_polecats'
  | 'stopped'
  | 'staged_convoys'
  | 'git_name'
  | 'git_email'
  | 'patrols'
  | 'permissions'
  | 'setup'
  | 'gates';

export function updateTown(tx: Tx, patch: Partial<Record<Column, SqlValue>>): void {
  if (Object.keys(patch).length === 0) return;
  const { set, values } = assignments(patch as Record<string, SqlValue>);
  tx.sql.run(`UPDATE town SET ${set}`, ...values);
  touchTown(tx);
}
/** Nothing that anybody sees. */
export const setSwept = (tx: Tx): void => {
  tx.sql.run('UPDATE town SET swept_at = ?', tx.now);
};
/** There is one row, whatever its id. */
export const touchTown = (tx: Tx): void => touch(tx, 'town', 'town');

/** What a person chose goes before what the environment offers. */
export const modelInUse = (town: TownState): ModelConfig | null => town.model ?? town.envModel;
/** What the agents of a role are asked with when a session begins now (CF-1). */
export function modelOf(town: TownState, role: Role): ModelConfig | null {
  const model = modelInUse(town);
  return model && modelOfRole(model, town.roleModels, role);
}
export const modelsOf = (town: TownState): ModelConfig[] => modelsInUse(modelInUse(town), town.roleModels);
/** The rehearsal's model answers, and no other was chosen. */
export const isScripted = ({ scripted, model }: TownState): boolean => scripted && model === null;
/** A key of the environment goes to no address that a person typed. */
export const hasEnvironmentKey = ({ envKeyHint, model }: TownState): boolean =>
  envKeyHint !== null && (model === null || model.provider !== 'custom');
export const hasKey = (town: TownState): boolean =>
  town.keySealed !== null || hasEnvironmentKey(town) || isScripted(town) || modelInUse(town)?.provider === 'custom';
