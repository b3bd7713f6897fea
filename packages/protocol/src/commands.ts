import { z } from 'zod';
import { AgentId, BeadId, EffectId, MergeId, RigId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { ModelConfig } from './rows.ts';
import { BeadStatus, DependencyType, NudgeMode, Priority } from './states.ts';

/**
 * What a person may do to a town: `POST /api/towns/:town/commands` with `{ "key": …, "command": { "kind": … } }`.
 * The same key again gives the same answer and does nothing twice (TL-3, I18). One catalogue feeds page, palette, CLI and API.
 */
const name = z.string().trim().min(1).max(LIMITS.nameCharacters.value);
const title = z.string().trim().min(1).max(LIMITS.titleCharacters.value);
const body = z.string().max(LIMITS.bodyCharacters.value);
const gates = z.array(z.string().trim().min(1).max(2_000)).max(20);
const slots = z.number().int().min(0).max(50);

export const PersonCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('town.rename'), name }),
  z.object({ kind: z.literal('town.pause') }),
  z.object({ kind: z.literal('town.resume') }),
  /** A partial change: what is absent stays, null clears (CF-3). */
  z.object({
    kind: z.literal('town.configure'),
    model: ModelConfig.nullable().optional(),
    agentKind: z.string().max(60).optional(),
    maxPolecats: slots.optional(),
    budgetMicros: z.number().int().nonnegative().nullable().optional(),
    gitName: name.optional(),
    gitEmail: z.email().max(200).optional(),
  }),
  /** Secrets are sealed at the edge; the core sees only the sealed text and the last four characters. `null` clears. */
  z.object({ kind: z.literal('town.set_model_key'), key: z.string().trim().min(1).max(2_000).nullable() }),
  z.object({
    kind: z.literal('rig.add'),
    name,
    gitUrl: z.string().trim().min(1).max(500),
    token: z.string().trim().min(1).max(2_000).optional(),
    gates: gates.optional(),
    maxPolecats: slots.optional(),
  }),
  z.object({ kind: z.literal('rig.update'), rigId: RigId, name: name.optional(), gates: gates.optional(), maxPolecats: slots.optional() }),
  z.object({ kind: z.literal('rig.set_token'), rigId: RigId, token: z.string().trim().min(1).max(2_000).nullable() }),
  z.object({ kind: z.literal('rig.reconnect'), rigId: RigId }),
  z.object({ kind: z.literal('rig.remove'), rigId: RigId, force: z.boolean().optional() }),
  z.object({
    kind: z.literal('bead.create'),
    rigId: RigId,
    title,
    body: body.optional(),
    priority: Priority.optional(),
    labels: z.array(z.string().trim().min(1).max(60)).max(20).optional(),
    dependsOn: z.array(BeadId).max(50).optional(),
    force: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('bead.update'),
    beadId: BeadId,
    title: title.optional(),
    body: body.optional(),
    priority: Priority.optional(),
    labels: z.array(z.string().trim().min(1).max(60)).max(20).optional(),
  }),
  /** A person may move a bead anywhere; the event names them (ST-14). */
  z.object({ kind: z.literal('bead.set_status'), beadId: BeadId, status: BeadStatus, reason: z.string().max(500).optional() }),
  z.object({ kind: z.literal('bead.retry'), beadId: BeadId }),
  z.object({ kind: z.literal('bead.add_dependency'), beadId: BeadId, dependsOn: BeadId, type: DependencyType.optional() }),
  z.object({ kind: z.literal('bead.remove_dependency'), beadId: BeadId, dependsOn: BeadId, type: DependencyType.optional() }),
  z.object({ kind: z.literal('mayor.tell'), text: z.string().trim().min(1).max(LIMITS.messageCharacters.value) }),
  z.object({ kind: z.literal('mayor.restart') }),
  z.object({
    kind: z.literal('agent.nudge'),
    agentId: AgentId,
    text: z.string().trim().min(1).max(LIMITS.messageCharacters.value),
    mode: NudgeMode.optional(),
  }),
  z.object({ kind: z.literal('agent.interrupt'), agentId: AgentId }),
  z.object({ kind: z.literal('agent.reset'), agentId: AgentId }),
  z.object({ kind: z.literal('merge.retry'), mergeId: MergeId }),
  z.object({ kind: z.literal('escalation.acknowledge'), escalationId: BeadId, note: z.string().max(2_000).optional() }),
  z.object({ kind: z.literal('effect.retry'), effectId: EffectId }),
]);
export type PersonCommand = z.infer<typeof PersonCommand>;
export type PersonCommandKind = PersonCommand['kind'];

export const CommandRequest = z.object({ key: z.string().min(8).max(100), command: PersonCommand });
export type CommandRequest = z.infer<typeof CommandRequest>;
