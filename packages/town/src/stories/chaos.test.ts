import { HOME_RUNNER } from '@gastown/protocol';
import { array, assert, nat, property, record } from 'fast-check';
import {
  BeadStatus,
  failure,
  NO_USAGE,
  SpendLevel,
  type AgentId,
  type BeadId,
  type ConvoyId,
  type FailureCode,
  type EffectId,
  type Generation,
  type MailId,
  type MergeId,
  type NudgeId,
  type Outcome,
  type PersonCommand,
  type Report,
  type RigId,
  type RunId,
} from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import type { DueEffect } from '../api.ts';
import { checkInvariants } from '../invariants.ts';
import { endless } from '../testing/ends.ts';
import { evidence, good, replica, scriptedRunner, sha, sortedTables, testTown, type ScriptedRunner, type TestTown } from '../testing.ts';

/**
 * Random commands of people, tools, reports, outcomes, losses and time, in any order, doubled and late. `testTown` checks every invariant after each
 * step and that a refusal writes nothing; here also that the alarm rests, and that a healthy runner brings every bead to an end (RC-28).
 */
interface Chaos {
  readonly town: TestTown;
  readonly runner: ScriptedRunner;
  readonly inbox: DueEffect[];
  readonly pick: <T>(list: readonly T[]) => T | undefined;
  readonly n: (limit: number) => number;
}
type Step = (chaos: Chaos) => unknown;

const CAUSES: readonly FailureCode[] = ['repository_unreachable', 'repository_locked', 'push_refused', 'target_moved'];
const FAILS: readonly FailureCode[] = [
  'git_failed',
  'target_moved',
  'merge_conflict',
  'push_refused',
  'repository_unreachable',
  'repository_refused',
  'agent_crashed',
  'model_key_refused',
  'model_unreachable',
  'setup_failed',
  'agent_unknown',
  'budget_spent',
  'branch_missing',
  'runner_lost',
  'stopped_by_person',
];

const person =
  (make: (chaos: Chaos) => PersonCommand | null): Step =>
  (chaos) => {
    const command = make(chaos);
    if (command) chaos.town.person(command, 'token' in command ? { sealed: 's', hint: 'h' } : null);
  };
/** Straight from the store: a snapshot for each step would be most of the time. */
const rows = <T>({ town }: Chaos, query: string): T[] => town.sql.all(query) as T[];
const ids = <T extends string>(chaos: Chaos, table: string, where = '1'): T[] =>
  rows<{ id: T }>(chaos, `SELECT id FROM ${table} WHERE ${where}`).map((row) => row.id);
const someRig = (chaos: Chaos): RigId => chaos.pick(ids<RigId>(chaos, 'rigs')) ?? ('rig-00000000' as RigId);
const someBead = (chaos: Chaos): BeadId => chaos.pick(ids<BeadId>(chaos, 'beads', `type = 'issue'`)) ?? ('gt-none' as BeadId);
const someAgent = (chaos: Chaos): AgentId => chaos.pick(ids<AgentId>(chaos, 'agents')) ?? ('ag-00000000' as AgentId);
const someConvoy = (chaos: Chaos): ConvoyId => chaos.pick(ids<ConvoyId>(chaos, 'convoys')) ?? ('cv-00000000' as ConvoyId);
const TIES = ['blocks', 'conditional-blocks', 'waits-for', 'parent-child', 'parent-child', 'related'] as const;
/** Lines as another tool writes them; the same ids come again, with another title or status. */
const lines = ({ n, pick }: Chaos): string =>
  Array.from({ length: 1 + n(3) }, () =>
    JSON.stringify({
      id: `bd-${n(8)}`,
      title: `brought ${n(4)}`,
      status: pick(['open', 'open', 'closed', 'pinned', 'deferred'])!,
      priority: n(5),
      issue_type: pick(['task', 'task', 'task', 'epic', 'decision', 'gate'])!,
      ...(n(3) === 0 && { dependencies: [{ depends_on_id: `bd-${n(8)}`, type: pick(TIES)! }] }),
    }),
  ).join('\n');
/** A run that lives, or (one in four) any that ever was, with a right or wrong generation. */
function someRun(chaos: Chaos): { runId: RunId; generation: Generation } | null {
  const { n } = chaos;
  const run = chaos.pick(
    rows<{ id: RunId; generation: number }>(chaos, `SELECT id, generation FROM runs ${n(6) === 0 ? '' : `WHERE state <> 'ended'`}`),
  );
  return run ? { runId: run.id, generation: (n(12) === 0 ? run.generation + 1 : run.generation) as Generation } : null;
}
function someLimit(c: Chaos): PersonCommand {
  const level = c.pick(SpendLevel.options)!;
  const id = { run: '*', bead: c.n(2) === 0 ? '*' : someBead(c), convoy: '*', agent: someAgent(c), rig: someRig(c), town: '' }[level];
  const softMicros = c.n(3) === 0 ? c.n(1_500) : null;
  return { kind: 'spend.limit', level, id, softMicros, hardMicros: c.n(3) === 0 ? (softMicros ?? 0) + c.n(1_500) : null };
}
function report(chaos: Chaos, make: (ref: { runId: RunId; generation: Generation }) => Report): void {
  const ref = someRun(chaos);
  if (ref && chaos.runner.connected) chaos.runner.report(make(ref));
}
function outcomeFor({ n, pick }: Chaos, due: DueEffect): Outcome {
  if (n(7) === 0) return { state: 'failed', failure: failure(pick(FAILS)!), retry: n(2) === 0 };
  if (due.target === 'container') return good({ kind: 'none' });
  const { effect } = due;
  switch (effect.kind) {
    case 'rig.connect':
      return good({ kind: 'rig', defaultBranch: 'main', empty: n(5) === 0, head: null });
    case 'run.start':
      return good({ kind: 'session', sessionId: `s-${effect.runId}`, resumed: false, model: null });
    case 'merge.test':
      if (n(8) === 0) return good({ kind: 'landed', mergeCommit: sha('m') });
      return good({ kind: 'tested', passed: n(3) > 0, baseCommit: null, mergeCommit: sha('m'), gates: [], failure: null });
    case 'merge.land':
      return good({ kind: 'landed', mergeCommit: effect.mergeCommit });
    default:
      return good({ kind: 'none' });
  }
}
/** Performs one thing that was handed out; with `again` it stays and may be answered a second time. */
function perform(chaos: Chaos, again: boolean): void {
  const { inbox, n, runner, town } = chaos;
  if (inbox.length === 0) return;
  const at = n(inbox.length);
  const due = inbox[at]!;
  if (!again) inbox.splice(at, 1);
  const outcome = outcomeFor(chaos, due);
  if (due.target === 'container') {
    town.send({ kind: 'effect.outcome', effectId: due.effectId, outcome });
    if (outcome.state === 'failed') return;
    if (due.effect.kind === 'container.start') runner.hello(`instance-${town.now}-${n(1_000_000)}`);
    else town.send({ kind: 'container.observed', state: 'stopped', failure: null });
  } else if (runner.connected) runner.report({ kind: 'outcome', effectId: due.effectId, outcome });
}
const done = (chaos: Chaos): void => {
  const ref = someRun(chaos);
  const row = rows<{ branch: string | null }>(chaos, `SELECT branch FROM runs WHERE id = '${ref?.runId}'`)[0];
  if (!ref || !row) return;
  const seen = { ...evidence({ ...ref, context: { branch: row.branch } } as ScriptedRunner['starts'][number]), ahead: chaos.n(5) };
  chaos.runner.tool(ref, 'done', { summary: 'x', no_changes: chaos.n(6) === 0 }, chaos.n(8) === 0 ? null : seen);
};
const bring = (chaos: Chaos): void => void chaos.inbox.push(...chaos.town.take());
const wait =
  (ms: number): Step =>
  (chaos) => {
    chaos.town.now += chaos.n(ms);
    wake(chaos);
  };
function wake(chaos: Chaos): void {
  chaos.town.send({ kind: 'wake' });
  bring(chaos);
  const next = chaos.town.town.nextWake();
  if (next !== null && next <= chaos.town.now) throw new Error(`the alarm is set to the past: ${next - chaos.town.now}`);
}

const STEPS: readonly Step[] = [
  person((c) => ({ kind: 'bead.create', rigId: someRig(c), title: `bead ${c.n(1_000)}`, dependsOn: c.n(3) === 0 ? [someBead(c)] : [] })),
  person((c) => ({ kind: 'bead.create', rigId: someRig(c), title: `bead ${c.n(1_000)}` })),
  person((c) => (c.n(3) > 0 ? null : { kind: 'bead.set_status', beadId: someBead(c), status: c.pick(BeadStatus.options)! })),
  person((c) => ({ kind: 'bead.retry', beadId: someBead(c) })),
  person((c) => ({
    kind: 'bead.update',
    beadId: someBead(c),
    title: `named ${c.n(1_000)}`,
    body: `words ${c.n(9)}`,
    labels: [`l${c.n(3)}`],
  })),
  person((c) => ({ kind: 'bead.defer', beadId: someBead(c), until: c.n(3) === 0 ? null : c.town.now + c.n(600_000) })),
  person((c) => ({ kind: 'bead.start', beadId: someBead(c) })),
  person((c) => (c.n(3) === 0 ? { kind: 'bead.pin', beadId: someBead(c) } : null)),
  person((c) => ({ kind: 'bead.archive', ...(c.n(2) === 0 ? { closedIn: someRig(c) } : { beadIds: [someBead(c)] }) })),
  person((c) => ({ kind: 'bead.unarchive', beadIds: [someBead(c)] })),
  person((c) => ({ kind: 'bead.reassign', beadId: someBead(c), ...(c.n(2) === 0 && { agentId: someAgent(c) }) })),
  person((c) => ({ kind: 'beads.import', rigId: someRig(c), text: lines(c), start: c.n(2) === 0 })),
  person((c) => ({
    kind: 'convoy.create',
    title: `convoy ${c.n(100)}`,
    beadIds: c.n(2) === 0 ? [someBead(c)] : [],
    tasks: Array.from({ length: c.n(3) }, (_, at) => ({
      rigId: someRig(c),
      title: `task ${c.n(1_000)}`,
      dependsOn: at > 0 ? [at - 1] : [],
    })),
    staged: c.n(4) === 0,
  })),
  person((c) => ({ kind: 'convoy.add', convoyId: someConvoy(c), beadIds: [someBead(c)] })),
  person((c) => ({ kind: 'convoy.remove', convoyId: someConvoy(c), beadId: someBead(c) })),
  person((c) => ({ kind: 'convoy.rename', convoyId: someConvoy(c), title: `renamed ${c.n(100)}` })),
  person((c) => ({
    kind: c.pick(['convoy.start', 'convoy.pause', 'convoy.resume', 'convoy.archive', 'convoy.unarchive'] as const)!,
    convoyId: someConvoy(c),
  })),
  person((c) => (c.n(4) === 0 ? { kind: 'convoy.close', convoyId: someConvoy(c), force: c.n(2) === 0 } : null)),
  person((c) => ({ kind: 'mail.send', agentId: someAgent(c), subject: `s${c.n(9)}`, body: 'words' })),
  person((c) => ({ kind: 'mail.read', mailId: c.pick(ids<MailId>(c, 'beads', `type = 'message'`)) ?? ('ml-00000000' as MailId) })),
  person((c) => ({ kind: 'bead.add_dependency', beadId: someBead(c), dependsOn: someBead(c) })),
  person((c) => ({ kind: 'bead.remove_dependency', beadId: someBead(c), dependsOn: someBead(c) })),
  person((c) => ({ kind: c.pick(['town.pause', 'town.stop', 'town.resume', 'town.resume', 'town.resume'] as const)! })),
  person((c) => (c.n(3) === 0 ? someLimit(c) : null)),
  person((c) => ({ kind: 'town.configure', budgetMicros: c.n(9) === 0 ? c.n(2_000) : null, maxPolecats: c.n(5) })),
  person((c) => ({ kind: 'town.configure', model: c.n(5) === 0 ? null : { provider: 'openai', model: 'm', baseUrl: null, price: null } })),
  person((c) => ({ kind: 'rig.update', rigId: someRig(c), maxPolecats: c.n(4) })),
  person((c) => ({ kind: 'rig.reconnect', rigId: someRig(c) })),
  person((c) => ({ kind: 'rig.set_token', rigId: someRig(c), token: 'x' })),
  person((c) => (c.n(10) === 0 ? { kind: 'rig.remove', rigId: someRig(c), force: true } : null)),
  person((c) => ({ kind: 'rig.add', name: `rig${c.n(5)}`, gitUrl: `/srv/rig${c.n(5)}` })),
  person(() => ({ kind: 'mayor.tell', text: 'hello' })),
  person((c) => (c.n(4) === 0 ? { kind: 'mayor.restart' } : null)),
  person((c) => ({ kind: 'agent.nudge', agentId: someAgent(c), text: 'hey', mode: c.pick(['wait-idle', 'immediate', 'queue'] as const)! })),
  person((c) => ({ kind: 'agent.interrupt', agentId: someAgent(c) })),
  person((c) => (c.n(3) === 0 ? { kind: 'agent.reset', agentId: someAgent(c) } : null)),
  person((c) => ({ kind: 'merge.retry', mergeId: c.pick(ids<MergeId>(c, 'merges')) ?? ('mr-00000000' as MergeId) })),
  person((c) => ({ kind: 'escalation.acknowledge', escalationId: c.pick(ids<BeadId>(c, 'escalations')) ?? ('es-00000000' as BeadId) })),
  person((c) => ({
    kind: 'effect.retry',
    effectId: c.pick(ids<EffectId>(c, 'outbox', `state = 'parked'`)) ?? ('ef-000000000000' as EffectId),
  })),
  bring,
  bring,
  bring,
  bring,
  (c) => perform(c, false),
  (c) => perform(c, false),
  (c) => perform(c, false),
  (c) => perform(c, false),
  (c) => perform(c, false),
  (c) => perform(c, true),
  (c) => report(c, (ref) => ({ kind: 'turn.started', ...ref, nudgeId: c.pick(ids<NudgeId>(c, 'nudges', `state = 'sent'`)) ?? null })),
  (c) => report(c, (ref) => ({ kind: 'turn.started', ...ref, nudgeId: null })),
  (c) => report(c, (ref) => ({ kind: 'turn.started', ...ref, nudgeId: 'nu-000000000000' as NudgeId })),
  (c) => report(c, (ref) => ({ kind: 'turn.ended', ...ref, stopReason: 'end', failure: c.n(6) === 0 ? failure(c.pick(FAILS)!) : null })),
  (c) => report(c, (ref) => ({ kind: 'turn.ended', ...ref, stopReason: 'end', failure: null })),
  (c) => c.n(4) === 0 && report(c, (ref) => ({ kind: 'run.lost', ...ref, failure: failure(c.pick(FAILS)!) })),
  (c) => report(c, (ref) => ({ kind: 'renew', runs: [{ ...ref, lastActivityAt: c.town.now }] })),
  (c) => report(c, (ref) => ({ kind: 'session.renewed', ...ref, sessionId: `renewed-${c.n(1_000_000)}` })),
  (c) => report(c, (ref) => ({ kind: 'hand_in.refused', ...ref, failure: failure('not_pushed', 'no', { cause: c.pick(CAUSES)! }) })),
  (c) => report(c, (ref) => ({ kind: 'status', ...ref, statusLine: `line ${c.n(5)}` })),
  done,
  done,
  done,
  (c) => {
    const ref = someRun(c);
    if (ref)
      c.runner.tool(ref, c.pick(['sling', 'prime', 'checkpoint', 'escalate', 'list_beads'] as const)!, {
        rig_id: someRig(c),
        title: `slung ${c.n(50)}`,
        data: {},
        severity: 'low',
        category: 'help',
        message: 'm',
      });
  },
  (c) => {
    const ref = someRun(c);
    if (ref) c.town.send({ kind: 'spend', runId: ref.runId, usage: { ...NO_USAGE, costMicros: c.n(500) }, model: 'm' });
  },
  (c) => c.n(10) === 0 && c.runner.hello(`instance-${c.town.now}-${c.n(1_000_000)}`),
  (c) => c.runner.connected && c.runner.hello(),
  (c) => {
    if (c.n(5) > 0) return;
    c.town.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: c.runner.instance });
    c.runner.connected = false;
  },
  (c) =>
    c.n(10) === 0 &&
    (c.town.send({ kind: 'container.observed', state: c.pick(['running', 'stopped', 'failed'] as const)!, failure: null }),
    (c.runner.connected = false)),
  wake,
  wake,
  wait(5_000),
  wait(5_000),
  wait(60_000),
  (c) => c.n(6) === 0 && wait(200_000)(c),
  (c) => c.n(6) === 0 && wait(2_000_000)(c),
];

/** After the storm: all settings sane, a healthy runner, some hours. Every bead must end, or say which person must do what, and that must be so. */
function calm(chaos: Chaos): void {
  const { town } = chaos;
  const healthy = scriptedRunner(town, {});
  for (const limit of town.rows().limits)
    town.must({ kind: 'spend.limit', level: limit.level, id: limit.of, softMicros: null, hardMicros: null });
  healthy.hello('healthy-instance');
  town.must({
    kind: 'town.configure',
    model: { provider: 'openai', model: 'm', baseUrl: null, price: null },
    budgetMicros: null,
    maxPolecats: 10,
  });
  town.must({ kind: 'town.resume' });
  for (const beadId of ids<BeadId>(chaos, 'beads', `defer_until IS NOT NULL OR hold = 'deferred'`))
    for (const _step of ['what holds it', 'its date']) town.person({ kind: 'bead.start', beadId });
  for (const convoyId of ids<ConvoyId>(chaos, 'convoys', 'paused = 1')) town.must({ kind: 'convoy.resume', convoyId });
  for (const rig of town.rows().rigs.filter((one) => one.state !== 'removed')) {
    town.must({ kind: 'rig.update', rigId: rig.id, maxPolecats: 3 });
    town.must({ kind: 'rig.reconnect', rigId: rig.id });
  }
  healthy.work(2_000);
  town.sleep(12 * 3_600_000, () => healthy.work(2_000));
  expect(endless(town.sql, town.rows().beads)).toEqual([]);
  expect(town.town.nextWake()).toBeNull();
  expect(checkInvariants(town.sql, town.now)).toEqual([]);
}

function storm(steps: readonly { step: number; salt: number }[], seed: number): void {
  const town = testTown({ seed, create: { model: { provider: 'openai', model: 'm', baseUrl: null, price: null } } });
  const runner = scriptedRunner(town);
  let salt = seed;
  const n = (limit: number): number => {
    salt = (Math.imul(salt ^ (salt >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return salt % limit;
  };
  const chaos: Chaos = { town, runner, inbox: [], n, pick: (list) => list[n(Math.max(1, list.length))] };
  town.must({ kind: 'rig.add', name: 'rig0', gitUrl: '/srv/rig0' });
  runner.work();
  const browser = replica();
  for (const [at, { step, salt: fresh }] of steps.entries()) {
    salt = (salt ^ fresh) >>> 0;
    STEPS[step]!(chaos);
    if (at % 16 !== 0 && at < steps.length - 1) continue;
    browser.pull(town);
    /** A browser keeps older events than a snapshot carries. */
    expect({ ...browser.rows(), events: [] }).toEqual({ ...sortedTables(town.rows()), events: [] });
    expect(checkInvariants(town.sql, town.now)).toEqual([]);
  }
  calm(chaos);
}

const RUNS = Number(process.env.CHAOS_RUNS ?? 24);

describe('chaos', () => {
  test(
    'no order of commands, outcomes and losses breaks an invariant or a replica, and afterwards every bead comes to an end (I1–I3, I6, I7, I10, I12, I17, RC-28)',
    () => {
      const step = record({ step: nat(STEPS.length - 1), salt: nat() });
      assert(property(array(step, { minLength: 60, maxLength: 160, size: 'max' }), nat(), storm), {
        numRuns: RUNS,
        seed: Number(process.env.CHAOS_SEED ?? 20_261_122),
        endOnFailure: !process.env.CHAOS_SHRINK,
      });
    },
    120_000 + RUNS * 1_000,
  );
});
