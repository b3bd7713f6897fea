import { z } from 'zod';
import { Price, Provider } from '../models.ts';
import { LIMITS } from '../limits.ts';
import { Effort, MODEL_ROLES, ModelRole, PermissionRule, type Role } from '../states.ts';
import { oneLine } from '../text.ts';

export const ModelConfig = z.object({
  provider: Provider,
  model: z.string().max(200),
  baseUrl: z.string().max(500).nullable(),
  price: Price.nullable(),
  /** Absent: `default`. */
  effort: Effort.optional(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

/** What a role has of its own; what is absent is the town's (CF-1). Its model is asked with the town's key, so it counts while the town has the same provider. */
export const RoleModel = z.object({
  model: z.object({ provider: Provider, model: z.string().max(200), price: Price.nullable() }).nullable(),
  effort: Effort.optional(),
});
export type RoleModel = z.infer<typeof RoleModel>;
export const RoleModels = z.partialRecord(ModelRole, RoleModel);
export type RoleModels = z.infer<typeof RoleModels>;

const isModelRole = (role: Role): role is ModelRole => ModelRole.safeParse(role).success;
/** What the agents of a role are asked with: the role's own before the town's. */
export function modelOfRole(model: ModelConfig, roles: RoleModels, role: Role): ModelConfig {
  const own = isModelRole(role) ? roles[role] : undefined;
  const named = own?.model?.provider === model.provider ? { model: own.model.model, price: own.model.price } : {};
  return { ...model, ...named, effort: own?.effort ?? model.effort ?? 'default' };
}
/** Every model that some role is asked with; once, unless two roles have it at two prices. */
export function modelsInUse(model: ModelConfig | null, roles: RoleModels): ModelConfig[] {
  if (model === null) return [];
  const all = MODEL_ROLES.map((role) => modelOfRole(model, roles, role));
  return all.filter((one, at) => all.findIndex((other) => nameAndPrice(other) === nameAndPrice(one)) === at);
}
const nameAndPrice = ({ model, price }: ModelConfig): string => JSON.stringify([model, price]);

const within = z.number().int().min(60_000).max(604_800_000);
const many = z.number().int().min(1).max(100_000);

/**
 * Thresholds of the patrols that a town may set for itself; what is absent is as in the limits. Silence of an agent counts from its last activity.
 */
export const PatrolSettings = z.object({
  silenceNudgeMs: within.optional(),
  silenceWarnMs: within.optional(),
  silenceEscalateMs: within.optional(),
  silenceStopMs: within.optional(),
  crashLoopFailures: many.optional(),
  crashLoopWindowMs: within.optional(),
  agentRetireMs: within.optional(),
  reescalateMs: within.optional(),
  alertMergeQueue: many.optional(),
  alertEscalationsAnHour: many.optional(),
  alertRestarts: many.optional(),
  alertEffects: many.optional(),
});
export type PatrolSettings = z.infer<typeof PatrolSettings>;

/** What agents may do without a person, may not, or ask for. What else they ask for goes to a person always. */
export const Permissions = z.object({
  /** The network beyond the model and the town's own tools. */
  web: PermissionRule,
  /** Files outside the worktree. */
  outside: PermissionRule,
  /** Commands of a shell. */
  commands: PermissionRule,
});
export type Permissions = z.infer<typeof Permissions>;
/** What a town or a rig set for itself; what is absent is as the level above says. */
export const PermissionSettings = Permissions.partial();
export type PermissionSettings = z.infer<typeof PermissionSettings>;
export const DEFAULT_PERMISSIONS: Permissions = { web: 'deny', outside: 'deny', commands: 'allow' };

/** A command that prepares a worktree before the agent's session opens, or a merge before its gates (AG-22). What is not required may fail, and is told all the same. */
export const SetupCommand = z.object({
  command: oneLine(2_000),
  required: z.boolean(),
  timeoutMs: z.number().int().min(1_000).max(LIMITS.setupTimeoutMs.value),
});
export type SetupCommand = z.infer<typeof SetupCommand>;
const setupCommands = z.array(SetupCommand).max(LIMITS.setupCommands.value);
/** Run in this order: what both roles share, then what is the role's own: of `refinery`, before the gates of a merge. The Mayor and triage have no worktree, and none of it. */
export const Setup = z.object({ shared: setupCommands, polecat: setupCommands, refinery: setupCommands });
export type Setup = z.infer<typeof Setup>;
export const NO_SETUP: Setup = { shared: [], polecat: [], refinery: [] };
