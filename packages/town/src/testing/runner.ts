import {
  failure,
  HOME_RUNNER,
  type DoneEvidence,
  type FailureCode,
  type Generation,
  type Outcome,
  type Report,
  type Result,
  type RunId,
  type RunnerId,
  type RunnerEffect,
  type ToolName,
} from '@gastown/protocol';
import type { DueEffect } from '../api.ts';
import type { TestTown } from './town.ts';

type Of<K extends RunnerEffect['kind']> = Extract<RunnerEffect, { kind: K }>;
type RunStart = Of<'run.start'>;

/** What the scripted runner answers; each may be replaced by a test. `null`: no outcome, it hangs. */
export interface Script {
  'rig.connect'(effect: Of<'rig.connect'>): Outcome | null;
  'run.start'(effect: RunStart): Outcome | null;
  'merge.test'(effect: Of<'merge.test'>): Outcome | null;
  'merge.land'(effect: Of<'merge.land'>): Outcome | null;
  'branch.delete'(effect: Of<'branch.delete'>): Outcome | null;
  /** What a polecat does in its first turn. */
  polecat(runner: ScriptedRunner, start: RunStart): void;
  /** What any agent does with a message. */
  prompt(runner: ScriptedRunner, prompt: Of<'run.prompt'>): void;
  container(kind: 'container.start' | 'container.stop'): Outcome | null;
}
export interface ScriptedRunner {
  readonly id: RunnerId;
  readonly test: TestTown;
  readonly script: Script;
  instance: string;
  seq: number;
  connected: boolean;
  readonly starts: RunStart[];
  hello(instance?: string): void;
  report(report: Report): Result<unknown>;
  /** Says that it is there, and nothing of any run. */
  alive(): void;
  tool(run: { runId: RunId; generation: Generation }, tool: ToolName, args: unknown, evidence?: DoneEvidence | null): Result<unknown>;
  turn(
    run: { runId: RunId; generation: Generation },
    nudgeId?: Of<'run.prompt'>['nudgeId'] | null,
    why?: FailureCode | null,
    inside?: () => void,
  ): void;
  /** What the door tells of a call of this run before its turn breaks over it; nothing for other reasons. */
  refused(runId: RunId, why: FailureCode | null): void;
  done(start: RunStart): Result<unknown>;
  /** Performs what is due until nothing more is. */
  work(limit?: number): void;
  /** Its socket is closed, or the machine goes without a word. */
  gone(): void;
  perform(due: DueEffect): void;
}

export const good = (value: Extract<Outcome, { state: 'succeeded' }>['value']): Outcome => ({ state: 'succeeded', value });
export const bad = (code: FailureCode, retry = false, message?: string): Outcome => ({
  state: 'failed',
  failure: failure(code, message),
  retry,
});
export const sha = (text: string): string =>
  Array.from({ length: 40 }, (_, at) => ((text.charCodeAt(at % text.length) * 31 + at * 7 + text.length) % 16).toString(16)).join('');
export const evidence = (start: RunStart, ahead = 1): DoneEvidence => ({
  branch: start.context.branch ?? '',
  headCommit: sha(`head ${start.runId}`),
  ahead,
  commits: [{ sha: sha(`head ${start.runId}`), subject: 'work', author: 'polecat', at: 1 }],
});

/** A polecat that begins its turn and is never heard of again. */
export const silentPolecat: Script['polecat'] = (runner, { runId, generation }) =>
  void runner.report({ kind: 'turn.started', runId, generation, nudgeId: null });

const STORY: Script = {
  'rig.connect': () => good({ kind: 'rig', defaultBranch: 'main', empty: false, head: sha('base') }),
  'run.start': (effect) =>
    good({ kind: 'session', sessionId: `s-${effect.runId}`, resumed: effect.resumeSessionId !== null, model: effect.model }),
  'merge.test': (effect) =>
    good({ kind: 'tested', passed: true, baseCommit: sha('base'), mergeCommit: sha(`merge ${effect.mergeId}`), gates: [], failure: null }),
  'merge.land': (effect) => good({ kind: 'landed', mergeCommit: effect.mergeCommit }),
  'branch.delete': () => good({ kind: 'none' }),
  polecat: (runner, start) => runner.turn(start, null, null, () => void runner.done(start)),
  prompt: (runner, prompt) => runner.turn(prompt, prompt.nudgeId),
  container: () => good({ kind: 'none' }),
};

/** By town: an effect is performed by the runner that it is for. */
const RUNNERS = new WeakMap<TestTown, Map<RunnerId, ScriptedRunner>>();

/** `id`: a machine's; absent, the container's. Each performs what is due of all, each its own. */
export function scriptedRunner(test: TestTown, changes: Partial<Script> = {}, id: RunnerId = HOME_RUNNER): ScriptedRunner {
  const script: Script = { ...STORY, ...changes };
  const runner: ScriptedRunner = {
    id,
    test,
    script,
    instance: id === HOME_RUNNER ? 'instance-1' : `machine-${id}`,
    seq: 0,
    connected: false,
    starts: [],
    hello(instance = runner.instance) {
      if (instance !== runner.instance) runner.seq = 0;
      runner.instance = instance;
      runner.connected = true;
      runner.seq = test.town.runnerSeq(id, instance);
      test.send({
        kind: 'runner.hello',
        runnerId: id,
        hello: { t: 'hello', protocol: 1, instance, agentKinds: ['kilo'], runs: [] },
      });
    },
    report(report) {
      runner.seq += 1;
      return test.report(runner.instance, runner.seq, report, id);
    },
    alive: () => void runner.report({ kind: 'renew', runs: [] }),
    tool: (run, tool, args, seen = null) =>
      test.send(
        { kind: 'tool', runnerId: id, runId: run.runId, generation: run.generation, tool, args, evidence: seen },
        `call-${runner.instance}-${(calls += 1)}`,
        {
          kind: 'runner',
          instance: runner.instance,
        },
      ),
    turn({ runId, generation }, nudgeId = null, why = null, inside = () => undefined) {
      runner.report({ kind: 'turn.started', runId, generation, nudgeId });
      inside();
      runner.refused(runId, why);
      runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: why && failure(why) });
    },
    refused(runId, why) {
      const kind = why === 'model_key_refused' ? 'auth' : why === 'model_quota_spent' ? 'quota' : null;
      const model = kind && test.rows().town[0]?.model;
      if (!model) return;
      const { now } = test;
      const trouble = { kind, until: null, message: `The provider says ${kind}.` } as const;
      test.send({ kind: 'model.trouble', runId, model: { provider: model.provider, model: model.model }, since: now, trouble });
    },
    done: (start) => runner.tool(start, 'done', { summary: 'it works' }, evidence(start)),
    work(limit = 200) {
      for (let round = 0; round < limit; round += 1) {
        const due = test.take();
        if (due.length === 0) return;
        for (const one of due) runner.perform(one);
      }
      throw new Error('the runner never rests');
    },
    gone() {
      runner.connected = false;
      test.send({ kind: 'runner.gone', runnerId: id, instance: runner.instance });
    },
    perform(due) {
      if (due.target === 'container') return performContainer(RUNNERS.get(test)?.get(HOME_RUNNER) ?? runner, due);
      if (due.runnerId !== id) return RUNNERS.get(test)?.get(due.runnerId)?.perform(due);
      const { effect, effectId } = due;
      const outcome = outcomeOf(runner, effect);
      if (outcome) runner.report({ kind: 'outcome', effectId, outcome });
      if (effect.kind === 'run.start' && outcome?.state === 'succeeded') {
        runner.starts.push(effect);
        if (effect.context.bead) script.polecat(runner, effect);
      }
      if (effect.kind === 'run.prompt') script.prompt(runner, effect);
    },
  };
  let calls = 0;
  RUNNERS.set(test, (RUNNERS.get(test) ?? new Map<RunnerId, ScriptedRunner>()).set(id, runner));
  return runner;
}

function outcomeOf({ script }: ScriptedRunner, effect: RunnerEffect): Outcome | null {
  switch (effect.kind) {
    case 'rig.connect':
      return script['rig.connect'](effect);
    case 'run.start':
      return script['run.start'](effect);
    case 'merge.test':
      return script['merge.test'](effect);
    case 'merge.land':
      return script['merge.land'](effect);
    case 'branch.delete':
      return script['branch.delete'](effect);
    default:
      return good({ kind: 'none' });
  }
}

function performContainer(runner: ScriptedRunner, due: Extract<DueEffect, { target: 'container' }>): void {
  const { test, script } = runner;
  const outcome = script.container(due.effect.kind);
  if (!outcome) return;
  test.send({ kind: 'effect.outcome', effectId: due.effectId, outcome });
  if (outcome.state === 'failed') return;
  if (due.effect.kind === 'container.start') {
    test.send({ kind: 'container.observed', state: 'running', failure: null });
    boots += 1;
    runner.hello(`instance-${runner.instance.split('-')[1]}-${boots}`.slice(0, 60));
  } else {
    runner.connected = false;
    test.send({ kind: 'runner.gone', runnerId: HOME_RUNNER, instance: runner.instance });
    test.send({ kind: 'container.observed', state: 'stopped', failure: null });
  }
}
let boots = 0;
