import { z } from 'zod';
import { Failure } from '../failures.ts';
import { TownId } from '../ids.ts';
import { Usage } from '../models.ts';
import { ModelConfig, PatrolSettings, Permissions, RoleModels, Setup } from './settings.ts';
import { time } from './time.ts';

export const ContainerState = z.enum(['stopped', 'starting', 'running', 'stopping', 'failed']);
export type ContainerState = z.infer<typeof ContainerState>;

export const TownRow = z.object({
  id: TownId,
  name: z.string(),
  createdAt: time,
  paused: z.boolean(),
  /** Every agent was ended and no model call goes through; a stopped town is paused as well. */
  stopped: z.boolean(),
  /** `idleSince`: it runs and has had nothing to do since then; null: it has, or does not run. */
  container: z.object({ state: ContainerState, since: time, failure: Failure.nullable(), idleSince: time.nullable() }),
  /** These two, and `isolation`, are those of the container's runner; `runners` has all. */
  runnerConnected: z.boolean(),
  /** Since when the runner is ending: what it works on may come to an end, nothing new starts on it (DR-6). Null: it is not. */
  runnerDrainingAt: time.nullable(),
  model: ModelConfig.nullable(),
  /** What roles have of their own, also what does not count while the town has another provider. */
  roleModels: RoleModels,
  /** Last four characters of the key in use, `env` when it comes from the environment, null when there is none. */
  modelKey: z.string().nullable(),
  /** True when the rehearsal model answers: the page says so. */
  scripted: z.boolean(),
  /** The environment offers the rehearsal’s model, and another was chosen. */
  canRehearse: z.boolean(),
  agentKind: z.string(),
  maxPolecats: z.number().int(),
  busyPolecats: z.number().int(),
  /** Is a new convoy planned first, unless its maker says otherwise? */
  stagedConvoysDefault: z.boolean(),
  budgetMicros: z.number().int().nullable(),
  usage: Usage,
  gitName: z.string(),
  gitEmail: z.string(),
  /** What the town set of its patrols' thresholds. */
  patrols: PatrolSettings,
  /** Of every rig that does not set its own. */
  permissions: Permissions,
  setup: Setup,
  gates: z.array(z.string()),
  /** Of the runner that holds the link, or held it last: have agents and tests users of their own there? Null: it did not say. */
  isolation: z.enum(['users', 'none']).nullable(),
  /** Set while the provider of the model in use wants no calls: until when, and why. */
  modelHeld: z.object({ until: time, failure: Failure }).nullable(),
  /** Set while no agent is started because starts fail (RC-20): until when, or null when one run probes. */
  dispatchHeld: z.object({ until: time.nullable(), failure: Failure.nullable() }).nullable(),
});
export type TownRow = z.infer<typeof TownRow>;
