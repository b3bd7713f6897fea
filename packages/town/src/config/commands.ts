import {
  failure,
  HOME_RUNNER,
  LIMITS,
  ok,
  PROVIDERS,
  refuse,
  type ModelConfig,
  type ModelRole,
  type PatrolSettings,
  type PermissionSettings,
  type Result,
  type RoleModel,
  type Setup,
} from '@gastown/protocol';
import { makeMayor } from '../agents/commands.ts';
import type { SealedSecret, TownCommand } from '../api.ts';
import { forgiveContainer } from '../container/commands.ts';
import { touchWaiting } from '../gates.ts';
import { record } from '../ledger/store.ts';
import { allEffects, removeEffect } from '../outbox/store.ts';
import { forgiveMayor } from '../runs/mayor.ts';
import { leaveModels } from '../runs/model.ts';
import { forgetModelTrouble } from '../runs/provider.ts';
import { endRun, liveRuns } from '../runs/store.ts';
import { limitWarning, setLimit } from '../spend/commands.ts';
import { touch, type Tx } from '../tx.ts';
import { insertTown, modelInUse, readTown, theTown, updateTown, type TownState } from './store.ts';

type Create = Extract<TownCommand, { kind: 'town.create' }>;
type Environment = Extract<TownCommand, { kind: 'town.environment' }>;

export function createTown(tx: Tx, command: Create): Result<{ townId: string }> {
  const there = readTown(tx.sql);
  if (there) return there.id === command.id ? ok({ townId: there.id }) : refuse(failure('forbidden', 'This store holds another town.'));
  insertTown(tx, {
    id: command.id as ReturnType<typeof theTown>['id'],
    name: command.name,
    epoch: command.epoch,
    envModel: command.model,
    envKeyHint: command.modelKeyHint,
    scripted: command.scripted,
    agentKind: command.agentKind,
    maxPolecats: LIMITS.polecatsPerTown.value,
    gitName: command.gitName,
    gitEmail: command.gitEmail,
  });
  record(tx, { type: 'town_created', data: { name: command.name } });
  makeMayor(tx);
  return ok({ townId: command.id });
}

/** A condition of the town may have changed for every waiting bead. */
function changeTown(tx: Tx, patch: Parameters<typeof updateTown>[1]): Result<Record<string, never>> {
  updateTown(tx, patch);
  touchWaiting(tx);
  return ok({});
}

export const setEnvironment = (tx: Tx, command: Environment): Result<Record<string, never>> => {
  const town = theTown(tx.sql);
  const same =
    JSON.stringify(town.envModel) === JSON.stringify(command.model) &&
    town.envKeyHint === command.modelKeyHint &&
    town.scripted === command.scripted;
  if (same) return ok({});
  forgetModelTrouble(tx);
  changeTown(tx, {
    env_model: command.model && JSON.stringify(command.model),
    env_key_hint: command.modelKeyHint,
    scripted: command.scripted ? 1 : 0,
    model_failure: null,
    model_set_at: tx.now,
  });
  leaveModels(tx, theTown(tx.sql));
  return ok({});
};

/** Marked first, then torn down by the shell (DL-2): no lease, no effect and no time is left that could bring it back (I14). */
export function deleteTown(tx: Tx): Result<Record<string, never>> {
  updateTown(tx, { deleted_at: tx.now });
  for (const run of liveRuns(tx.sql)) endRun(tx, run, 'stopped', failure('stopped_by_person'));
  for (const effect of allEffects(tx.sql)) removeEffect(tx, effect);
  return ok({});
}

export function pause(tx: Tx, paused: boolean): Result<{ paused: boolean }> {
  if (!paused) {
    forgetModelTrouble(tx);
    forgiveContainer(tx);
    forgiveMayor(tx);
  }
  const town = theTown(tx.sql);
  if (town.paused !== paused) record(tx, { type: paused ? 'town_paused' : 'town_resumed' });
  if (town.paused !== paused || town.modelFailure)
    changeTown(tx, { paused: paused ? 1 : 0, ...(!paused && { stopped: 0, model_failure: null }) });
  return ok({ paused });
}

/** The whole town at once: the rule `obeyStop` ends what runs, in this transaction. Resuming ends a stop as it ends a pause. */
export function stop(tx: Tx): Result<{ stopped: true }> {
  if (theTown(tx.sql).stopped) return ok({ stopped: true });
  record(tx, { type: 'town_stopped' });
  changeTown(tx, { paused: 1, stopped: 1 });
  return ok({ stopped: true });
}

export interface Settings {
  readonly model?: ModelConfig | null | undefined;
  readonly roleModels?: Readonly<Partial<Record<ModelRole, RoleModel | null | undefined>>> | undefined;
  readonly agentKind?: string | undefined;
  readonly maxPolecats?: number | undefined;
  readonly budgetMicros?: number | null | undefined;
  readonly stagedConvoysDefault?: boolean | undefined;
  readonly gitName?: string | undefined;
  readonly gitEmail?: string | undefined;
  readonly patrols?: PatrolSettings | undefined;
  readonly permissions?: PermissionSettings | undefined;
  readonly setup?: Setup | undefined;
  readonly gates?: readonly string[] | undefined;
}
const STEPS = ['silenceNudgeMs', 'silenceWarnMs', 'silenceEscalateMs', 'silenceStopMs'] as const;
/** Each step against a silent agent comes after the one before it. */
function checkLadder(patrols: PatrolSettings): Result<Record<string, never>> {
  const times = STEPS.map((step) => patrols[step] ?? LIMITS[step].value);
  const wrong = STEPS.find((_step, at) => at > 0 && times[at]! <= times[at - 1]!);
  return wrong ? refuse(failure('invalid_input', `patrols.${wrong}: must be later than the step before it.`, { field: wrong })) : ok({});
}

/** The key is the town's, so a role's model is of its provider: of another it could never be asked. */
function checkRoleModels({ model, roleModels = {} }: Settings, town: TownState): Result<Record<string, never>> {
  const provider = (model ?? (model === null ? town.envModel : modelInUse(town)))?.provider;
  for (const [role, own] of Object.entries(roleModels)) {
    if (!own?.model || own.model.provider === provider) continue;
    const field = `roleModels.${role}.model.provider`;
    const why = provider ? `must be that of the town, ${PROVIDERS[provider].label}: its key is used` : 'the town itself has no model yet';
    return refuse(failure('invalid_input', `${field}: ${why}.`, { field }));
  }
  return ok({});
}
/** What is absent stays, null clears. */
const withRoles = (town: TownState, roleModels: NonNullable<Settings['roleModels']>): string =>
  JSON.stringify(Object.fromEntries(Object.entries({ ...town.roleModels, ...roleModels }).filter(([, own]) => own)));

/** A partial change: what is absent stays, null clears (CF-3). A new model forgets what the provider refused. `warning`: limits that cannot hold by it. */
export function configure(tx: Tx, settings: Settings): Result<{ warning: string | null }> {
  const {
    model,
    roleModels,
    agentKind,
    maxPolecats,
    budgetMicros,
    stagedConvoysDefault,
    gitName,
    gitEmail,
    patrols,
    permissions,
    setup,
    gates,
  } = settings;
  const ladder = patrols ? checkLadder(patrols) : ok({});
  if (!ladder.ok) return ladder;
  const town = theTown(tx.sql);
  const fitting = checkRoleModels(settings, town);
  if (!fitting.ok) return fitting;
  const isOfModels = model !== undefined || roleModels !== undefined;
  const patch = {
    ...(isOfModels && { model_failure: null, model_set_at: tx.now }),
    ...(model !== undefined && { model: model && JSON.stringify(model) }),
    ...(roleModels !== undefined && { role_models: withRoles(town, roleModels) }),
    ...(agentKind !== undefined && { agent_kind: agentKind }),
    ...(maxPolecats !== undefined && { max_polecats: maxPolecats }),
    ...(stagedConvoysDefault !== undefined && { staged_convoys: stagedConvoysDefault ? 1 : 0 }),
    ...(gitName !== undefined && { git_name: gitName }),
    ...(gitEmail !== undefined && { git_email: gitEmail }),
    ...(setup !== undefined && { setup: JSON.stringify(setup) }),
    ...(gates !== undefined && { gates: JSON.stringify(gates) }),
    ...(patrols !== undefined && { patrols: JSON.stringify(patrols) }),
    ...(permissions !== undefined && { permissions: JSON.stringify({ ...town.permissions, ...permissions }) }),
  };
  const limited = budgetMicros === undefined ? ok({}) : setLimit(tx, { level: 'town', hardMicros: budgetMicros });
  if (!limited.ok) return limited;
  /** Another agent program may not be installed on every machine. */
  if (agentKind !== undefined) touch(tx, 'runners', HOME_RUNNER);
  if (isOfModels) forgetModelTrouble(tx);
  if (Object.keys(patch).length > 0) changeTown(tx, patch);
  if (isOfModels) leaveModels(tx, theTown(tx.sql));
  return ok({ warning: limitWarning(tx) });
}
export function setModelKey(tx: Tx, secret: SealedSecret | null): Result<Record<string, never>> {
  forgetModelTrouble(tx);
  return changeTown(tx, { key_sealed: secret?.sealed ?? null, key_hint: secret?.hint ?? null, model_failure: null, model_set_at: tx.now });
}
