import { z } from 'zod';
import { AgentId, BeadId, EffectId, MergeId, RigId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { ModelConfig } from './rows.ts';
import { gitIdentity, manyLines, message, oneLine } from './text.ts';
import { BeadStatus, DependencyType, NudgeMode, Priority } from './states.ts';

/**
 * What a person may do to a town: `POST /api/towns/:town/commands` with `{ "key": …, "command": { "kind": … } }`.
 * The same key again gives the same answer and does nothing twice (TL-3, I18). One catalogue feeds page, palette, CLI and API.
 */
const name = oneLine(LIMITS.nameCharacters.value);
const title = oneLine(LIMITS.titleCharacters.value);
const body = manyLines(LIMITS.bodyCharacters.value);
const text = message(LIMITS.messageCharacters.value);
const labels = z.array(oneLine(60)).max(20);
const gates = z.array(oneLine(2_000)).max(20);
const slots = z.number().int().min(0).max(50);

export const PersonCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('town.rename'), name }),
  z.object({ kind: z.literal('town.pause') }),
  z.object({ kind: z.literal('town.resume') }),
  /** A partial change: what is absent stays, null clears (CF-3). */
  z.object({
    kind: z.literal('town.configure'),
    model: ModelConfig.nullable().optional(),
    agentKind: oneLine(60).optional(),
    maxPolecats: slots.optional(),
    budgetMicros: z.number().int().nonnegative().nullable().optional(),
    gitName: gitIdentity(LIMITS.nameCharacters.value).optional(),
    gitEmail: z.email().max(200).optional(),
  }),
  /** Secrets are sealed at the edge; the core sees only the sealed text and the last four characters. `null` clears. */
  z.object({ kind: z.literal('town.set_model_key'), key: oneLine(2_000).nullable() }),
  z.object({
    kind: z.literal('rig.add'),
    name,
    gitUrl: z.string().trim().min(1).max(500),
    token: oneLine(2_000).optional(),
    gates: gates.optional(),
    maxPolecats: slots.optional(),
  }),
  z.object({ kind: z.literal('rig.update'), rigId: RigId, name: name.optional(), gates: gates.optional(), maxPolecats: slots.optional() }),
  z.object({ kind: z.literal('rig.set_token'), rigId: RigId, token: oneLine(2_000).nullable() }),
  z.object({ kind: z.literal('rig.reconnect'), rigId: RigId }),
  z.object({ kind: z.literal('rig.remove'), rigId: RigId, force: z.boolean().optional() }),
  z.object({
    kind: z.literal('bead.create'),
    rigId: RigId,
    title,
    body: body.optional(),
    priority: Priority.optional(),
    labels: labels.optional(),
    dependsOn: z.array(BeadId).max(50).optional(),
    force: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('bead.update'),
    beadId: BeadId,
    title: title.optional(),
    body: body.optional(),
    priority: Priority.optional(),
    labels: labels.optional(),
  }),
  /** A person may move a bead anywhere; the event names them (ST-14). */
  z.object({ kind: z.literal('bead.set_status'), beadId: BeadId, status: BeadStatus, reason: manyLines(500).optional() }),
  z.object({ kind: z.literal('bead.retry'), beadId: BeadId }),
  z.object({ kind: z.literal('bead.add_dependency'), beadId: BeadId, dependsOn: BeadId, type: DependencyType.optional() }),
  z.object({ kind: z.literal('bead.remove_dependency'), beadId: BeadId, dependsOn: BeadId, type: DependencyType.optional() }),
  z.object({ kind: z.literal('mayor.tell'), text }),
  z.object({ kind: z.literal('mayor.restart') }),
  z.object({
    kind: z.literal('agent.nudge'),
    agentId: AgentId,
    text,
    mode: NudgeMode.optional(),
  }),
  z.object({ kind: z.literal('agent.interrupt'), agentId: AgentId }),
  z.object({ kind: z.literal('agent.reset'), agentId: AgentId }),
  z.object({ kind: z.literal('merge.retry'), mergeId: MergeId }),
  z.object({ kind: z.literal('escalation.acknowledge'), escalationId: BeadId, note: manyLines(2_000).optional() }),
  z.object({ kind: z.literal('effect.retry'), effectId: EffectId }),
]);
export type PersonCommand = z.infer<typeof PersonCommand>;
export type PersonCommandKind = PersonCommand['kind'];

export const CommandRequest = z.object({ key: z.string().min(8).max(100), command: PersonCommand });
export type CommandRequest = z.infer<typeof CommandRequest>;
