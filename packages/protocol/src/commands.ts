import { z } from 'zod';
import { ImportId, LinesWanted } from './exchange.ts';
import {
  AgentId,
  AgentKind,
  BeadId,
  ConvoyId,
  DependencyTarget,
  EffectId,
  MailId,
  MergeId,
  PermissionId,
  QuarantineId,
  RigId,
  RunnerId,
  TriageId,
} from './ids.ts';
import { LIMITS } from './limits.ts';
import { ProviderUrl } from './models.ts';
import { ModelConfig, PatrolSettings, PermissionSettings, RoleModel, Setup } from './rows/settings.ts';
import { gitIdentity, manyLines, message, oneLine } from './text.ts';
import {
  BeadStatus,
  ChildrenGate,
  DependencyType,
  MergeMode,
  NudgeMode,
  PermissionDecision,
  Priority,
  SpendLevel,
  TriageAction,
  WorkKind,
} from './states.ts';
import { NewSteps } from './steps.ts';

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
/** One that is shown with stars and is given back so would replace the real one (GT-4). */
const secret = oneLine(2_000).refine(
  (given) => !given.startsWith('****'),
  'must be the secret itself and not what is shown for it: the one that is set stays',
);
const micros = z.number().int().nonnegative();
const slots = z.number().int().min(0).max(50);
const runnerName = oneLine(LIMITS.nameCharacters.value);
/** The rigs that a runner takes; null: every rig that no runner lists. */
const takes = z.array(RigId).max(LIMITS.runnerRigs.value).nullable();
/** Null: as many as the town may have. */
const places = z.number().int().min(1).max(50).nullable();

/** A bead to be made for a convoy; `dependsOn` are places in the same list, counted from 0. */
const task = z.strictObject({
  rigId: RigId,
  title,
  body: body.optional(),
  priority: Priority.optional(),
  labels: labels.optional(),
  dependsOn: z.array(z.number().int().min(0)).max(50).optional(),
});

/** What is absent stays as it is, so a misspelt one would be a permission that nobody set. */
const permissions = z.strictObject(PermissionSettings.shape);

/** As it is stored, with an address that the model door can call. */
const model = z
  .strictObject({ ...ModelConfig.shape, model: oneLine(200), baseUrl: ProviderUrl.nullable() })
  .refine(({ provider, baseUrl }) => provider !== 'custom' || baseUrl !== null, {
    message: 'the address of a provider of your own is missing',
    path: ['baseUrl'],
  });

const roleModel = z
  .strictObject({
    ...RoleModel.shape,
    model: z.strictObject({ ...RoleModel.shape.model.unwrap().shape, model: oneLine(200) }).nullable(),
  })
  .refine(
    ({ model: own, effort }) => own !== null || effort !== undefined,
    'sets neither a model nor an effort; null goes back to the town’s',
  )
  .nullable()
  .optional();

/** A field that no command has is refused: one that is misspelt would be a wish that nobody heard. */
export const PersonCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('town.rename'), name }),
  z.strictObject({ kind: z.literal('town.pause') }),
  /** Every agent is ended at once and no model call goes through until `town.resume`. Nothing is lost, no attempt is charged. */
  z.strictObject({ kind: z.literal('town.stop') }),
  z.strictObject({ kind: z.literal('town.resume') }),
  /** A partial change: what is absent stays, null clears (CF-3). */
  z.strictObject({
    kind: z.literal('town.configure'),
    model: model.nullable().optional(),
    /** By role; null goes back to the town's. Model and effort count for sessions that begin from now on. */
    roleModels: z.strictObject({ mayor: roleModel, polecat: roleModel }).optional(),
    agentKind: AgentKind.optional(),
    maxPolecats: slots.optional(),
    /** The hard limit of the town, as `spend.limit` sets it. */
    budgetMicros: micros.nullable().optional(),
    stagedConvoysDefault: z.boolean().optional(),
    gitName: gitIdentity(LIMITS.nameCharacters.value).optional(),
    gitEmail: z.email().max(200).optional(),
    /** Replaces the town's thresholds; what is absent in it goes back to the default. */
    patrols: z.strictObject(PatrolSettings.shape).optional(),
    /** What is absent in it stays as it is. Counts for runs that start from now on. */
    permissions: permissions.optional(),
    /** Replaces what the town set (AG-22). */
    setup: Setup.optional(),
    /** In this order; they count for each test of a merge from now on (QG-1). */
    gates: gates.optional(),
  }),
  /** Secrets are sealed at the edge; the core sees only the sealed text and the last four characters. `null` clears. */
  z.strictObject({ kind: z.literal('town.set_model_key'), key: secret.nullable() }),
  z.strictObject({
    kind: z.literal('rig.add'),
    name,
    gitUrl: z.string().trim().min(1).max(500),
    token: secret.optional(),
    /** Instead of the town's; absent: as the town says. */
    gates: gates.optional(),
    maxPolecats: slots.optional(),
  }),
  z.strictObject({
    kind: z.literal('rig.update'),
    rigId: RigId,
    name: name.optional(),
    /** Instead of the town's; null: as the town says (QG-1). */
    gates: gates.nullable().optional(),
    maxPolecats: slots.optional(),
    /** Replaces what the rig set; what is absent in it is as the town says. */
    permissions: permissions.optional(),
    /** Instead of the town's; null: as the town says (AG-22). */
    setup: Setup.nullable().optional(),
  }),
  z.strictObject({ kind: z.literal('rig.set_token'), rigId: RigId, token: secret.nullable() }),
  z.strictObject({ kind: z.literal('rig.reconnect'), rigId: RigId }),
  /** Nothing new starts in it; what runs goes on. */
  z.strictObject({ kind: z.literal('rig.pause'), rigId: RigId }),
  z.strictObject({ kind: z.literal('rig.resume'), rigId: RigId }),
  z.strictObject({ kind: z.literal('rig.remove'), rigId: RigId, force: z.boolean().optional() }),
  /** A machine of one's own. Answers `{ runnerId, serial }`; the edge makes the token of it, which is shown once. */
  z.strictObject({ kind: z.literal('runner.add'), name: runnerName, rigs: takes.optional(), places: places.optional() }),
  /** What is absent stays. What is under way goes on where it is; what was not begun goes elsewhere if it must. */
  z.strictObject({
    kind: z.literal('runner.update'),
    runnerId: RunnerId,
    name: runnerName.optional(),
    rigs: takes.optional(),
    places: places.optional(),
    /** It takes nothing new. The Mayor is in the container all the same. */
    paused: z.boolean().optional(),
  }),
  /** Answers `{ runnerId, serial }`: tokens with an older number are worthless from now on. */
  z.strictObject({ kind: z.literal('runner.renew_token'), runnerId: RunnerId }),
  /** What it held is handed back at once; its token is worthless. */
  z.strictObject({ kind: z.literal('runner.remove'), runnerId: RunnerId }),
  z.strictObject({
    kind: z.literal('bead.create'),
    rigId: RigId,
    title,
    body: body.optional(),
    priority: Priority.optional(),
    labels: labels.optional(),
    dependsOn: z.array(BeadId).max(50).optional(),
    /** The bead that this one is a part of. */
    parentId: BeadId.optional(),
    workKind: WorkKind.optional(),
    /** Not before this time (epoch ms). */
    deferUntil: z.number().int().nonnegative().optional(),
    /** True: written down, and not started before `bead.start`. */
    staged: z.boolean().optional(),
    /** Time that one run may take; then it fails. */
    timeoutMs: z.number().int().min(1_000).max(86_400_000).optional(),
    force: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('bead.update'),
    beadId: BeadId,
    title: title.optional(),
    body: body.optional(),
    priority: Priority.optional(),
    labels: labels.optional(),
    workKind: WorkKind.optional(),
    timeoutMs: z.number().int().min(1_000).max(86_400_000).nullable().optional(),
  }),
  /** Not before `until` (epoch ms); null: until somebody starts it. */
  z.strictObject({ kind: z.literal('bead.defer'), beadId: BeadId, until: z.number().int().nonnegative().nullable() }),
  /**
   * Whatever held it (staged, deferred, pinned, a status of another tool) holds it no longer, and its date stays; where it is only put off, that ends.
   * A record that is no work stays one.
   */
  z.strictObject({
    kind: z.literal('bead.start'),
    beadId: BeadId.optional(),
    /** All that is planned in this rig, what came with this import or is in this convoy and is planned still. */
    rigId: RigId.optional(),
    importId: ImportId.optional(),
    convoyId: ConvoyId.optional(),
  }),
  /** Beads JSONL (exchange.ts); large files go to the route `import`. */
  z.strictObject({
    kind: z.literal('beads.import'),
    rigId: RigId,
    text: z.string().max(LIMITS.importBytes.value),
    dryRun: z.boolean().optional(),
    start: z.boolean().optional(),
    lines: LinesWanted.optional(),
  }),
  /** Lets go of lines that imports could not take: all of one import, some of its lines, or all of a rig. */
  z.strictObject({
    kind: z.literal('import.discard'),
    importId: ImportId.optional(),
    rigId: RigId.optional(),
    lines: z.array(z.number().int().positive()).min(1).max(LIMITS.badLines.value).optional(),
  }),
  /** A note that stays: it blocks nobody and no agent is sent to it. */
  z.strictObject({ kind: z.literal('bead.pin'), beadId: BeadId }),
  /** A note becomes planned work, or the record that it is: no agent is sent to it until somebody starts it. */
  z.strictObject({ kind: z.literal('bead.unpin'), beadId: BeadId }),
  /** Out of sight; only what is closed or failed (AR-1). One bead, some, or all that are closed in a rig. */
  z.strictObject({ kind: z.literal('bead.archive'), beadIds: z.array(BeadId).min(1).max(1_000).optional(), closedIn: RigId.optional() }),
  z.strictObject({ kind: z.literal('bead.unarchive'), beadIds: z.array(BeadId).min(1).max(1_000) }),
  /** A person may move a bead anywhere; the event names them (ST-14). */
  z.strictObject({ kind: z.literal('bead.set_status'), beadId: BeadId, status: BeadStatus, reason: manyLines(500).optional() }),
  z.strictObject({ kind: z.literal('bead.retry'), beadId: BeadId }),
  /** `gate` belongs to `waits-for`: all children of the other bead, or any one. */
  z.strictObject({
    kind: z.literal('bead.add_dependency'),
    beadId: BeadId,
    dependsOn: DependencyTarget,
    type: DependencyType.optional(),
    gate: ChildrenGate.optional(),
  }),
  z.strictObject({
    kind: z.literal('bead.remove_dependency'),
    beadId: BeadId,
    dependsOn: DependencyTarget,
    type: DependencyType.optional(),
  }),
  /** All of it or nothing: existing beads first, then new ones, in this order; over as many rigs as wanted. */
  z.strictObject({
    kind: z.literal('convoy.create'),
    title,
    beadIds: z.array(BeadId).max(LIMITS.convoyBatch.value).optional(),
    tasks: z.array(task).max(LIMITS.convoyBatch.value).optional(),
    /** Absent: as the town's setting says. */
    staged: z.boolean().optional(),
    mergeMode: MergeMode.optional(),
    force: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('convoy.start'), convoyId: ConvoyId }),
  /** A convoy that is over opens again. */
  z.strictObject({
    kind: z.literal('convoy.add'),
    convoyId: ConvoyId,
    beadIds: z.array(BeadId).max(LIMITS.convoyBatch.value).optional(),
    tasks: z.array(task).max(LIMITS.convoyBatch.value).optional(),
    force: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('convoy.remove'), convoyId: ConvoyId, beadId: BeadId }),
  z.strictObject({ kind: z.literal('convoy.rename'), convoyId: ConvoyId, title }),
  z.strictObject({ kind: z.literal('convoy.pause'), convoyId: ConvoyId }),
  z.strictObject({ kind: z.literal('convoy.resume'), convoyId: ConvoyId }),
  /** `force` closes its open beads with it and stops who works on them; branches stay. */
  z.strictObject({ kind: z.literal('convoy.close'), convoyId: ConvoyId, force: z.boolean().optional() }),
  /** Out of sight with all its beads; only when it is over (AR-3). */
  z.strictObject({ kind: z.literal('convoy.archive'), convoyId: ConvoyId }),
  /** Back in sight, with all its beads. */
  z.strictObject({ kind: z.literal('convoy.unarchive'), convoyId: ConvoyId }),
  z.strictObject({ kind: z.literal('mayor.tell'), text }),
  z.strictObject({ kind: z.literal('mayor.restart') }),
  z.strictObject({
    kind: z.literal('agent.nudge'),
    agentId: AgentId,
    text,
    mode: NudgeMode.optional(),
  }),
  z.strictObject({ kind: z.literal('agent.interrupt'), agentId: AgentId }),
  z.strictObject({ kind: z.literal('agent.reset'), agentId: AgentId }),
  /** A polecat gets no new bead; the Mayor opens no session and its messages wait. */
  z.strictObject({ kind: z.literal('agent.pause'), agentId: AgentId }),
  z.strictObject({ kind: z.literal('agent.resume'), agentId: AgentId }),
  z.strictObject({ kind: z.literal('merge.retry'), mergeId: MergeId }),
  z.strictObject({ kind: z.literal('escalation.acknowledge'), escalationId: BeadId, note: manyLines(2_000).optional() }),
  /** Answers what an agent asks for; the first answer counts. */
  z.strictObject({ kind: z.literal('permission.answer'), permissionId: PermissionId, decision: PermissionDecision }),
  /** Answers what a patrol asks; once (ES-13). */
  z.strictObject({
    kind: z.literal('triage.resolve'),
    triageId: TriageId,
    action: TriageAction,
    notes: manyLines(2_000).optional(),
  }),
  /** A message that stays until its agent has read it (MS-1). */
  z.strictObject({
    kind: z.literal('mail.send'),
    agentId: AgentId,
    subject: oneLine(LIMITS.mailSubjectCharacters.value),
    body: message(LIMITS.mailBodyCharacters.value),
  }),
  /** Read in the agent's stead: the agent does not get it any more. */
  z.strictObject({ kind: z.literal('mail.read'), mailId: MailId }),
  /** A written way of working on one bead. */
  z.strictObject({ kind: z.literal('molecule.attach'), beadId: BeadId, title, steps: NewSteps }),
  z.strictObject({ kind: z.literal('molecule.detach'), beadId: BeadId }),
  /** Takes the bead from whoever has it; to the agent named as soon as that one is free, else to any. */
  z.strictObject({ kind: z.literal('bead.reassign'), beadId: BeadId, agentId: AgentId.optional() }),
  /** Forgets failed starts: of one bead, or the hold on all (MY-17). */
  z.strictObject({ kind: z.literal('dispatch.reset') }),
  z.strictObject({ kind: z.literal('effect.retry'), effectId: EffectId }),
  /** Not to be done any more: only what is parked. The ledger keeps what it was. */
  z.strictObject({ kind: z.literal('effect.discard'), effectId: EffectId }),
  /**
   * What may be spent (micros of a dollar). `id` is a run, bead, convoy, agent or rig, `*` for each run, bead or convoy that has no limit of its own; the
   * level `town` needs none. Soft: nothing new starts. Hard: it stops at once. What is absent stays, null clears (CF-3).
   */
  z.strictObject({
    kind: z.literal('spend.limit'),
    level: SpendLevel,
    id: oneLine(80).optional(),
    softMicros: micros.nullable().optional(),
    hardMicros: micros.nullable().optional(),
  }),
  /** An input over which the town broke: applied again as it came, or thrown away (RC-9). */
  z.strictObject({ kind: z.literal('quarantine.retry'), quarantineId: QuarantineId }),
  z.strictObject({ kind: z.literal('quarantine.discard'), quarantineId: QuarantineId }),
]);
export type PersonCommand = z.infer<typeof PersonCommand>;
export type PersonCommandKind = PersonCommand['kind'];

/** Belongs to one intent of a person and stays the same over every try. */
export const CommandKey = z.string().min(8).max(100);
export const CommandRequest = z.object({ key: CommandKey, command: PersonCommand });
export type CommandRequest = z.infer<typeof CommandRequest>;
