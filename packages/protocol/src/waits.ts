import { money, type LimitFigures } from './money.ts';
import type { Failure } from './failures.ts';
import type { BeadRow } from './rows/beads.ts';
import type { ConvoyRow } from './rows/convoys.ts';
import type { MergeRow } from './rows/merges.ts';
import type { PermissionRow } from './rows/permissions.ts';
import type { RigRow } from './rows/rigs.ts';
import type { RunnerRow } from './rows/runners.ts';
import type { RunRow } from './rows/runs.ts';
import type { TownRow } from './rows/town.ts';
import type { Wait } from './states.ts';

/** What `explainWait` may look up: the rows it names. */
export interface WaitSurroundings {
  readonly town: TownRow | undefined;
  readonly rig: RigRow | undefined;
  readonly bead: (id: string) => BeadRow | undefined;
  /** What was spent and what may be, for the `ref` of a wait for money (`level:id`). */
  readonly limit?: ((ref: string) => LimitFigures | undefined) | undefined;
  /** Its title is told where it is known. */
  readonly convoy?: (id: string) => ConvoyRow | undefined;
  readonly permission?: (id: string) => PermissionRow | undefined;
  readonly runner?: (id: string) => RunnerRow | undefined;
  readonly run?: (id: string) => Pick<RunRow, 'failure'> | undefined;
  readonly merge?: (id: string) => Pick<MergeRow, 'phase' | 'failure'> | undefined;
}

/** The one true sentence for a bead that is not moving (I10, ui.md §1.4). Pure: the core decides the code, this only words it. */
export function explainWait(bead: BeadRow, around: WaitSurroundings): string | null {
  const wait = bead.wait;
  if (!wait) return null;
  const { rig, town } = around;
  const other = wait.ref ? around.bead(wait.ref) : undefined;
  const named = wait.ref ? (other ? `${wait.ref} (${other.title})` : wait.ref) : '';
  switch (wait.code) {
    case 'blocked_by_open':
      return `Waits for ${named}, which is ${other && isPlanned(other, around) ? 'planned and not started' : 'not landed yet'}.`;
    case 'blocked_by_failed':
      return `Blocked by ${named}, which failed${reasonOf(other?.failure)}`;
    case 'blocked_by_external':
      return `Waits for ${wait.ref ?? 'something'} outside this town; remove the dependency when it is settled.`;
    case 'waits_for_children':
      return `Waits for the parts of ${named} to be done.`;
    case 'parent_blocked':
      return `Its parent ${named} is blocked.`;
    case 'staged':
      if (wait.ref)
        return `Planned in the convoy ${convoyName(wait.ref, around)}, which is not started: start the convoy when you want it done.${dated(bead)}`;
      return `Planned, not started: start it when you want it done.${dated(bead)}`;
    case 'deferred':
      return deferral(bead, wait.until);
    case 'parent_deferred':
      return `Its parent ${named} is put off${wait.until ? ` until ${dateTime(wait.until)}` : ''}.`;
    case 'held':
      return bead.hold === 'pinned'
        ? 'Pinned as a note: no agent is sent to it.'
        : bead.hold === 'not_work'
          ? `A record of the kind ${bead.kind}, not a piece of work.`
          : `Held in a state that another tool gave it: start it when you want it done.${dated(bead)}`;
    case 'not_dispatched':
      return `A bead of the kind ${bead.kind}: done when a person closes it; its parts are what agents work on.`;
    case 'no_slot':
      return rig && rig.busyPolecats >= rig.maxPolecats
        ? `Waits for a free polecat: ${rig.busyPolecats} of ${rig.maxPolecats} busy in ${rig.name}.`
        : `Waits for a free polecat: ${town?.busyPolecats ?? 0} of ${town?.maxPolecats ?? 0} busy in the town.`;
    case 'town_paused':
    case 'town_stopped':
    case 'budget_spent':
    case 'soft_limit':
    case 'no_model':
    case 'model_held':
      return explainHold(wait.code, wait, around);
    case 'rig_paused':
      return `The rig ${rig?.name ?? wait.ref ?? ''} is paused.`;
    case 'convoy_paused':
      return `The convoy ${convoyName(wait.ref ?? '', around)} is paused.`;
    case 'container_starting':
      return 'The town container is starting.';
    case 'container_failed':
      return `The town container does not start${reasonOf(town?.container.failure)}`;
    case 'container_stopping':
      return 'The town container is stopping; it starts again for this bead.';
    case 'runner_draining':
      return 'The runner is ending and takes nothing new; this goes on with the next one.';
    case 'rig_connecting':
      return 'The repository is being connected.';
    case 'rig_unreachable':
      return `The repository cannot be used${reasonOf(rig?.failure)}${rig?.looksAgainAt ? ` The town looks again${atTime(rig.looksAgainAt)}.` : ''}`;
    case 'retry_later':
      return `Tried again${wait.until ? atTime(wait.until) : ' soon'}, attempt ${bead.attempts + 1}.`;
    case 'runner_full':
      return 'Waits for a place on the runner: it has as many agents as it can hold.';
    case 'runner_keeping':
      return 'Waits until the runner has kept what an earlier run of this work left there; then it starts.';
    case 'no_runner':
      return `No runner takes ${rig ? `the rig ${rig.name}` : 'its rig'}: choose one in Settings › Runners.`;
    case 'runner_away':
      return isWithRunner(bead) ? awayFromWork(wait, around) : awayRunner(wait.ref, around);
    case 'runner_paused':
      return `Waits for the runner ${runnerName(wait.ref, around)}, which is paused.`;
    case 'runner_unfit':
      return `Waits for the runner ${runnerName(wait.ref, around)}, where the agent program${town ? ` ${town.agentKind}` : ''} is not installed: install it there, or choose another in Settings › Agents.`;
    case 'runner_places': {
      const places = wait.ref ? around.runner?.(wait.ref)?.places : undefined;
      return `Waits for a place on the runner ${runnerName(wait.ref, around)}: ${places ? `its ${places} are` : 'all are'} taken.`;
    }
    case 'agent_starting':
      return 'An agent is starting.';
    case 'worktree_preparing':
      return 'An agent is starting: its worktree is being prepared. To fetch a large repository, with submodules and files in Git LFS, takes a while.';
    case 'agent_working':
      return 'An agent works on it.';
    case 'agent_silent':
      if (!town) return 'Nothing was heard of its agent for a while.';
      return `Nothing was heard of its agent for a while; ${town.paused ? 'while the town is paused, it is let be' : 'if that stays so, its run is ended'}.`;
    case 'hand_in_refused': {
      const refused = wait.ref ? around.run?.(wait.ref)?.failure : undefined;
      return `An agent works on it, and the repository did not take what it handed in${reasonOf(refused)}`;
    }
    case 'person_asked':
      return 'Waits for you: its agent asked, and nothing was heard of it since.';
    case 'permission_asked': {
      const asked = wait.ref ? around.permission?.(wait.ref) : undefined;
      return asked ? `Waits for you: may its agent do this? ${asked.title}` : 'Waits for you: its agent asks for permission.';
    }
    case 'in_queue':
      return 'In the merge queue.';
    case 'testing':
      return 'The gates run on the merge result.';
    case 'landing':
      return 'Being landed.';
    case 'needs_person':
      return waitForPerson(bead, around);
  }
}

export type HoldCode = 'town_stopped' | 'town_paused' | 'no_model' | 'model_held' | 'budget_spent' | 'soft_limit';
/** What holds messages and beads alike. */
export function explainHold(code: HoldCode, { ref, until }: Omit<Wait, 'code'>, around: Pick<WaitSurroundings, 'rig' | 'limit'>): string {
  switch (code) {
    case 'town_paused':
      return 'The town is paused.';
    case 'town_stopped':
      return 'The town is stopped: no agent works until it is resumed.';
    case 'no_model':
      return ref === 'model_key_refused' ? 'The provider refused the key.' : 'No model is configured.';
    case 'model_held':
      return `Waits for the provider${until ? ` until ${new Date(until).toISOString().slice(11, 16)} UTC` : ''}: ${ref === 'model_overloaded' ? 'it has too much to do' : 'it asks to slow down'}.`;
    case 'budget_spent':
    case 'soft_limit':
      return moneyWait(code, ref ?? 'town', around);
  }
}

/** Nobody but a person moves it: what it is, and the ways on. */
function waitForPerson({ status, wait }: BeadRow, { merge }: WaitSurroundings): string {
  const ref = wait?.ref ?? null;
  if (status === 'open') return 'Its repository is not in the town any more: close the bead.';
  if (status === 'in_progress') return 'Set to in progress by hand, and no agent works on it: open it when one should, or close it.';
  const failed = ref === null ? undefined : merge?.(ref);
  if (failed?.phase === 'failed')
    return `Its merge ${ref} did not land${reasonOf(failed.failure)} Retry the merge, or open the bead for another try.`;
  return 'Set to in review by hand, and nothing is in line for it: open it when an agent should take it, or close it.';
}

/** Ends a sentence with what failed, if that is known; a message that is a sentence itself brings its own stop. */
export function reasonOf(failure: Failure | null | undefined): string {
  if (!failure) return '.';
  const said = failure.message.trimEnd();
  return `: ${/[.!?…]$/.test(said) ? said : `${said}.`}`;
}

/** It will not begin by itself: only a person, or the start of its convoy, lets it go. */
const isPlanned = (bead: BeadRow, { convoy }: WaitSurroundings): boolean =>
  bead.status === 'open' &&
  (bead.hold === 'staged' || bead.wait?.code === 'staged' || (bead.convoyId !== null && convoy?.(bead.convoyId)?.status === 'staged'));

/** The date of what is planned, which its start leaves as it is. */
const dated = ({ deferUntil }: BeadRow): string =>
  deferUntil === null ? '' : ` Put off until ${dateTime(deferUntil)}: no sooner than that.`;

/** What another tool put off until a time is held by that tool's status too: the time alone does not start it. */
function deferral({ hold, deferUntil }: BeadRow, until: number | null): string {
  const at = until ?? deferUntil;
  if (at === null) return 'Put off, with no date to come: start it when you want it done.';
  return hold === 'deferred'
    ? `Put off until ${dateTime(at)}; it does not begin by itself then: start it when you want it done.`
    : `Put off until ${dateTime(at)}.`;
}

const runnerName = (id: string | null, around: WaitSurroundings): string => (id ? (around.runner?.(id)?.name ?? id) : 'of its rig');
function awayRunner(id: string | null, around: WaitSurroundings): string {
  const runner = id ? around.runner?.(id) : undefined;
  const state =
    runner?.failure || runner?.connected ? 'does not answer' : runner?.linkSince === null ? 'was never connected' : 'is not connected';
  return `Waits for the runner ${runnerName(id, around)}, which ${state}.`;
}

/** The runner that is away has this work, and another gets it unless that one comes back; any other `runner_away` waits for a runner to take it. */
export const isWithRunner = ({ status, wait }: Pick<BeadRow, 'status' | 'wait'>): boolean =>
  status === 'in_progress' || (status === 'in_review' && wait !== null && wait.until !== null);
function awayFromWork({ ref, until }: Wait, around: WaitSurroundings): string {
  const runner = ref ? around.runner?.(ref) : undefined;
  return explainAway({ since: runner?.linkSince ?? null, until }, runner);
}
/** Of a run or merge whose runner is not there: since when, and what happens next. */
export function explainAway(
  { since, until }: { since: number | null; until: number | null },
  runner: Pick<RunnerRow, 'name' | 'kind'> | undefined,
  next = 'the work goes back in line',
): string {
  const name = runner?.kind === 'container' ? 'in the container' : (runner?.name ?? '');
  const then = until === null ? '' : ` If it is not back by ${timeOf(until)}, ${next}.`;
  return `${`Its runner ${name}`.trimEnd()} is not connected${since === null ? '' : ` since ${timeOf(since)}`}: nothing is heard of what is done there.${then}`;
}

function convoyName(id: string, around: WaitSurroundings): string {
  const convoy = around.convoy?.(id);
  return convoy ? `${id} (${convoy.title})` : id;
}

/** Why a convoy is not moving, in one sentence; null while its beads move. */
export function explainConvoy(
  convoy: ConvoyRow,
  bead: WaitSurroundings['bead'],
  limit?: Pick<LimitFigures, 'softMicros' | 'hardMicros'>,
): string | null {
  const { wait } = convoy;
  if (wait?.code === 'budget_spent' || wait?.code === 'soft_limit')
    return moneySaid(wait.code, 'this convoy', limit && { ...limit, spentMicros: convoy.usage.costMicros });
  if (wait?.code === 'staged') return 'Planned, not started: nothing of it is worked on.';
  if (wait?.code === 'convoy_paused') return 'Paused: what is at work goes on, nothing new starts.';
  if (wait?.code === 'needs_person') return 'It has no beads: add some, or close it.';
  if (wait?.code !== 'blocked_by_failed' || wait.ref === null) return null;
  const failed = bead(wait.ref);
  return `Blocked by failed bead ${failed ? `${wait.ref} (${failed.title})` : wait.ref}: retry it, close it, or close the convoy.`;
}

const timeOf = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;
const atTime = (at: number): string => ` at ${timeOf(at)}`;
const dateTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The level, the figures, and what follows. */
function moneyWait(code: 'budget_spent' | 'soft_limit', ref: string, { rig, limit }: Pick<WaitSurroundings, 'rig' | 'limit'>): string {
  const [level = ''] = ref.split(':');
  const whose =
    { run: 'its last run', bead: 'this bead', convoy: 'its convoy', rig: `the rig ${rig?.name ?? ''}`.trim() }[level] ?? 'the town';
  return moneySaid(code, whose, limit?.(ref));
}
function moneySaid(code: 'budget_spent' | 'soft_limit', whose: string, figures: LimitFigures | undefined): string {
  const most = code === 'soft_limit' ? figures?.softMicros : figures?.hardMicros;
  const told = figures && most !== null && most !== undefined ? `: ${money(figures.spentMicros)} of ${money(most)}` : '';
  return code === 'budget_spent'
    ? `The hard limit of ${whose} is reached${told}.`
    : `The soft limit of ${whose} is reached${told}; what runs goes on, nothing new starts.`;
}
