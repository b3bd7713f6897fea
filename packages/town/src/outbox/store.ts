import type { EffectId, Failure, RunnerEffectKind, RunnerId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { newEffectId } from '../ids.ts';
import { int, intOrNull, jsonOrNull, list, one, oneOf, packed, text, textOrNull, type Row } from '../sql.ts';
import { touch, type Tx } from '../tx.ts';

export type EffectKind = RunnerEffectKind | 'container.start' | 'container.stop';
export interface Effect {
  readonly seq: number;
  readonly id: EffectId;
  readonly kind: EffectKind;
  readonly target: string;
  readonly subject: string;
  /** Who does it; null: the container's own, or an errand that no runner was found for yet. */
  readonly runnerId: RunnerId | null;
  readonly state: 'pending' | 'sent' | 'parked';
  readonly attempts: number;
  readonly handed: number;
  readonly dueAt: number;
  readonly leftMs: number | null;
  readonly failure: Failure | null;
  readonly createdAt: number;
  /** Of one that is sent: since when its runner says that it is at it. */
  readonly extendedSince: number | null;
}
export const CONTAINER = 'container';
export const forRunner = (effect: Pick<Effect, 'target'>): boolean => effect.target !== CONTAINER;

/** Short, and any runner may do it that takes the rig. */
export const isErrand = ({ kind }: Pick<Effect, 'kind'>): boolean => kind === 'rig.connect' || kind === 'branch.delete';

const STATES: readonly Effect['state'][] = ['pending', 'sent', 'parked'];
const toEffect = (row: Row): Effect => ({
  seq: int(row, 'seq'),
  id: text(row, 'id') as EffectId,
  kind: text(row, 'kind') as EffectKind,
  target: text(row, 'target'),
  subject: text(row, 'subject'),
  runnerId: textOrNull(row, 'runner_id') as RunnerId | null,
  state: oneOf(row, 'state', STATES),
  attempts: int(row, 'attempts'),
  handed: int(row, 'handed'),
  dueAt: int(row, 'due_at'),
  leftMs: intOrNull(row, 'left_ms'),
  failure: jsonOrNull<Failure>(row, 'failure'),
  createdAt: int(row, 'created_at'),
  extendedSince: intOrNull(row, 'extended_since'),
});

/** Everything that is not done, oldest first. Bounded by the live work of the town. */
export const allEffects = (sql: Sql): Effect[] => list(sql, toEffect, 'SELECT * FROM outbox ORDER BY seq');
export const findEffect = (sql: Sql, id: string): Effect | null => one(sql, toEffect, 'SELECT * FROM outbox WHERE id = ?', id);
export const effectsFor = (sql: Sql, target: string): Effect[] =>
  list(sql, toEffect, 'SELECT * FROM outbox WHERE target = ? ORDER BY seq', target);

/** `runnerId` null: the container's own, or an errand that is given to a runner by its rule. */
export function addEffect(tx: Tx, kind: EffectKind, target: string, subject: string, runnerId: RunnerId | null): void {
  tx.sql.run(
    `INSERT INTO outbox (id, kind, target, subject, runner_id, state, due_at, created_at) VALUES (?,?,?,?,?,'pending',?,?)`,
    newEffectId(tx),
    kind,
    target,
    subject,
    runnerId,
    tx.now,
    tx.now,
  );
  tx.touched.changes += 1;
}
/** At most one of this kind for a target: what is wanted twice is done once, and what was given up is tried anew. */
export function addEffectOnce(tx: Tx, kind: EffectKind, target: string, subject: string, runnerId: RunnerId | null): void {
  const wanted = effectsFor(tx.sql, target).find((effect) => effect.kind === kind);
  if (!wanted) return addEffect(tx, kind, target, subject, runnerId);
  if (wanted.state !== 'parked') return;
  startOver(tx, wanted);
  if (wanted.runnerId !== runnerId) placeEffect(tx, wanted, runnerId);
}
/** An errand changes hands: nobody has begun it, or who had is gone. */
export function placeEffect(tx: Tx, effect: Effect, runnerId: RunnerId | null): void {
  tx.sql.run('UPDATE outbox SET runner_id = ?, left_ms = NULL WHERE seq = ?', runnerId, effect.seq);
  tx.touched.changes += 1;
}

export function removeEffect(tx: Tx, effect: Effect): void {
  tx.sql.run('DELETE FROM outbox WHERE seq = ?', effect.seq);
  tx.touched.changes += 1;
  if (effect.state === 'parked') touch(tx, 'parked', effect.id);
}
/** The subject is over: what was still to do for it is not done any more. */
export function dropEffects(tx: Tx, target: string, keep: (effect: Effect) => boolean = () => false): Effect[] {
  const dropped = effectsFor(tx.sql, target).filter((effect) => !keep(effect));
  for (const effect of dropped) removeEffect(tx, effect);
  return dropped;
}

/** One that its runner had before has what was left of its time, and never more than all of it. */
export const markSent = (tx: Tx, effect: Effect, limitMs: number): void => {
  const deadline = tx.now + Math.min(effect.leftMs ?? limitMs, limitMs);
  tx.sql.run(`UPDATE outbox SET state = 'sent', handed = handed + 1, due_at = ?, left_ms = NULL WHERE seq = ?`, deadline, effect.seq);
};
export const extendSent = (tx: Tx, effect: Effect, deadline: number, extendedSince: number | null): void => {
  tx.sql.run('UPDATE outbox SET due_at = ?, extended_since = ? WHERE seq = ?', deadline, extendedSince, effect.seq);
};
export function setPending(tx: Tx, effect: Effect, attempts: number, dueAt: number, failure: Failure | null): void {
  tx.sql.run(
    `UPDATE outbox SET state = 'pending', attempts = ?, due_at = ?, left_ms = NULL, failure = ?, extended_since = NULL WHERE seq = ?`,
    attempts,
    dueAt,
    packed(failure),
    effect.seq,
  );
  tx.touched.changes += 1;
  if (effect.state === 'parked') touch(tx, 'parked', effect.id);
}
export function park(tx: Tx, effect: Effect, attempts: number, failure: Failure | null): void {
  tx.sql.run(
    `UPDATE outbox SET state = 'parked', attempts = ?, due_at = ?, failure = ? WHERE seq = ?`,
    attempts,
    tx.now,
    packed(failure),
    effect.seq,
  );
  touch(tx, 'parked', effect.id);
}
/** The link is gone: what was sent over it goes out again when there is one (RC-35), and its time stands still until then. Whose time was over has a last moment: it is late a moment after it was handed out, as nothing is before. */
export const sentAgain = (tx: Tx, runnerId: RunnerId): void => {
  const set = `state = 'pending', left_ms = max(due_at - ?, 1), due_at = ?`;
  tx.sql.run(`UPDATE outbox SET ${set} WHERE state = 'sent' AND runner_id = ?`, tx.now, tx.now, runnerId);
};
/** Another process has none of it yet: it has all the time. */
export const timeAnew = (tx: Tx, runnerId: RunnerId): void => {
  tx.sql.run('UPDATE outbox SET left_ms = NULL, extended_since = NULL WHERE left_ms IS NOT NULL AND runner_id = ?', runnerId);
};
/** The runner that has them is back: handing them out again costs nothing. That they were handed out stays known. */
export const uncountHanded = (tx: Tx, runnerId: RunnerId): void => {
  tx.sql.run(`UPDATE outbox SET handed = handed - 1 WHERE state = 'pending' AND handed > 1 AND runner_id = ?`, runnerId);
};
/** The runner had no room for it. Its attempts only make the wait longer, up to where that ends: it is not given up for this. */
export function waitsOnRunner(tx: Tx, effect: Effect, dueAt: number, failure: Failure): void {
  setPending(tx, effect, Math.min(effect.attempts + 1, LONGEST_WAIT), dueAt, failure);
  tx.sql.run('UPDATE outbox SET handed = 0 WHERE seq = ?', effect.seq);
}
const LONGEST_WAIT = 6;
/** The runner is removed: nobody is left who could do it. */
export function dropEffectsOf(tx: Tx, runnerId: RunnerId): void {
  for (const effect of allEffects(tx.sql)) if (effect.runnerId === runnerId) removeEffect(tx, effect);
}
/** A person wishes it: from the beginning. */
export function startOver(tx: Tx, effect: Effect): void {
  setPending(tx, effect, 0, tx.now, null);
  tx.sql.run('UPDATE outbox SET handed = 0 WHERE seq = ?', effect.seq);
}
/** The runner is gone with its sessions: nobody is left to be stopped or interrupted. */
export const dropStops = (tx: Tx, runnerId: RunnerId): void => {
  tx.sql.run(`DELETE FROM outbox WHERE kind IN ('run.stop', 'run.interrupt') AND state <> 'parked' AND runner_id = ?`, runnerId);
};
