import { z } from 'zod';
import { json } from './json.ts';
import { FailureSource } from './states.ts';
import { plainText } from './text.ts';

/**
 * The failure catalogue: one code for UI, API, log and docs (D7, FR-5). `status` is the HTTP status when the failure answers a request;
 * `next` says what to do, `acts` who does it. The reference page is generated from here.
 */
interface Kind {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 421 | 422 | 429 | 500 | 502 | 503;
  readonly says: string;
  readonly next: string;
  readonly acts: Actor;
}
/** Who goes on: a person, who asked or who looks after the town, maybe only if it stays so; the agent whose call it was; or nobody, because the town does by itself. */
export type Actor = 'person' | 'agent' | 'nobody';

type Says = (status: Kind['status'], says: string, next: string) => Kind;
const saysFor =
  (acts: Actor): Says =>
  (status, says, next) => ({ status, says, next, acts });
const kind = saysFor('person');
const ofAgent = saysFor('agent');
const byItself = saysFor('nobody');

const ANOTHER_RUN = 'You need do nothing while tries are left: the bead goes to another run. After the last one it waits for you.';

export const FAILURES = {
  // requests
  invalid_input: kind(400, 'The request has a wrong or missing field.', 'Correct the field that the message names and send it again.'),
  invalid_json: kind(400, 'The body is not JSON.', 'Send a JSON object.'),
  too_large: kind(413, 'The request is larger than allowed.', 'Send less at once.'),
  unknown_route: kind(404, 'There is nothing at this address.', 'Check the address.'),
  wrong_host: kind(
    421,
    'The Host header is not one this server answers to.',
    'Open the address that the launcher printed: ./gastown status names it.',
  ),
  wrong_origin: kind(403, 'The request comes from another site.', 'Use the page of this town.'),
  not_signed_in: kind(401, 'You are not signed in.', 'Open a new sign-in link: run ./gastown link.'),
  sign_in_link_used: kind(410, 'This sign-in link was used or is too old.', 'Make a new one: run ./gastown link.'),
  forbidden: kind(403, 'You may not do this here.', 'Ask the owner of the town.'),
  unknown_town: kind(404, 'There is no such town.', 'See which there are: ./gastown towns, or the first page.'),
  town_deleted: kind(410, 'This town was deleted.', 'Create a new town.'),
  unknown_command: kind(400, 'There is no such command.', 'See docs/reference/commands.md.'),
  internal: kind(500, 'Something broke that should not break.', 'Try again; if it stays, report it with the id shown.'),
  quarantined: kind(
    500,
    'The town broke over this input; it is kept and a person is told.',
    'Do not send it again. A person finds it on the page Attention, and can retry or discard it.',
  ),
  overloaded: kind(503, 'The town has too much to do at this moment.', 'Try again in a few seconds.'),
  // things that are not there, or not so
  unknown_bead: kind(
    404,
    'There is no such bead in this town.',
    'Find it by a word of its title, its id or a label: on the page Board, or ./gastown beads list --town TOWN --archived with --search WORD; an agent calls gt_list_beads.',
  ),
  unknown_rig: kind(
    404,
    'There is no such rig in this town.',
    'List the rigs: ./gastown rigs --town TOWN, or Settings › Repositories, where a repository is added too; an agent calls gt_list_rigs.',
  ),
  unknown_runner: kind(
    404,
    'This town has no such runner, or it was removed.',
    'Add it in Settings › Runners, and start it with the line that is shown there.',
  ),
  unknown_path: kind(404, 'There is nothing at this path, or no such ref.', 'Look at the folder above it, or leave the ref out.'),
  unknown_conversation: byItself(404, 'No conversation of this agent is kept.', 'You need do nothing: the agent begins anew.'),
  unknown_agent: kind(404, 'There is no such agent in this town.', 'See the page Agents; an agent calls gt_list_agents.'),
  unknown_run: byItself(404, 'There is no such run.', 'Nothing to do: it may have ended long ago.'),
  unknown_convoy: kind(404, 'There is no such convoy in this town.', 'See the page Convoys; an agent calls gt_list_convoys.'),
  unknown_merge: kind(404, 'There is no such merge request.', 'See the page Merges.'),
  unknown_escalation: kind(404, 'There is no such escalation.', 'It may have been closed; the page Attention shows what is open.'),
  unknown_import: kind(
    404,
    'There is no such import.',
    'Start the beads of the rig instead: ./gastown beads start --town TOWN --rig RIG, or the page of the rig.',
  ),
  unknown_permission: kind(404, 'There is no such question for permission.', 'See the page Attention: it shows what is open.'),
  unknown_triage: kind(404, 'There is no such triage request.', 'It may have settled itself; the page Attention shows what is open.'),
  unknown_mail: kind(404, 'There is no such message.', 'See the page Mail; an agent calls gt_mail_check.'),
  unknown_molecule: ofAgent(404, 'This bead has no open molecule.', 'Attach one, or work as the bead says.'),
  unknown_step: ofAgent(404, 'There is no such step.', 'Use one of the ids that the message names.'),
  unknown_effect: kind(404, 'There is no such effect.', 'It may be done already; Settings › Health shows what is parked.'),
  unknown_quarantined: kind(
    404,
    'There is no such input in quarantine.',
    'It was retried or discarded already; Settings › Health shows what is left.',
  ),
  stale_input: kind(409, 'This input cannot be applied any more.', 'Discard it in Settings › Health.'),
  illegal_transition: kind(409, 'This state cannot become that one.', 'Look at it again: the message says how it stands now.'),
  duplicate_rig: kind(
    409,
    'This town already has a rig of that name or repository.',
    'Use the rig that exists (Settings › Repositories); for another repository choose another name.',
  ),
  duplicate_runner: kind(409, 'This town already has a runner of that name.', 'Choose another name.'),
  too_many_runners: kind(
    409,
    'The town has as many runners as it may have.',
    'Remove one that is not used any more in Settings › Runners.',
  ),
  runner_is_container: kind(
    409,
    'This is the runner of the town container: it needs no token and is always there.',
    'Pause it instead, or let it take other rigs.',
  ),
  runner_token_refused: kind(
    401,
    'This runner token is not good any more.',
    'Make a new one in Settings › Runners, and start the runner with it.',
  ),
  rig_elsewhere: ofAgent(
    409,
    'This rig is pinned to a runner on a machine: its code is nowhere else.',
    'Work on it goes on there: sling a bead that asks what you want to know.',
  ),
  duplicate_bead: kind(409, 'The same bead was created a moment ago and is still open.', 'Use that one, or send force to create another.'),
  dependency_cycle: kind(409, 'This dependency would close a circle.', 'Remove one of the dependencies that the message names.'),
  dependency_exists: kind(409, 'These two beads already have another dependency.', 'Remove the one that the message names first.'),
  self_dependency: kind(409, 'A bead cannot depend on itself.', 'Name another bead.'),
  bead_in_convoy: kind(
    409,
    'The bead belongs to another convoy.',
    'Remove it from that one first, on the page of that convoy; a bead is in one convoy at most.',
  ),
  bead_not_in_convoy: kind(
    404,
    'The bead does not belong to this convoy.',
    'See its beads on the page of the convoy; an agent calls gt_convoy_status.',
  ),
  convoy_open: kind(409, 'The convoy has beads that are not closed.', 'Wait until they are, or send force to close them with it.'),
  convoy_over: kind(409, 'The convoy is over.', 'Add a bead to it to open it again, or make another.'),
  agent_paused: kind(409, 'The agent is paused.', 'Resume it first, on its page under Agents.'),
  rig_in_use: kind(409, 'The rig has beads that are not finished.', 'Close them first (page Board), or send force.'),
  permission_over: byItself(409, 'This question was answered or withdrawn already.', 'Nothing to do: the message says how.'),
  triage_over: byItself(409, 'This triage request was answered already.', 'Nothing to do: the message says by whom and how.'),
  mailbox_full: kind(409, 'This agent has too much that it has not read.', 'Wait until it has read some of it.'),
  molecule_exists: ofAgent(409, 'This bead has a molecule already.', 'Use it, or detach it first.'),
  conflicting_key: kind(409, 'This idempotency key was used for another command.', 'Make a new key for each new command.'),
  // agents and tools
  wrong_role: ofAgent(403, 'This tool is not for your role.', 'Do not retry; the message names the role that has it.'),
  unknown_tool: ofAgent(404, 'There is no such tool.', 'Use a tool from the list.'),
  stale_generation: ofAgent(409, 'This run was replaced by a newer one.', 'Stop; nothing you do here counts any more.'),
  run_over: ofAgent(410, 'This run has ended.', 'Stop; the work is in other hands or done.'),
  no_hook: ofAgent(409, 'You have no bead on your hook.', 'End your turn.'),
  not_pushed: ofAgent(
    409,
    'The branch could not be handed in.',
    'Mend what the message names, then call the tool again. If that is the repository, end your turn: the town looks at it.',
  ),
  nothing_done: ofAgent(
    409,
    'The branch has no commit beyond the target branch.',
    'Commit your work, or call again with no_changes and the reason.',
  ),
  steps_open: ofAgent(409, 'Steps of the molecule are open.', 'Do them, or call again with force and the reason.'),
  uncommitted_changes: ofAgent(409, 'The worktree has changes that are not committed.', 'Commit or remove them, then call the tool again.'),
  // terminals
  terminals_full: kind(
    503,
    'The runner has as many terminals open as it may.',
    'Close one, or wait: one that nobody watches closes by itself.',
  ),
  terminal_watchers_full: kind(503, 'Too many pages look at the terminals of this agent.', 'Close one of them.'),
  terminal_failed: kind(503, 'The terminal could not be started.', 'Read the message; try again on the page of the agent.'),
  no_live_view: kind(409, 'This agent program has no screen of its own.', 'Use the shell, or read the transcript.'),
  // why work failed
  gate_failed: kind(422, 'A gate failed on the merge result.', 'Read its output; the next run gets it as context.'),
  gate_timeout: kind(422, 'A gate ran longer than allowed.', 'Make it faster or raise its limit.'),
  gate_ran_nothing: kind(422, 'A gate command could not run.', 'Correct the gate in Settings › Repositories.'),
  merge_conflict: byItself(409, 'The branch conflicts with the target branch.', 'The next run resolves it on a fresh base.'),
  target_moved: byItself(409, 'The target branch moved; the result is built again.', 'You need do nothing: it happens by itself.'),
  repository_locked: kind(
    503,
    'Another git has locked the repository.',
    'You need do nothing, if one is at work there. If it stays, remove the file that the message names in the repository.',
  ),
  target_missing: kind(
    409,
    'The branch to land on is not in the repository.',
    'Put it back there, or leave it where it has a new name; then reconnect the repository in Settings › Repositories. What waits goes on with the branch that it has then; an empty repository begins anew.',
  ),
  branch_missing: kind(409, 'The work branch is gone from the repository.', 'Retry the bead on its page.'),
  attempts_exhausted: kind(422, 'Every attempt at this bead failed.', 'Read its runs, change the bead or the settings, then retry it.'),
  dispatch_failed: kind(
    503,
    'No agent could be started.',
    'Read the reason; correct it in Settings › Agents or Settings › Repositories; then retry the bead on its page.',
  ),
  lease_expired: byItself(503, 'The agent fell silent and its lease ended.', ANOTHER_RUN),
  runner_lost: byItself(503, 'The runner that held this run is gone.', ANOTHER_RUN),
  runner_drained: byItself(503, 'The runner was asked to end while the agent worked; its work is kept.', ANOTHER_RUN),
  runner_wedged: byItself(
    503,
    'The runner is connected and does not answer.',
    'You need do nothing: it is restarted. When it was restarted too often, read its log, then resume the town.',
  ),
  runner_unavailable: byItself(503, 'The town has no runner at the moment.', 'You need do nothing: it is being started.'),
  container_failed: kind(
    503,
    'The town container does not start.',
    'Read the reason on the page Home, or with ./gastown doctor --town TOWN; correct it; resume the town.',
  ),
  agent_crashed: byItself(502, 'The agent process ended unexpectedly.', ANOTHER_RUN),
  agent_stalled: byItself(503, 'The agent produced nothing for too long.', ANOTHER_RUN),
  bead_timeout: kind(422, 'The run took longer than its bead allows.', 'Give the bead more time or split it, then retry it.'),
  ended_without_done: byItself(422, 'The agent ended without handing in its work.', ANOTHER_RUN),
  runner_full: byItself(503, 'The runner has as many agents as it can hold.', 'You need do nothing: it starts when another agent is done.'),
  runner_keeping: byItself(
    503,
    'The runner still keeps what an earlier run of this work left there.',
    'You need do nothing: it starts when that is kept, or on another runner that takes its rig.',
  ),
  agent_model_unfit: kind(
    409,
    'This agent program cannot talk to a model of this provider.',
    'Choose another agent in Settings › Agents, or a model that it speaks to in Settings › Models.',
  ),
  agent_unknown: kind(400, 'This agent program is not in the catalogue of the runner.', 'Choose one that Settings › Agents offers.'),
  setup_failed: kind(422, 'The worktree could not be prepared.', 'Read the reason; correct the rig in Settings › Repositories.'),
  failed_by_person: kind(409, 'A person gave it up.', 'Retry the bead on its page when you want it done.'),
  failed_by_mayor: kind(409, 'The Mayor gave it up.', 'Read the reason; retry the bead on its page when you want it done.'),
  failed_by_triage: kind(409, 'It was given up after a patrol asked.', 'Read the notes; retry the bead on its page when you want it done.'),
  stopped_by_triage: byItself(409, 'The run was ended after a patrol asked.', ANOTHER_RUN),
  stopped_by_person: kind(409, 'A person stopped it.', 'Retry the bead on its page when you want it done.'),
  // repositories
  repository_unreachable: kind(
    502,
    'The repository does not answer.',
    'Check the address and the network, then reconnect it in Settings › Repositories.',
  ),
  repository_not_found: kind(
    404,
    'There is no repository at this address.',
    'Put it back and reconnect it; a wrong address is removed in Settings › Repositories and given anew.',
  ),
  repository_refused: kind(
    403,
    'The repository refused the credentials.',
    'Give the rig a token that may read and push, in Settings › Repositories.',
  ),
  repository_unsafe: kind(400, 'This repository address is not allowed.', 'Use https, ssh, or a path on this machine.'),
  push_refused: kind(
    403,
    'The repository refused the push.',
    'Give the rig a token that may push to this branch, in Settings › Repositories.',
  ),
  repository_checked_out: kind(
    409,
    'The branch to land on is checked out in that folder, and git refuses a push to it.',
    'Run git config receive.denyCurrentBranch updateInstead in that folder, or give the address of a bare repository.',
  ),
  git_failed: kind(502, 'A git command failed.', 'Read the message.'),
  // models
  no_model: kind(409, 'No model is configured.', 'Choose a provider, a model and a key in Settings › Models.'),
  model_key_refused: kind(401, 'The provider refused the key.', 'Correct the key in Settings › Models.'),
  model_unreachable: kind(502, 'The provider does not answer.', 'Check the address in Settings › Models; it is tried again.'),
  model_rate_limited: byItself(429, 'The provider asks to slow down.', 'You need do nothing: it is tried again.'),
  model_overloaded: byItself(503, 'The provider has too much to do.', 'You need do nothing: it is tried again.'),
  model_quota_spent: kind(
    403,
    'The account at the provider has no credit left.',
    'Add credit at the provider, or give another key in Settings › Models.',
  ),
  model_context_full: kind(422, 'The conversation is longer than the model takes.', 'Split the bead, or choose a model that takes more.'),
  model_refused: kind(422, 'The model refused to answer.', 'Read the transcript; say it differently, or choose another model.'),
  model_token_invalid: byItself(401, 'The model door does not know this token.', 'You need do nothing: only agents of a town use it.'),
  budget_spent: kind(403, 'A spend limit is reached.', 'Raise the limit that the message names in Settings › Spend.'),
  town_stopped: kind(403, 'The town is stopped.', 'Resume the town: what was under way goes on by itself.'),
  too_many_limits: kind(
    409,
    'The town has as many spend limits as it may have.',
    'Clear some that are not needed any more in Settings › Spend.',
  ),
  // the machine
  town_unreachable: kind(
    503,
    'The town does not answer.',
    'Check the address and the network, and that the town runs: its page must open in a browser of this machine.',
  ),
  port_taken: kind(409, 'The port is taken by another program.', 'Stop it, or start on another: ./gastown up --port N.'),
  already_running: kind(
    409,
    'This state folder is in use by a running town server.',
    'Use it (./gastown link), or stop it first (./gastown stop).',
  ),
  git_missing: kind(503, 'The program git is not installed.', 'Install it: apt-get install git.'),
  flock_missing: kind(503, 'The program flock is not installed.', 'Install it: apt-get install util-linux.'),
  machine_full: kind(
    503,
    'The machine has no file, process or memory left for one more program.',
    'End what holds them, or raise its limits (ulimit -n for files, ulimit -u for processes); it is tried again.',
  ),
  disk_full: kind(503, 'There is no space left on the disk.', 'Free some space and start again.'),
  state_too_new: kind(409, 'The state was written by a newer version.', 'Use that version, or another folder: ./gastown up --state DIR.'),
  state_damaged: kind(
    409,
    'A file of the state folder is damaged.',
    'Put it back from a copy and start again; ./gastown doctor names all that is damaged.',
  ),
  state_unwritable: kind(403, 'The state folder cannot be written.', 'Make it writable, or choose another: ./gastown up --state DIR.'),
  keys_lost: kind(
    409,
    'The keys of this state folder are gone or damaged.',
    'Put keys.json back from a copy; without one start with --new-keys, which names the tokens and model keys that must be given again.',
  ),
  several_running: kind(
    409,
    'More than one runs on this machine.',
    'Say which one you mean with --state DIR; ./gastown status lists them.',
  ),
  not_running: kind(404, 'No town server is running on this state folder.', 'Start it: ./gastown up, or ./gastown demo.'),
} as const satisfies Record<string, Kind>;

export type FailureCode = keyof typeof FAILURES;
export const FAILURE_CODES = Object.keys(FAILURES) as [FailureCode, ...FailureCode[]];

/** A refusal or a failure. `message` is one sentence with the particulars; `details` are machine-readable particulars. */
export const Failure = z.object({
  code: z.enum(FAILURE_CODES),
  message: z.string(),
  details: z.record(z.string(), json()).optional(),
  /** On what failed for good: who or what decided it (FR-1). */
  source: FailureSource.optional(),
  /** What to do in this very case, where that is more exact than the step of the catalogue. */
  next: z.string().optional(),
});
export type Failure = z.infer<typeof Failure>;

/** What is kept of a failure that came from outside, whole enough to act on: each page holds all of them. */
const MOST_MESSAGE = 4_000;
const MOST_DETAILS = 16_384;
export function asKept(told: Failure): Failure {
  const { details, next, ...rest } = told;
  return {
    ...rest,
    message: plainText(rest.message.slice(0, MOST_MESSAGE)),
    ...(next !== undefined && { next: plainText(next.slice(0, MOST_MESSAGE)) }),
    ...(details && JSON.stringify(details).length <= MOST_DETAILS && { details }),
  };
}

export const failure = (code: FailureCode, message?: string, details?: Failure['details'], next?: string): Failure => ({
  code,
  message: message ?? FAILURES[code].says,
  ...(details && { details }),
  ...(next !== undefined && { next }),
});
export const httpStatus = (code: FailureCode): number => FAILURES[code].status;
export const whoActs = (code: FailureCode): Actor => FAILURES[code].acts;
export const nextStep = ({ code, next }: Pick<Failure, 'code' | 'next'>): string => next ?? FAILURES[code].next;
