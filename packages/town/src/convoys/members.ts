import { failure, LIMITS, ok, refuse, type BeadId, type Failure, type Priority, type Result, type RigId } from '@gastown/protocol';
import { checkIssue, insertIssue } from '../beads/commands.ts';
import { joinConvoy, leaveConvoy, track } from '../beads/membership.ts';
import { beadsById, type Bead } from '../beads/store.ts';
import { convoyHold } from '../gates.ts';
import { record } from '../ledger/store.ts';
import type { Tx } from '../tx.ts';
import { orderOf } from './plan.ts';
import { convoysById, memberMoved, updateConvoy, type Convoy } from './store.ts';

interface Task {
  readonly rigId: RigId;
  readonly title: string;
  readonly body?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly labels?: string[] | undefined;
  readonly dependsOn?: number[] | undefined;
}
export interface Wanted {
  readonly beadIds?: readonly BeadId[] | undefined;
  readonly tasks?: readonly Task[] | undefined;
  /** Also what looks like a bead that was made a moment ago. */
  readonly force?: boolean | undefined;
}
/** Looked at and allowed: adding them cannot fail any more. */
export interface Members {
  readonly beads: readonly Bead[];
  readonly tasks: readonly Task[];
  readonly order: readonly number[];
}

/** Reads only: the whole wish is refused for one bead that cannot be had, before anything is written (CV-2). */
export function checkMembers(tx: Tx, wanted: Wanted, into: Convoy | null): Result<Members> {
  const { tasks = [], force = false } = wanted;
  const beads = checkBeads(tx, [...new Set(wanted.beadIds)], into);
  if (!beads.ok) return beads;
  const order = orderOf(tasks);
  if (!order.ok) return order;
  const count = (into?.total ?? 0) + beads.value.length + tasks.length;
  if (count > LIMITS.convoyBeads.value)
    return refuse(failure('too_large', `A convoy has at most ${LIMITS.convoyBeads.value} beads; this one would have ${count}.`));
  const refused = checkTasks(tx, tasks, force);
  return refused ?? ok({ beads: beads.value, tasks, order: order.value });
}

function checkBeads(tx: Tx, ids: readonly BeadId[], into: Convoy | null): Result<Bead[]> {
  const found = new Map(ids.length > 0 ? beadsById(tx.sql, ids).map((bead) => [bead.id, bead]) : []);
  const others = new Set([...found.values()].flatMap(({ convoyId }) => (convoyId && convoyId !== into?.id ? [convoyId] : [])));
  const convoys = new Map<string, Convoy>(others.size > 0 ? convoysById(tx.sql, others).map((convoy) => [convoy.id, convoy]) : []);
  const wanted: Bead[] = [];
  for (const id of ids) {
    const bead = found.get(id);
    if (bead?.type !== 'issue') return refuse(failure('unknown_bead', `There is no bead ${id}.`, { beadId: id }));
    const held = bead.convoyId ? bound(bead, convoys.get(bead.convoyId)) : null;
    if (held) return refuse(held);
    if (!bead.convoyId || bead.convoyId !== into?.id) wanted.push(bead);
  }
  return ok(wanted);
}

/** Why a bead stays with the other convoy that it is in. One that was called off lets its beads go. */
function bound({ id, convoyId }: Bead, convoy: Convoy | undefined): Failure | null {
  if (!convoy || convoy.status === 'cancelled') return null;
  const message =
    convoy.status === 'landed'
      ? `${id} landed with the convoy ${convoyId}. Open the bead again, then it can be removed from there.`
      : `${id} belongs to the convoy ${convoyId}.`;
  return failure('bead_in_convoy', message, { beadId: id, convoyId });
}

function checkTasks(tx: Tx, tasks: readonly Task[], force: boolean): Result<never> | null {
  const seen = new Map<string, number>();
  for (const [at, task] of tasks.entries()) {
    const { dependsOn: _places, ...issue } = task;
    const checked = checkIssue(tx, { ...issue, force });
    if (!checked.ok)
      return refuse({
        ...checked.failure,
        message: `tasks[${at}]: ${checked.failure.message}`,
        details: { ...checked.failure.details, task: at },
      });
    const face = JSON.stringify([task.rigId, task.title, task.body ?? '']);
    const twin = seen.get(face);
    if (twin !== undefined && !force)
      return refuse(failure('duplicate_bead', `The tasks ${twin} and ${at} are the same; nothing was made.`, { tasks: [twin, at] }));
    seen.set(face, at);
  }
  return null;
}

/** The bead stays as it is; the convoy that it was in counts it no more. */
export function takeOut(tx: Tx, { id, convoyId, status }: Bead): void {
  if (!convoyId) return;
  leaveConvoy(tx, id, convoyId);
  memberMoved(tx, convoyId, status, null);
  record(tx, { type: 'convoy_bead_removed', beadId: id, data: { convoyId, set: { convoyId: null, convoyPlace: null } } });
}

/** Existing beads first, then new ones, in the order given. Gives back the ids in that order. */
export function addMembers(tx: Tx, convoy: Convoy, { beads, tasks, order }: Members): BeadId[] {
  const hold = convoyHold(convoy);
  const start = convoy.nextPlace;
  for (const [at, bead] of beads.entries()) {
    takeOut(tx, bead);
    joinConvoy(tx, bead.id, convoy.id, start + at, hold);
    memberMoved(tx, convoy.id, null, bead.status);
    record(tx, { type: 'convoy_bead_added', beadId: bead.id, data: { set: { convoyId: convoy.id, convoyPlace: start + at } } });
  }
  const made = new Map<number, BeadId>();
  for (const at of order) {
    const { dependsOn = [], ...task } = tasks[at]!;
    const ids = dependsOn.map((on) => made.get(on)!);
    const convoyOf = { id: convoy.id, place: start + beads.length + at, hold };
    const { beadId } = insertIssue(tx, { ...task, dependsOn: ids, convoy: convoyOf }, ids.length > 0 ? beadsById(tx.sql, ids) : []);
    track(tx, convoy.id, beadId);
    memberMoved(tx, convoy.id, null, 'open');
    made.set(at, beadId);
  }
  if (beads.length + tasks.length > 0) updateConvoy(tx, convoy.id, { next_place: start + beads.length + tasks.length });
  return [...beads.map((bead) => bead.id), ...tasks.map((_, at) => made.get(at)!)];
}
