import { z } from 'zod';
import { jsonNote } from './json.ts';
import { AgentId, BeadId, ConvoyId, RigId, TriageId, DependencyTarget } from './ids.ts';
import { LIMITS } from './limits.ts';
import { manyLines, message, oneLine } from './text.ts';
import {
  BeadStatus,
  BeadType,
  EscalationCategory,
  MergeMode,
  Priority,
  Severity,
  TriageAction,
  type Role,
  DependencyType,
  NudgeMode,
} from './states.ts';
import { NewSteps, StepId } from './steps.ts';

/**
 * The tools agents have, defined once: name, roles, arguments, one line. The runner serves them over MCP under the server name `gt`
 * (so `sling` appears as `gt_sling`); the town answers. A call outside the role is refused with the reason (TL-1).
 * Unknown fields are ignored, but in the steps of a molecule; wrong types are answered with the exact field (TL-4). Metadata is an object, never JSON in a string (MY-6).
 */
interface Tool<A extends z.ZodType> {
  readonly roles: readonly Role[];
  readonly says: string;
  readonly args: A;
}
const tool = <A extends z.ZodType>(roles: readonly Role[], says: string, args: A): Tool<A> => ({ roles, says, args });
const everyone: readonly Role[] = ['mayor', 'polecat', 'refinery', 'triage'];
const title = oneLine(LIMITS.titleCharacters.value);
const text = message(LIMITS.messageCharacters.value);

const task = {
  title,
  body: manyLines(LIMITS.bodyCharacters.value).optional(),
  priority: Priority.optional(),
};

export const TOOLS = {
  list_rigs: tool(['mayor'], 'List the rigs (repositories) of the town with their state, default branch, slots and counts.', z.object({})),
  rig_browse: tool(
    ['mayor'],
    'Look into the code of a rig, as the repository has it: what is in a folder, or the text of a file. Without a path it is the top folder, without a ref ' +
      'the default branch; a ref is a branch or a commit. A long file is told in parts: from_line goes on.',
    z.object({
      /** Its id, or its name. */
      rig_id: oneLine(LIMITS.nameCharacters.value),
      path: oneLine(4_096).optional(),
      ref: oneLine(250).optional(),
      from_line: z.number().int().min(1).optional(),
    }),
  ),
  list_beads: tool(
    ['mayor'],
    'List beads of one type (without a type: work), newest first, with state, what each is about and why it is not moving. `before` is the last bead of the page before.',
    z.object({
      rig_id: RigId.optional(),
      status: BeadStatus.optional(),
      type: BeadType.optional(),
      include_archived: z.boolean().optional(),
      before: BeadId.optional(),
      limit: z.number().int().min(1).max(100).optional(),
    }),
  ),
  list_agents: tool(
    ['mayor'],
    'List the agents with role, state, the bead on their hook and their last activity.',
    z.object({ rig_id: RigId.optional() }),
  ),
  bead_status: tool(
    everyone,
    'Read one bead of any type: state, what it is about, why it is not moving; of work also runs, merge, commits, dependencies.',
    z.object({ bead_id: BeadId }),
  ),
  sling: tool(
    ['mayor'],
    'Create one bead and put it in line. A polecat is assigned when it is ready and a slot is free. Returns the bead id and its place in the queue.',
    z.object({
      rig_id: RigId,
      title,
      body: manyLines(LIMITS.bodyCharacters.value).optional(),
      priority: Priority.optional(),
      labels: z.array(oneLine(60)).max(20).optional(),
      metadata: jsonNote().optional(),
      depends_on: z.array(BeadId).max(50).optional(),
      force: z.boolean().optional(),
    }),
  ),
  sling_batch: tool(
    ['mayor'],
    'Create a convoy: several beads that belong together, all of them or none. `depends_on` of a task are places in the list of tasks, counted from 0. ' +
      'With staged true nothing starts before convoy_start.',
    z.object({
      rig_id: RigId,
      convoy_title: title,
      tasks: z
        .array(z.object({ ...task, depends_on: z.array(z.number().int().min(0)).max(50).optional() }))
        .min(1)
        .max(LIMITS.convoyBatch.value),
      staged: z.boolean().optional(),
      merge_mode: MergeMode.optional(),
      force: z.boolean().optional(),
    }),
  ),
  list_convoys: tool(
    ['mayor'],
    'List the convoys, newest first, with progress and why each is not moving.',
    z.object({ include_over: z.boolean().optional() }),
  ),
  convoy_status: tool(
    ['mayor'],
    'Read one convoy: progress, and of each bead the state, who works on it and why it is not moving.',
    z.object({ convoy_id: ConvoyId }),
  ),
  convoy_start: tool(['mayor'], 'Start a staged convoy: its beads get in line.', z.object({ convoy_id: ConvoyId })),
  convoy_close: tool(
    ['mayor'],
    'Close a convoy. With force its open beads are closed too and their agents stopped; say first what is not landed.',
    z.object({ convoy_id: ConvoyId, force: z.boolean().optional() }),
  ),
  convoy_add_bead: tool(
    ['mayor'],
    'Add a bead to a convoy: one that exists (bead_id), or a new one (rig_id and title). In a running convoy it starts as soon as it is ready.',
    z.object({ convoy_id: ConvoyId, bead_id: BeadId.optional(), rig_id: RigId.optional(), ...task, title: title.optional() }),
  ),
  convoy_remove_bead: tool(['mayor'], 'Take a bead out of a convoy. The bead stays.', z.object({ convoy_id: ConvoyId, bead_id: BeadId })),
  convoy_update: tool(
    ['mayor'],
    'Change the title or the merge mode of a convoy.',
    z.object({ convoy_id: ConvoyId, title: title.optional(), merge_mode: MergeMode.optional() }),
  ),
  pause: tool(
    ['mayor'],
    'Pause a rig, a convoy or a polecat: nothing new starts there, what runs goes on. With resume true it goes on.',
    z.object({ rig_id: RigId.optional(), convoy_id: ConvoyId.optional(), agent_id: AgentId.optional(), resume: z.boolean().optional() }),
  ),
  prime: tool(
    everyone,
    'Your full context: who you are, the bead on your hook, messages, checkpoint, what earlier attempts left.',
    z.object({}),
  ),
  done: tool(
    ['polecat'],
    'Hand in your work: everything committed on your branch. The town tests and lands it. Call it once, when you are finished.',
    z.object({
      summary: message(4_000),
      no_changes: z.boolean().optional(),
      /** Why it is handed in though steps of its molecule are open. */
      force: oneLine(500).optional(),
    }),
  ),
  checkpoint: tool(
    ['polecat', 'mayor'],
    'Save a note for whoever continues this work; the next prime returns it.',
    z.object({ data: jsonNote() }),
  ),
  escalate: tool(
    ['polecat', 'mayor', 'refinery'],
    'Ask a person for help or a decision. Do not use it for a refused tool.',
    z.object({
      severity: Severity,
      category: EscalationCategory.exclude(['budget']),
      message: text,
      metadata: jsonNote().optional(),
    }),
  ),
  triage_resolve: tool(
    ['mayor'],
    'Answer a request that a patrol made about an agent, once: start it anew, give the bead up, give it to another agent, or write to the agent.',
    z.object({ triage_id: TriageId, action: TriageAction, notes: manyLines(2_000).optional() }),
  ),
  mail_send: tool(
    ['mayor', 'polecat', 'refinery'],
    'Write to another agent. It stays until it is read: an agent at work gets it when it is idle, another at its next start.',
    z.object({
      to_agent_id: AgentId,
      subject: oneLine(LIMITS.mailSubjectCharacters.value),
      body: message(LIMITS.mailBodyCharacters.value),
    }),
  ),
  mail_check: tool(everyone, 'Read your messages. What you have read does not come again.', z.object({})),
  nudge: tool(
    ['mayor', 'polecat', 'refinery'],
    'Say something to an agent that is at work now: when it is idle (wait-idle), at once (immediate), or if it is idle in time (queue).',
    z.object({ to_agent_id: AgentId, message: message(LIMITS.mailBodyCharacters.value), mode: NudgeMode.optional() }),
  ),
  mol_current: tool(
    ['polecat'],
    'The steps of your bead, if somebody wrote down how to work on it: which are done, which are next.',
    z.object({}),
  ),
  mol_advance: tool(
    ['polecat'],
    'Say that a step is done, with a short summary. Without a step id it is the first that is next.',
    z.object({ step: StepId.optional(), summary: message(2_000) }),
  ),
  mol_attach: tool(
    ['mayor'],
    'Write down how to work on a bead, step by step. Its polecat goes through the steps and cannot hand in with one open.',
    z.object({ bead_id: BeadId, title, steps: NewSteps }),
  ),
  ready: tool(
    ['mayor'],
    'The beads that could start now, best first: open, unblocked, held by nothing. `kept` says what keeps one all the same (a pause, a reached limit, a repository that cannot be used).',
    z.object({ rig_id: RigId.optional(), limit: z.number().int().min(1).max(100).optional() }),
  ),
  bead_update: tool(
    ['mayor'],
    'Change a bead: status, title, body, priority, labels. Whoever works on it is told. Everything that follows from a status follows.',
    z.object({
      bead_id: BeadId,
      status: BeadStatus.exclude(['failed']).optional(),
      title: title.optional(),
      body: manyLines(LIMITS.bodyCharacters.value).optional(),
      priority: Priority.optional(),
      labels: z.array(oneLine(60)).max(20).optional(),
    }),
  ),
  bead_reassign: tool(
    ['mayor'],
    'Take a bead from whoever has it: back in line, or to the agent named as soon as that one is free.',
    z.object({ bead_id: BeadId, agent_id: AgentId.optional() }),
  ),
  bead_fail: tool(['mayor'], 'Give a bead up, with the reason.', z.object({ bead_id: BeadId, reason: message(2_000) })),
  bead_close: tool(
    ['polecat'],
    'Close a bead that is a part of yours. Your own bead is handed in with done instead.',
    z.object({ bead_id: BeadId, note: message(2_000).optional() }),
  ),
  bead_archive: tool(
    ['mayor'],
    'Put beads that are closed or failed out of sight; a convoy that is over goes with all its beads.',
    z.object({ bead_ids: z.array(BeadId).min(1).max(100) }),
  ),
  bead_unarchive: tool(
    ['mayor'],
    'Bring archived beads back; a convoy comes with all its beads.',
    z.object({ bead_ids: z.array(BeadId).min(1).max(100) }),
  ),
  bead_add_dependency: tool(
    ['mayor'],
    'Let a bead wait for another (type blocks), or relate them by another type.',
    z.object({ bead_id: BeadId, depends_on_bead_id: DependencyTarget, type: DependencyType.optional() }),
  ),
  bead_remove_dependency: tool(
    ['mayor'],
    'Remove a dependency between two beads.',
    z.object({ bead_id: BeadId, depends_on_bead_id: DependencyTarget, type: DependencyType.optional() }),
  ),
  agent_reset: tool(['mayor'], 'End what an agent does; its bead goes back in line and to another agent.', z.object({ agent_id: AgentId })),
  escalation_acknowledge: tool(
    ['mayor'],
    'Say that an escalation is dealt with; it closes and does not come again.',
    z.object({ escalation_id: BeadId, note: message(2_000).optional() }),
  ),
  dispatch_reset: tool(
    ['mayor'],
    'Forget failed attempts: of one bead, which is then tried anew also if it failed, or without a bead the hold on all starts.',
    z.object({ bead_id: BeadId.optional() }),
  ),
} as const satisfies Record<string, Tool<z.ZodType>>;

/** What the town answers to `rig_browse`: which rig it is. The runner then reads from its mirror of it. */
export const RigToBrowse = z.object({
  rig_id: RigId,
  name: z.string(),
  git_url: z.string(),
  default_branch: z.string(),
  empty: z.boolean(),
});
export type RigToBrowse = z.infer<typeof RigToBrowse>;

export type ToolName = keyof typeof TOOLS;
export const TOOL_NAMES = Object.keys(TOOLS) as [ToolName, ...ToolName[]];
export type ToolArgs<T extends ToolName> = z.infer<(typeof TOOLS)[T]['args']>;
/** The name that prompts, cards and the requirements use: `gt_sling`. */
export const toolLabel = (tool: ToolName): string => `gt_${tool}`;
export const toolsFor = (role: Role): ToolName[] => TOOL_NAMES.filter((tool) => (TOOLS[tool].roles as readonly Role[]).includes(role));
