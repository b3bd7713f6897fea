import { z } from 'zod';
import { json } from './json.ts';
import { asKept, Failure } from './failures.ts';
import { AgentId, BeadId, EffectId, Generation, MailId, MergeId, NudgeId, RigId, RunId, Sha } from './ids.ts';
import { GateResult } from './rows/merges.ts';
import { StepRow } from './rows/molecules.ts';
import { Commit } from './rows/runs.ts';
import { LIMITS } from './limits.ts';
import { Permissions, SetupCommand } from './rows/settings.ts';
import { NudgeMode, PermissionCategory, PermissionDecision, Priority, Role } from './states.ts';
import { ToolAnswer } from './tool-answer.ts';
import { TOOL_NAMES } from './tools.ts';

/**
 * The link: one WebSocket that the runner opens to the town (`/runner/link`, D2). Everything that changes state carries run and generation.
 *
 * - Reports and outcomes travel as `report` frames numbered by `seq` (1, 2, …) within one `instance` of the runner. The town acknowledges after
 *   commit; unacknowledged ones are sent again after a reconnect, and the town ignores what it has seen (I18).
 * - Effects carry an id; the runner performs an effect once per id, and answers a repeated one with the outcome it already has.
 *   An effect is idempotent also across runners: it looks at the repository before it changes it.
 * - Calls carry a `callId`, unique in the instance; sent again after a reconnect until answered.
 */
/** More than any runner holds: a list that is longer is no list of its runs. */
export const RUNS_OF_A_RUNNER = 200;
const runRef = { runId: RunId, generation: Generation };

/** A rig as the Mayor is told of it; `defaultBranch` null: never connected. */
const RigBrief = z.object({
  id: RigId,
  name: z.string(),
  gitUrl: z.string(),
  state: z.string(),
  defaultBranch: z.string().nullable().default(null),
});
export type RigBrief = z.infer<typeof RigBrief>;

/** What an agent is told at its start and what `gt_prime` returns (AG-9). Texts of people and agents are data, never instructions of ours. */
export const PrimeContext = z.object({
  town: z.object({ name: z.string() }),
  agent: z.object({ id: AgentId, name: z.string(), role: Role, identity: z.string() }),
  rig: z.object({ id: RigId, name: z.string(), defaultBranch: z.string().nullable(), empty: z.boolean() }).nullable(),
  bead: z.object({ id: BeadId, title: z.string(), body: z.string(), priority: Priority, labels: z.array(z.string()) }).nullable(),
  branch: z.string().nullable(),
  targetBranch: z.string().nullable(),
  gates: z.array(z.string()),
  attempt: z.number().int(),
  /** Earlier runs of this bead, oldest first: why each ended, and the gate that failed with its output. */
  earlier: z.array(
    z.object({ attempt: z.number().int(), summary: z.string().nullable(), failure: Failure.nullable(), gates: z.array(GateResult) }),
  ),
  checkpoint: z.record(z.string(), json()).nullable(),
  /** Unread messages; `body` null: not read yet, `gt_mail_check` shows it. */
  mail: z.array(z.object({ id: MailId, from: z.string(), subject: z.string(), body: z.string().nullable(), at: z.number().int() })),
  /** A written way of working on the bead, where somebody wrote one down. */
  molecule: z.object({ title: z.string(), steps: z.array(StepRow) }).nullable(),
  /** For the Mayor: the rigs, preloaded so that it need not ask (MY-4). */
  rigs: z.array(RigBrief),
});
export type PrimeContext = z.infer<typeof PrimeContext>;

export const RunnerEffect = z.discriminatedUnion('kind', [
  /** Clone or fetch the mirror and look at the repository. */
  z.object({ kind: z.literal('rig.connect'), rigId: RigId, gitUrl: z.string() }),
  /** Worktree, session, first prompt. For the Mayor there is no rig, no bead and no first prompt: it waits for messages. */
  z.object({
    kind: z.literal('run.start'),
    ...runRef,
    agentId: AgentId,
    agentKind: z.string(),
    gitUrl: z.string().nullable(),
    startFrom: z.string().nullable(),
    model: z.string(),
    modelShape: z.enum(['openai', 'anthropic']),
    resumeSessionId: z.string().nullable(),
    /** The conversation before this one is longer than the model takes: a new session, which is told what was said last. */
    isFull: z.boolean().default(false),
    gitName: z.string(),
    gitEmail: z.string(),
    /** What the agent may do, may not, or asks a person for. */
    permissions: Permissions,
    /** Run in the worktree before the session opens; the first required one that fails ends the start (AG-22). */
    setup: z.array(SetupCommand),
    context: PrimeContext,
  }),
  z.object({
    kind: z.literal('run.prompt'),
    ...runRef,
    nudgeId: NudgeId,
    text: z.string(),
    source: z.string(),
    mode: NudgeMode,
    again: z.boolean(),
    /** For the Mayor: the rigs as they are now; their code at its desk is freshened before the turn (MY-7). */
    rigs: z.array(RigBrief).optional(),
    /** The work of the run is handed in: what it commits now does not land. */
    handedIn: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('run.interrupt'), ...runRef }),
  /** What was decided about a question of the run; `reason` says why the town denied it. One that waits no longer is answered for nobody. */
  z.object({
    kind: z.literal('permission.answer'),
    ...runRef,
    requestId: z.string(),
    decision: PermissionDecision,
    reason: z.string().nullable(),
  }),
  /** End the session; commit and push what is not pushed to a rescue ref; remove the worktree. */
  z.object({ kind: z.literal('run.stop'), ...runRef }),
  /** Build the squash of `headCommit` on the target's current head and run the gates on exactly that tree (I5). */
  z.object({
    kind: z.literal('merge.test'),
    mergeId: MergeId,
    rigId: RigId,
    gitUrl: z.string(),
    branch: z.string(),
    headCommit: Sha,
    targetBranch: z.string(),
    /** The repository never had a commit, as the town knows: this may be the first. */
    isNew: z.boolean().default(true),
    message: z.string(),
    gitName: z.string(),
    gitEmail: z.string(),
    agentName: z.string(),
    /** Prepare the tree before the gates; without gates none runs (AG-22). */
    setup: z.array(SetupCommand).default([]),
    gates: z.array(z.string()),
  }),
  /** Push `mergeCommit` to the target if the target still is at `baseCommit` (null: still absent), by compare-and-swap (I4). */
  z.object({
    kind: z.literal('merge.land'),
    mergeId: MergeId,
    rigId: RigId,
    gitUrl: z.string(),
    targetBranch: z.string(),
    baseCommit: Sha.nullable(),
    mergeCommit: Sha,
  }),
  z.object({ kind: z.literal('branch.delete'), rigId: RigId, gitUrl: z.string(), branch: z.string(), headCommit: Sha }),
]);
export type RunnerEffect = z.infer<typeof RunnerEffect>;
export type RunnerEffectKind = RunnerEffect['kind'];

const ToldFailure = Failure.transform(asKept);
/** What a performed effect gave. One shape for each kind; `none` where there is nothing to say. */
export const EffectValue = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rig'), defaultBranch: z.string(), empty: z.boolean(), head: Sha.nullable() }),
  z.object({ kind: z.literal('session'), sessionId: z.string().max(200), resumed: z.boolean(), model: z.string().nullable() }),
  /** `baseCommit` null: the target branch did not exist (AG-19). */
  z.object({
    kind: z.literal('tested'),
    passed: z.boolean(),
    baseCommit: Sha.nullable(),
    mergeCommit: Sha,
    gates: z.array(GateResult),
    failure: ToldFailure.nullable(),
  }),
  z.object({ kind: z.literal('landed'), mergeCommit: Sha }),
  z.object({ kind: z.literal('none') }),
]);
export type EffectValue = z.infer<typeof EffectValue>;

export const Outcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('succeeded'), value: EffectValue }),
  /** `retry`: worth trying again as it is (network, overload); false: the same again cannot succeed. */
  z.object({ state: z.literal('failed'), failure: ToldFailure, retry: z.boolean() }),
]);
export type Outcome = z.infer<typeof Outcome>;

export const Report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('outcome'), effectId: EffectId, outcome: Outcome }),
  z.object({ kind: z.literal('turn.started'), ...runRef, nudgeId: NudgeId.nullable() }),
  /** The agent is idle now. `failure` says why a turn broke (model refused, agent crashed …). */
  z.object({ kind: z.literal('turn.ended'), ...runRef, stopReason: z.string(), failure: ToldFailure.nullable() }),
  /** In the middle of a turn: the conversation was full, and the run goes on in this session. It is prompted when the town has committed this. */
  z.object({ kind: z.literal('session.renewed'), ...runRef, sessionId: z.string().min(1).max(200) }),
  /**
   * The repository did not take what its agent hands in (away, locked, a push that it refuses): `details.cause` is the code that says why. The run goes on; its agent is told too.
   */
  z.object({ kind: z.literal('hand_in.refused'), ...runRef, failure: ToldFailure }),
  /** The session is gone (process died, session lost): the run is over. */
  z.object({ kind: z.literal('run.lost'), ...runRef, failure: ToldFailure }),
  /** This instance was asked to end: it takes no new work, lets turns end for `graceMs`, then ends the runs that are left as `runner_drained` and exits (DR-1). */
  z.object({ kind: z.literal('draining'), graceMs: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('status'), ...runRef, statusLine: z.string().max(120) }),
  /**
   * The agent waits for a person: its turn goes on when `permission.answer` comes. The same `requestId` again is the same question. `whole`: `detail` is all of what is asked,
   * not its beginning.
   */
  z.object({
    kind: z.literal('permission.asked'),
    ...runRef,
    requestId: z.string().min(1).max(100),
    category: PermissionCategory,
    title: z.string().max(LIMITS.permissionTitleCharacters.value),
    detail: z.string().max(LIMITS.permissionDetailCharacters.value),
    whole: z.boolean().default(true),
    at: z.number().int(),
  }),
  /** The agent does not wait for it any more: it was cancelled, say. */
  z.object({ kind: z.literal('permission.withdrawn'), ...runRef, requestId: z.string().min(1).max(100) }),
  /**
   * Sent each `leaseRenewMs` while turns are in flight that wait for nobody, or effects are under way; one frame renews them all. A start is named while its worktree is being prepared, which may take longer than the
   * time of a start.
   */
  z.object({ kind: z.literal('renew'), runs: z.array(z.object({ ...runRef, lastActivityAt: z.number().int() })).max(RUNS_OF_A_RUNNER) }),
]);
export type Report = z.infer<typeof Report>;

/** What the runner saw with its own eyes when an agent called `gt_done`: the branch is pushed, and this is what it holds. */
export const DoneEvidence = z.object({ branch: z.string(), headCommit: Sha, ahead: z.number().int(), commits: z.array(Commit).max(500) });
export type DoneEvidence = z.infer<typeof DoneEvidence>;

/** Comes back with the answer. */
const askId = z.string().min(1).max(64);

export const FromRunner = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    protocol: z.literal(1),
    instance: z.string().min(8).max(64),
    agentKinds: z.array(z.string().max(200)).max(50),
    /** Whether agents and tests have users of their own there, or are the runner's own user. */
    isolation: z.enum(['users', 'none']).optional(),
    runs: z.array(z.object({ ...runRef, turnInFlight: z.boolean() })).max(RUNS_OF_A_RUNNER),
  }),
  z.object({ t: z.literal('report'), seq: z.number().int().positive(), report: Report }),
  z.object({
    t: z.literal('call'),
    callId: z.string().min(1).max(64),
    ...runRef,
    tool: z.enum(TOOL_NAMES),
    args: json(),
    evidence: DoneEvidence.nullable(),
  }),
  /** Asks for the rig's token (null when it has none). Held in memory only. */
  z.object({ t: z.literal('credential'), askId, rigId: RigId }),
  /** Asks for the model-door token of one pool process. */
  z.object({ t: z.literal('door'), askId, pool: z.string().regex(/^[a-z0-9-]{1,60}$/) }),
]);
export type FromRunner = z.infer<typeof FromRunner>;

export const ToRunner = z.discriminatedUnion('t', [
  /**
   * `seq`: the last report of this instance that is committed. `runs` the runner holds and the town does not know as live come as `run.stop` effects. `rigs`: all that the
   * town has; what is kept of others may go. Absent: it does not say.
   */
  z.object({ t: z.literal('welcome'), seq: z.number().int().nonnegative(), rigs: z.array(RigId).optional() }),
  /** As at the welcome, when a rig was removed. */
  z.object({ t: z.literal('rigs'), rigs: z.array(RigId) }),
  z.object({ t: z.literal('ack'), seq: z.number().int() }),
  z.object({ t: z.literal('effect'), effectId: EffectId, effect: RunnerEffect }),
  z.object({
    t: z.literal('answer'),
    callId: z.string(),
    result: z.union([z.object({ ok: z.literal(true), value: ToolAnswer }), z.object({ ok: z.literal(false), failure: Failure })]),
  }),
  z.object({ t: z.literal('credential'), askId: z.string(), token: z.string().nullable() }),
  z.object({ t: z.literal('door'), askId: z.string(), token: z.string() }),
  /** The town will not talk to this runner (replaced, wrong town, wrong protocol): it stops its agents and exits. */
  z.object({ t: z.literal('bye'), failure: Failure }),
]);
export type ToRunner = z.infer<typeof ToRunner>;
