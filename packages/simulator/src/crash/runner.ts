import {
  failure,
  type DoneEvidence,
  type EffectId,
  type FailureCode,
  type Generation,
  type NudgeId,
  type Outcome,
  type Report,
  type Result,
  type RunId,
  type RunnerEffect,
  type RunnerId,
  type ToolName,
} from '@gastown/protocol';
import { good } from '@gastown/town/testing';
import type { Script } from './script.ts';
import type { World } from './world.ts';

type Ref = { readonly runId: RunId; readonly generation: Generation };
/** It is not there any more: what it was doing ends where it stands. */
export class Gone extends Error {}

/** One life of a runner, by the rules of the link: an effect once per id, a report again until the town has it, the same number and key each time. */
export class Runner {
  readonly id: RunnerId;
  readonly instance: string;
  readonly #world: World;
  readonly #script: Script;
  readonly #journal = new Map<EffectId, Outcome | 'under way'>();
  alive = true;
  #seq = 0;
  #calls = 0;

  constructor(world: World, script: Script, id: RunnerId, instance: string) {
    this.id = id;
    this.#world = world;
    this.#script = script;
    this.instance = instance;
  }

  hello(): void {
    this.#tell(() => ({
      key: null,
      command: {
        kind: 'runner.hello',
        runnerId: this.id,
        hello: { t: 'hello', protocol: 1, instance: this.instance, agentKinds: ['kilo'], runs: [] },
      },
    }));
  }
  report(report: Report): void {
    this.#seq += 1;
    const seq = this.#seq;
    const taken = this.#tell(() => ({
      key: null,
      command: { kind: 'runner.report', runnerId: this.id, instance: this.instance, seq, report },
    }));
    if (taken.ok) return;
    this.alive = false;
    throw new Gone(taken.failure.code);
  }
  tool(run: Ref, tool: ToolName, args: unknown, seen: DoneEvidence | null = null): Result<unknown> {
    this.#calls += 1;
    const key = `call:${this.instance}:${this.#calls}`;
    return this.#tell(() => ({
      key,
      command: { kind: 'tool', runnerId: this.id, runId: run.runId, generation: run.generation, tool, args, evidence: seen },
    }));
  }
  turn(run: Ref, nudgeId: NudgeId | null = null, why: FailureCode | null = null, inside: () => void = () => undefined): void {
    const { runId, generation } = run;
    this.report({ kind: 'turn.started', runId, generation, nudgeId });
    inside();
    this.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: why && failure(why) });
  }
  /** Its process is there, and its agent gives no sign. */
  renew(run: Ref): void {
    try {
      this.report({ kind: 'renew', runs: [{ ...run, lastActivityAt: 1_700_000_000_000 }] });
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }
  spend(run: Ref, costMicros: number): void {
    this.#world.spend(run.runId, costMicros);
  }

  #tell(envelope: () => { key: string | null; command: Parameters<World['send']>[0]['command'] }): Result<unknown> {
    if (!this.alive) throw new Gone('dead');
    const actor = { kind: 'runner', instance: this.instance } as const;
    const once = this.#world.send({ ...envelope(), actor }, () => this.alive);
    if (this.#world.order.doubled) this.#world.send({ ...envelope(), actor }, () => this.alive);
    return once;
  }

  /** Its outcome, if it was not performed before; what was told and failed is performed again. */
  perform(effectId: EffectId, effect: RunnerEffect): Outcome | null {
    const known = this.#journal.get(effectId);
    if (known === 'under way') return null;
    if (known?.state === 'succeeded') return known;
    this.#journal.set(effectId, 'under way');
    return this.#outcomeOf(effect);
  }
  #outcomeOf(effect: RunnerEffect): Outcome | null {
    const { forge } = this.#world;
    switch (effect.kind) {
      case 'rig.connect':
        return this.#script.connect(effect, forge);
      case 'run.start':
        return this.#script.start(effect);
      case 'merge.test':
        return this.#script.test(effect, forge);
      case 'merge.land':
        return this.#script.land(effect, forge, this);
      default:
        return good({ kind: 'none' });
    }
  }
  /** Tells the outcome, and begins what it makes possible. */
  tell(effectId: EffectId, effect: RunnerEffect, outcome: Outcome): void {
    const first = this.#journal.get(effectId) === 'under way';
    this.#journal.set(effectId, outcome);
    this.report({ kind: 'outcome', effectId, outcome });
    if (!first || outcome.state === 'failed') return;
    if (effect.kind === 'run.start' && effect.context.bead) this.#script.polecat(this, effect);
    if (effect.kind === 'run.prompt') {
      this.#world.shown.push(effect.nudgeId);
      this.#script.prompt(this, effect);
    }
  }
}
