import { failure, HOME_RUNNER, LIMITS, ok, refuse, type PersonCommand, type Result, type RigId, type RunnerId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { touchWaiting } from '../gates.ts';
import { newRunnerId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { handBack, handBackUnbegun } from '../links/handback.ts';
import { deleteLink, insertLink } from '../links/store.ts';
import { dropEffectsOf } from '../outbox/store.ts';
import { liveRigs } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { takesRig } from './view.ts';
import { allRunners, deleteRunner, findRunner, insertRunner, updateRunner, type Runner } from './store.ts';

type Of<K extends PersonCommand['kind']> = Extract<PersonCommand, { kind: K }>;
type Token = Result<{ runnerId: RunnerId; serial: number }>;

/** A person's own machine (design/runner.md §5). Where it is, and that it is the one, shows when it says hello with its token. */
export function addRunner(tx: Tx, { name, rigs = null, places = null }: Of<'runner.add'>): Token {
  const machines = allRunners(tx.sql).filter(({ kind }) => kind === 'machine');
  if (machines.length >= LIMITS.runners.value)
    return refuse(failure('too_many_runners', `The town has ${machines.length} machines already.`, { runners: machines.length }));
  const wrong = refusal(tx.sql, null, name, rigs);
  if (wrong) return wrong;
  const id = newRunnerId(tx);
  insertRunner(tx, { id, name, rigs: rigs && [...new Set(rigs)], places });
  insertLink(tx, id);
  record(tx, { type: 'runner_added', data: { runnerId: id, name, rigs, places } });
  takersChanged(tx, rigs);
  return ok({ runnerId: id, serial: 1 });
}

function theRunner(sql: Sql, id: string): Result<Runner> {
  const runner = findRunner(sql, id);
  return runner ? ok(runner) : refuse(failure('unknown_runner', `There is no runner ${id}.`, { runnerId: id }));
}
const theMachine = (sql: Sql, id: string): Result<Runner> =>
  id === HOME_RUNNER ? refuse(failure('runner_is_container')) : theRunner(sql, id);

function refusal(sql: Sql, id: string | null, name: string | undefined, rigs: readonly RigId[] | null | undefined): Result<never> | null {
  const wanted = name?.toLowerCase();
  const twin = allRunners(sql).find((other) => other.id !== id && other.name.toLowerCase() === wanted);
  if (twin) return refuse(failure('duplicate_runner', `The runner ${twin.name} has the same name.`, { runnerId: twin.id }));
  const there = new Set(liveRigs(sql).map((rig) => rig.id));
  const unknown = rigs?.find((rigId) => !there.has(rigId));
  return unknown === undefined ? null : refuse(failure('unknown_rig', `There is no rig ${unknown}.`, { rigId: unknown }));
}

export function changeRunner(tx: Tx, { runnerId, name, rigs, places, paused }: Of<'runner.update'>): Result<{ runnerId: RunnerId }> {
  const found = theRunner(tx.sql, runnerId);
  if (!found.ok) return found;
  const wrong = refusal(tx.sql, runnerId, name, rigs);
  if (wrong) return wrong;
  const listed = rigs === undefined ? undefined : rigs && JSON.stringify([...new Set(rigs)]);
  updateRunner(tx, runnerId, {
    ...(name !== undefined && { name }),
    ...(listed !== undefined && { rigs: listed }),
    ...(places !== undefined && { places }),
    ...(paused !== undefined && { paused: paused ? 1 : 0 }),
  });
  const { name: was, ...rest } = found.value;
  if (paused !== undefined && paused !== rest.paused)
    record(tx, { type: paused ? 'runner_paused' : 'runner_resumed', data: { runnerId, name: name ?? was } });
  if (rigs !== undefined) {
    record(tx, { type: 'runner_rigs', data: { runnerId, name: name ?? was, rigs } });
    pinsChanged(tx);
  }
  return ok({ runnerId });
}
/** Who takes which rig is another question now: what was not begun goes where its rig is taken, and what waits shows another reason. */
function pinsChanged(tx: Tx): void {
  handBackUnbegun(
    tx,
    (runnerId, rigId) => !takesRig(tx.sql, runnerId, rigId),
    failure('runner_lost', 'The runner does not take this rig any more.'),
  );
  touchWaiting(tx);
}

/** A runner more, or one less: who lists rigs pins them; who lists none may be the one that is waited for. */
const takersChanged = (tx: Tx, rigs: readonly RigId[] | null): void => (rigs ? pinsChanged(tx) : touchWaiting(tx));

export function renewRunnerToken(tx: Tx, runnerId: RunnerId): Token {
  const found = theMachine(tx.sql, runnerId);
  if (!found.ok) return found;
  const serial = found.value.tokenSerial + 1;
  updateRunner(tx, runnerId, { token_serial: serial });
  record(tx, { type: 'runner_token_renewed', data: { runnerId, name: found.value.name } });
  return ok({ runnerId, serial });
}

/** What it held is handed back in this transaction; whatever it says from now on is refused. */
export function removeRunner(tx: Tx, runnerId: RunnerId): Result<{ runnerId: RunnerId }> {
  const found = theMachine(tx.sql, runnerId);
  if (!found.ok) return found;
  const { name, rigs } = found.value;
  handBack(tx, runnerId, failure('runner_lost', `The runner ${name} was removed.`));
  dropEffectsOf(tx, runnerId);
  deleteLink(tx, runnerId);
  deleteRunner(tx, runnerId);
  record(tx, { type: 'runner_removed', data: { runnerId, name } });
  takersChanged(tx, rigs);
  return ok({ runnerId });
}

/** A rig that was removed is in no list any more. */
export function forgetRig(tx: Tx, rigId: RigId): void {
  for (const { id, rigs } of allRunners(tx.sql))
    if (rigs?.includes(rigId)) updateRunner(tx, id, { rigs: JSON.stringify(rigs.filter((other) => other !== rigId)) });
}
