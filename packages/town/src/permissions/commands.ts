import {
  failure,
  LIMITS,
  ok,
  plainLine,
  refuse,
  type PermissionDecision,
  type PermissionId,
  type Report,
  type Result,
} from '@gastown/protocol';
import { actorLabel } from '../actors.ts';
import { newPermissionId } from '../ids.ts';
import { record } from '../ledger/store.ts';
import { addEffect, effectsFor } from '../outbox/store.ts';
import { runTarget } from '../runs/begin.ts';
import { endRun, findRun, touchRun, type Run } from '../runs/store.ts';
import type { Tx } from '../tx.ts';
import {
  closePermission,
  countPermissionsOf,
  findPermission,
  findRequest,
  insertPermission,
  isAllowedForRun,
  openPermissionsOf,
  type Permission,
} from './store.ts';

type Asked = Extract<Report, { kind: 'permission.asked' }>;

/**
 * An agent waits for a person. The same request again is the same question; one that was decided already is told its answer again. What no person needs to
 * decide is answered at once: outside of a turn nobody waits, a run has a bounded number of questions open, and what was allowed for the run is allowed.
 */
export function askPermission(tx: Tx, run: Run, { requestId, category, ...said }: Asked): void {
  const known = findRequest(tx.sql, run.id, requestId);
  if (known) return known.decision === null ? undefined : tellAnswer(tx, known);
  if (countPermissionsOf(tx.sql, run.id) >= LIMITS.permissionsPerRun.value)
    return endRun(
      tx,
      run,
      'failed',
      failure('agent_stalled', `The agent asked for permission ${LIMITS.permissionsPerRun.value} times and asks on.`),
    );
  const id = newPermissionId(tx);
  const { id: runId, agentId, beadId, rigId } = run;
  const title = plainLine(said.title) || category;
  const detail = shown(said.detail);
  const allowed = said.whole && isAllowedForRun(tx.sql, { runId, category, title, detail });
  const full = openPermissionsOf(tx.sql, runId).length >= LIMITS.openPermissions.value;
  insertPermission(tx, {
    id,
    runId,
    requestId,
    agentId,
    beadId,
    rigId,
    category,
    title,
    detail,
    until: tx.now + LIMITS.permissionWaitMs.value,
  });
  record(tx, { type: 'permission_asked', beadId, agentId, data: { permissionId: id, runId, category, title } });
  const asked = findPermission(tx.sql, id)!;
  if (allowed) decide(tx, asked, 'run', 'The same was allowed for this run.');
  else if (run.state !== 'working') decide(tx, asked, 'deny', 'It was asked outside of a turn.');
  else if (!said.whole) decide(tx, asked, 'deny', TOO_LONG);
  else if (full) decide(tx, asked, 'deny', `The run has ${LIMITS.openPermissions.value} questions open already.`);
  else touchRun(tx, run, 'bead');
}

const TOO_LONG = `It is longer than the ${LIMITS.permissionDetailCharacters.value} characters that a person is shown, and nobody allows what they do not see. Put it into a file of the worktree.`;

/** A person decides over what they see: what would hide or turn round a part of it is left out, and no indentation pushes any of it away. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${/^ {0,16}/.exec(line)![0]}${plainLine(line)}`.trimEnd())
    .join('\n')
    .trim();

/** The agent does not wait for it any more. */
export function withdrawRequest(tx: Tx, run: Run, requestId: string): void {
  const asked = findRequest(tx.sql, run.id, requestId);
  if (asked?.answeredAt === null) withdraw(tx, asked, 'The agent does not ask any more.');
}

/** The first answer counts; the same answer again changes nothing. */
export function answerPermission(
  tx: Tx,
  { permissionId, decision }: { permissionId: PermissionId; decision: PermissionDecision },
): Result<{ permissionId: PermissionId; decision: PermissionDecision }> {
  const asked = findPermission(tx.sql, permissionId);
  if (!asked) return refuse(failure('unknown_permission', `There is no question ${permissionId}.`, { permissionId }));
  if (asked.answeredAt === null) decide(tx, asked, decision, null);
  else if (asked.decision !== decision)
    return refuse(failure('permission_over', `${permissionId} is over: ${endOf(asked)}`, { permissionId }));
  return ok({ permissionId, decision });
}
const ENDS: Readonly<Record<PermissionDecision, string>> = { once: 'allowed once', run: 'allowed for the run', deny: 'denied' };
const endOf = ({ decision, answeredBy, reason }: Permission): string =>
  decision ? `${ENDS[decision]} by ${answeredBy ?? 'somebody'}.` : (reason ?? 'it was withdrawn.');

/** Decided by whoever acts: a person, or the town with a reason. The run hears of it. */
export function decide(tx: Tx, asked: Permission, decision: PermissionDecision, reason: string | null): void {
  const by = reason === null ? actorLabel(tx) : 'town';
  closePermission(tx, asked.id, { by, decision, reason });
  told(tx, asked, 'permission_answered', { decision, reason });
  tellAnswer(tx, asked);
}
export function withdraw(tx: Tx, asked: Permission, reason: string): void {
  closePermission(tx, asked.id, { by: 'town', decision: null, reason });
  told(tx, asked, 'permission_withdrawn', { reason });
}
function told(tx: Tx, { id, runId, beadId, agentId, category, title }: Permission, type: string, data: Record<string, unknown>): void {
  record(tx, { type, beadId, agentId, data: { permissionId: id, runId, category, title, ...data } });
  const run = findRun(tx.sql, runId);
  if (run && run.state !== 'ended') touchRun(tx, run, 'bead');
}
/** Once on its way is enough: the effect finds the answer in its row. */
function tellAnswer(tx: Tx, { id, runId }: Permission): void {
  const run = findRun(tx.sql, runId);
  const under = effectsFor(tx.sql, runTarget(runId)).some((effect) => effect.kind === 'permission.answer' && effect.subject === id);
  if (run && !under) addEffect(tx, 'permission.answer', runTarget(runId), id, run.runnerId);
}
