import { PROVIDERS, type RunnerEffect, type Sha } from '@gastown/protocol';
import { findAgent } from '../agents/store.ts';
import type { DueEffect, Sql } from '../api.ts';
import { findBead } from '../beads/store.ts';
import { theTown } from '../config/store.ts';
import { squashMessage } from '../merges/message.ts';
import { findMerge } from '../merges/store.ts';
import { findNudge } from '../messages/store.ts';
import type { Effect } from '../outbox/store.ts';
import { findPermission } from '../permissions/store.ts';
import { primeContext, rigsTold } from '../prime.ts';
import { gatesOf } from '../rigs/gates.ts';
import { findRig } from '../rigs/store.ts';
import { parseRunSubject } from '../runs/begin.ts';
import { modelOfRun } from '../runs/model.ts';
import { setupOf, setupOfMerge } from '../runs/setup.ts';
import { findRun, lastSessionOf } from '../runs/store.ts';

/** What an effect says, from the rows as they are when it is handed out; null when its subject is over and nothing is to be done. */
export function buildEffect(sql: Sql, effect: Effect): DueEffect | null {
  if (effect.kind === 'container.start' || effect.kind === 'container.stop')
    return { effectId: effect.id, target: 'container', effect: { kind: effect.kind } };
  const built = effect.runnerId && buildForRunner(sql, effect);
  return built && effect.runnerId && { effectId: effect.id, target: 'runner', runnerId: effect.runnerId, effect: built };
}

function buildForRunner(sql: Sql, effect: Effect): RunnerEffect | null {
  switch (effect.kind) {
    case 'rig.connect': {
      const rig = findRig(sql, effect.subject);
      return rig && rig.state !== 'removed' ? { kind: 'rig.connect', rigId: rig.id, gitUrl: rig.gitUrl } : null;
    }
    case 'run.start':
      return runStart(sql, effect);
    case 'run.prompt':
      return runPrompt(sql, effect);
    case 'permission.answer':
      return permissionAnswer(sql, effect);
    case 'run.interrupt':
    case 'run.stop': {
      const { runId, generation } = parseRunSubject(effect.subject);
      if (effect.kind === 'run.interrupt' && findRun(sql, runId)?.state === 'ended') return null;
      return { kind: effect.kind, runId, generation: generation as (RunnerEffect & { kind: 'run.stop' })['generation'] };
    }
    default:
      return mergeEffect(sql, effect);
  }
}

function runStart(sql: Sql, effect: Effect): RunnerEffect | null {
  const run = findRun(sql, parseRunSubject(effect.subject).runId);
  const agent = run && findAgent(sql, run.agentId);
  const town = theTown(sql);
  if (!run || !agent || run.state === 'ended') return null;
  const model = modelOfRun(town, run, agent.role);
  const rig = run.rigId ? findRig(sql, run.rigId) : null;
  const last = run.beadId === null ? lastSessionOf(sql, agent.id) : null;
  const isFull = last?.failure?.code === 'model_context_full';
  return {
    kind: 'run.start',
    runId: run.id,
    generation: run.generation,
    agentId: agent.id,
    agentKind: run.agentKind,
    gitUrl: rig?.gitUrl ?? null,
    startFrom: rig && !rig.empty ? rig.defaultBranch : null,
    model: model?.model ?? run.model ?? '',
    modelShape: PROVIDERS[model?.provider ?? 'custom'].shape,
    resumeSessionId: isFull ? null : (last?.sessionId ?? null),
    isFull,
    gitName: town.gitName,
    gitEmail: town.gitEmail,
    permissions: { ...town.permissions, ...rig?.permissions },
    setup: setupOf(sql, run),
    context: primeContext(sql, run, agent),
  };
}

function runPrompt(sql: Sql, effect: Effect): RunnerEffect | null {
  const nudge = findNudge(sql, effect.subject);
  const run = findRun(sql, effect.target.replace(/^run:/, ''));
  if (!run || run.state === 'ended' || nudge?.state !== 'sent') return null;
  const { id: nudgeId, text, source, mode, again } = nudge;
  const rigs = findAgent(sql, run.agentId)?.role === 'mayor' ? { rigs: rigsTold(sql) } : {};
  const handedIn = run.doneAt === null ? {} : { handedIn: true };
  return { kind: 'run.prompt', runId: run.id, generation: run.generation, nudgeId, text, source, mode, again, ...rigs, ...handedIn };
}

function permissionAnswer(sql: Sql, effect: Effect): RunnerEffect | null {
  const asked = findPermission(sql, effect.subject);
  const run = asked && findRun(sql, asked.runId);
  if (!run || run.state === 'ended' || asked.decision === null) return null;
  const { requestId, decision, reason } = asked;
  return { kind: 'permission.answer', runId: run.id, generation: run.generation, requestId, decision, reason };
}

function mergeEffect(sql: Sql, effect: Effect): RunnerEffect | null {
  const merge = findMerge(sql, effect.subject);
  const rig = merge && findRig(sql, merge.rigId);
  if (!merge || !rig) return null;
  const base = { rigId: rig.id, gitUrl: rig.gitUrl };
  const headCommit = merge.headCommit as Sha;
  if (effect.kind === 'branch.delete') return { kind: 'branch.delete', ...base, branch: merge.branch, headCommit };
  const about = { ...base, mergeId: merge.id, targetBranch: merge.targetBranch };
  if (effect.kind === 'merge.land') {
    return merge.phase === 'landing' && merge.mergeCommit
      ? { kind: 'merge.land', ...about, baseCommit: merge.baseCommit, mergeCommit: merge.mergeCommit }
      : null;
  }
  const bead = findBead(sql, merge.beadId);
  if (merge.phase !== 'testing' || !bead) return null;
  const town = theTown(sql);
  return {
    kind: 'merge.test',
    ...about,
    branch: merge.branch,
    headCommit,
    isNew: rig.empty,
    message: squashMessage(bead, merge),
    gitName: town.gitName,
    gitEmail: town.gitEmail,
    agentName: findAgent(sql, merge.agentId)?.name ?? 'agent',
    setup: setupOfMerge(sql, rig),
    gates: gatesOf(sql, rig),
  };
}
