import { HOME_RUNNER, IN_LINE, UNDISPATCHED_KINDS, type Wait } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { holdsBy } from '../beads/blocking.ts';
import { isExternal, type Edge } from '../beads/dependencies.ts';
import type { Bead } from '../beads/store.ts';
import { readContainer } from '../container/store.ts';
import { HOLDS_MERGES, rigGate, townGate } from '../gates.ts';
import { allLinks, type Link } from '../links/store.ts';
import { isForAgent } from '../merges/mending.ts';
import type { Merge } from '../merges/store.ts';
import type { Rig } from '../rigs/store.ts';
import type { Work } from '../runners/placing.ts';
import { placeables, placeWait } from '../runners/view.ts';
import type { Unready } from '../runs/charges.ts';
import { awayOfRun } from '../runs/presence.ts';
import { isSilent, type Run } from '../runs/store.ts';
import { waitFor, type Reached } from '../spend/reached.ts';

/**
 * Why a bead is not moving, from the rows as they are (I10). Nothing is stored, so it cannot be stale; who changes a condition says which beads
 * show it (`touchWaiting`, `touchRun`, `touchMerge`), so that replicas hear of it.
 */
export interface Around {
  readonly town: Wait | null;
  readonly container: ReturnType<typeof readContainer>;
  readonly link: (runnerId: string) => Link | undefined;
  /** Why no runner takes work of this rig now. */
  readonly placing: (rigId: string | null, work: Work) => Wait | null;
}
export function lookAround(sql: Sql, runs: readonly Run[]): Around {
  const all = allLinks(sql);
  const links = new Map<string, Link>(all.map((link) => [link.runnerId, link]));
  const container = readContainer(sql);
  let runners: ReturnType<typeof placeables> | null = null;
  return {
    town: townGate(sql),
    container,
    link: (runnerId) => links.get(runnerId),
    placing: (rigId, work) =>
      rigId === null ? null : placeWait(sql, (runners ??= placeables(sql, false, { links: all, container, runs })), rigId, work),
  };
}

export interface Neighbours {
  readonly rig: Rig | null;
  readonly run: Run | null;
  readonly merge: Merge | null;
  readonly edges: readonly Edge[];
  /** The beads that it depends on. */
  readonly other: (id: string) => Bead | undefined;
  /** The limit that holds it: its rig's, or one of its own. */
  readonly money: () => Reached | null;
  /** The oldest question that its run asks a person. */
  readonly asks: string | null;
  /** What its silent run asked a person. */
  readonly question: () => string | null;
  /** How its start stands with the runner. */
  readonly start: () => StartSeen;
  /** The first bead whose parts it waits for. */
  readonly waitsFor: () => string | null;
}
export interface StartSeen {
  /** Why the runner could not begin it yet, at the last try. */
  readonly unready: Unready | null;
  /** The runner says that it is at the worktree, for longer than a start takes. */
  readonly prepares: boolean;
}
const because = (code: Wait['code'], ref: string | null = null, until: number | null = null): Wait => ({ code, ref, until });

export function waitOf(bead: Bead, near: Neighbours, around: Around): Wait | null {
  if (bead.status === 'open') return waitOfOpen(bead, near, around);
  if (bead.status === 'in_progress') return waitOfRun(near, around);
  return bead.status === 'in_review' ? waitOfMerge(near, around) : null;
}

/** What is only in line is told last. */
const lasting = (wait: Wait | null): Wait | null => (wait && IN_LINE.has(wait.code) ? null : wait);

function waitOfOpen(bead: Bead, near: Neighbours, around: Around): Wait {
  const ahead = (bead.blocked ? waitOfBlocked(near) : null) ?? waitOfHeld(bead, near);
  if (ahead) return ahead;
  const placing = around.placing(bead.rigId, 'run');
  const held = rigHolds(near.rig, around) ?? lasting(around.town) ?? lasting(placing);
  if (held) return held;
  const spent = near.money();
  if (spent) return waitFor(spent);
  if (bead.retryAt !== null) return because('retry_later', null, bead.retryAt);
  return around.town ?? placing ?? because('no_slot');
}

/** A repository that is not looked at yet waits for who looks: that is what is missing. */
const MISSING: readonly Wait['code'][] = ['no_runner', 'runner_away'];
function rigHolds(rig: Rig | null, around: Around): Wait | null {
  const gate = rigGate(rig);
  const looks = gate?.code === 'rig_connecting' ? around.placing(gate.ref, 'look') : null;
  return looks && MISSING.includes(looks.code) ? looks : gate;
}

function waitOfBlocked(near: Neighbours): Wait | null {
  const holding = near.edges.flatMap(({ dependsOn, type }) => {
    const other = near.other(dependsOn);
    return other && holdsBy(type, other) ? [other] : [];
  });
  const failed = holding.find((other) => other.status === 'failed');
  if (failed) return because('blocked_by_failed', failed.id);
  if (holding[0]) return because('blocked_by_open', holding[0].id);
  const outside = near.edges.find(({ dependsOn, type }) => isExternal(dependsOn) && (type === 'blocks' || type === 'conditional-blocks'));
  if (outside) return because('blocked_by_external', outside.dependsOn);
  const spawner = near.waitsFor();
  if (spawner) return because('waits_for_children', spawner);
  const parent = parentsIn(near).find((other) => other.blocked);
  return parent ? because('parent_blocked', parent.id) : null;
}
const parentsIn = (near: Neighbours): Bead[] =>
  near.edges.flatMap(({ dependsOn, type }) => (type === 'parent-child' ? (near.other(dependsOn) ?? []) : []));

function waitOfHeld(bead: Bead, near: Neighbours): Wait | null {
  if (bead.convoyHold) return because(bead.convoyHold === 'staged' ? 'staged' : 'convoy_paused', bead.convoyId);
  if (bead.hold === 'staged' || bead.hold === 'deferred') return because(bead.hold);
  if (bead.hold !== null) return because('held');
  if (bead.deferUntil !== null) return because('deferred', null, bead.deferUntil);
  const parent = bead.deferredParents > 0 ? parentsIn(near).find((other) => other.deferUntil !== null) : undefined;
  if (parent) return because('parent_deferred', parent.id, parent.deferUntil);
  return (UNDISPATCHED_KINDS as readonly string[]).includes(bead.kind) ? because('not_dispatched') : null;
}

function waitOfRun({ run, asks, question, start }: Neighbours, around: Around): Wait {
  if (!run) return because('needs_person');
  if (asks) return because('permission_asked', asks);
  const asked = isSilent(run) ? question() : null;
  if (asked) return because('person_asked', asked);
  const link = around.link(run.runnerId);
  const away = waitOfAway(run, around);
  if (run.state !== 'starting') return away ?? because(workOf(run), run.id);
  if (link && link.drainingAt !== null) return because('runner_draining', run.id);
  const { unready, prepares } = start();
  if (unready && !prepares) return because(unready, run.id);
  if (link?.connected && link.failure === null) return because(prepares ? 'worktree_preparing' : 'agent_starting', run.id);
  if (run.runnerId !== HOME_RUNNER) return away ?? because('runner_away', run.runnerId);
  return around.container.state === 'failed'
    ? because('container_failed', null, around.container.dueAt)
    : because('container_starting', run.id);
}

/** What a live run keeps as its failure is a refused hand-in. */
function waitOfAway(run: Run, { link, container }: Around): Wait | null {
  const away = awayOfRun(run, link(run.runnerId), container);
  return away && because('runner_away', run.runnerId, away.until);
}
function workOf(run: Run): Wait['code'] {
  if (isSilent(run)) return 'agent_silent';
  return run.failure === null ? 'agent_working' : 'hand_in_refused';
}

/** A machine that has the merge and is not there: it may come back, else the merge goes to another. */
function awayRunner(runnerId: string | null, around: Around): Wait | null {
  if (runnerId === null || runnerId === HOME_RUNNER) return null;
  const link = around.link(runnerId);
  return link?.connected ? null : because('runner_away', runnerId, link?.awayUntil ?? null);
}

function waitOfMerge({ merge, rig, run }: Neighbours, around: Around): Wait {
  /** Still in the turn in which it handed in: the bead is reopened when that run has ended. */
  if (merge?.failure && isForAgent(merge.failure) && merge.phase === 'failed' && run)
    return waitOfAway(run, around) ?? because('agent_working', run.id);
  if (!merge || merge.phase === 'failed' || merge.phase === 'landed') return because('needs_person', merge?.id ?? null);
  const away = awayRunner(merge.runnerId, around);
  if (away) return away;
  if (merge.phase === 'landing') return because('landing', merge.id);
  if (merge.phase === 'testing') return because('testing', merge.id);
  const held = around.town && HOLDS_MERGES.includes(around.town.code) ? around.town : null;
  return rigHolds(rig, around) ?? held ?? around.placing(merge.rigId, 'test') ?? because('in_queue', merge.id);
}
