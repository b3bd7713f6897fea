import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EffectId, Outcome, RunnerEffect } from '@gastown/protocol';
import { openRepositories, type RepositoryEffect } from '@gastown/runner/testing';
import type { ScriptedRunner } from '@gastown/town/testing';
import type { Plant } from './plants.ts';
import type { Polecats } from './polecats.ts';
import { troubled, type Trouble } from './trouble.ts';

interface Due {
  readonly effectId: EffectId;
  readonly effect: RunnerEffect;
}
interface Answer extends Due {
  readonly outcome: Outcome;
}
export interface MachineWish {
  readonly folder: string;
  readonly runner: ScriptedRunner;
  readonly polecats: Polecats;
  readonly trouble: Trouble;
  readonly plant: Plant;
  readonly somebodyPushes: () => Promise<void>;
}

const NONE: Outcome = { state: 'succeeded', value: { kind: 'none' } };

/** The runner of a history. What it does in repositories is the real thing; it answers late, twice, or never, because it ended. */
export class Machine {
  readonly #wish: MachineWish;
  #due: Due[] = [];
  #late: Answer[] = [];
  #perform: ((effect: RepositoryEffect) => Promise<Outcome>) | null = null;
  #disks = 0;
  #instances = 1;

  constructor(wish: MachineWish) {
    this.#wish = wish;
  }

  /** The second gate says no while this is there, whatever is judged. */
  static moodOf(folder: string): string {
    return path.join(folder, 'mood');
  }

  take(): void {
    const { runner } = this.#wish;
    for (const due of runner.test.take()) {
      if (due.target === 'container') runner.perform(due);
      else this.#due.push(due);
    }
  }

  /** False: there is nothing to do. */
  async performOne(): Promise<boolean> {
    const { trouble } = this.#wish;
    const at = trouble.over ? 0 : Math.floor(trouble.dice.next() * this.#due.length);
    const [due] = this.#due.splice(at, 1);
    if (!due) return false;
    const outcome = await this.#outcomeOf(due.effect);
    if (trouble.dead) await this.end();
    else if (trouble.strikes(0.15)) {
      trouble.counts.answeredLate += 1;
      this.#late.push({ ...due, outcome });
    } else await this.#answer({ ...due, outcome });
    return true;
  }

  async answerLate(): Promise<boolean> {
    const answer = this.#late.shift();
    if (answer) await this.#answer(answer);
    return answer !== undefined;
  }

  /** `kill -9`, and a new one in its place; its disk may be gone with it. */
  async end(): Promise<void> {
    const { runner, polecats, trouble, folder } = this.#wish;
    trouble.dead = false;
    trouble.counts.runnersKilled += 1;
    this.#due = [];
    this.#late = [];
    polecats.end();
    runner.gone();
    if (trouble.strikes(0.3)) {
      trouble.counts.disksLost += 1;
      await rm(path.join(folder, `state-${this.#disks}`), { recursive: true, force: true });
      this.#disks += 1;
    }
    this.#perform = null;
    this.#instances += 1;
    runner.hello(`instance-${this.#instances}`);
  }

  renew(): void {
    const { runner, polecats } = this.#wish;
    const lastActivityAt = runner.test.now;
    const runs = polecats.runs.map(({ runId, generation }) => ({ runId, generation, lastActivityAt }));
    runner.report({ kind: 'renew', runs });
  }

  async #answer({ effectId, effect, outcome }: Answer): Promise<void> {
    const { runner, polecats, trouble } = this.#wish;
    runner.report({ kind: 'outcome', effectId, outcome });
    if (effect.kind === 'run.start') await polecats.begin(effect);
    else if (trouble.strikes(0.1)) {
      trouble.counts.answeredTwice += 1;
      this.#late.push({ effectId, effect, outcome });
    }
  }

  async #outcomeOf(effect: RunnerEffect): Promise<Outcome> {
    const { polecats } = this.#wish;
    switch (effect.kind) {
      case 'rig.connect':
      case 'merge.land':
      case 'branch.delete':
        return (await this.#repositories())(effect);
      case 'merge.test':
        return this.#test(effect);
      case 'run.start':
        return { state: 'succeeded', value: { kind: 'session', sessionId: `s-${effect.runId}`, resumed: false, model: null } };
      case 'run.prompt':
        polecats.prompt(effect);
        return NONE;
      case 'run.stop':
        polecats.stop(effect.runId);
        return NONE;
      default:
        return NONE;
    }
  }

  async #test(effect: Extract<RepositoryEffect, { kind: 'merge.test' }>): Promise<Outcome> {
    const { trouble, plant, folder } = this.#wish;
    const flakes = trouble.strikes(0.1);
    const mood = Machine.moodOf(folder);
    if (flakes) await writeFile(mood, '');
    const outcome = await (await this.#repositories())(await plant.test(effect));
    if (flakes) await rm(mood);
    if (outcome.state === 'succeeded' && outcome.value.kind === 'tested') {
      trouble.counts.tested += 1;
      const failed = outcome.value.gates.find(({ exitCode }) => exitCode !== 0);
      if (failed) trouble.counts[failed.command.startsWith('sh ') ? 'redByGate' : 'flaked'] += 1;
    } else if (outcome.state === 'failed' && outcome.failure.code === 'merge_conflict') trouble.counts.conflicts += 1;
    return outcome;
  }

  async #repositories(): Promise<(effect: RepositoryEffect) => Promise<Outcome>> {
    const { folder, trouble, plant, somebodyPushes } = this.#wish;
    this.#perform ??= await openRepositories({
      state: path.join(folder, `state-${this.#disks}`),
      isolation: 'none',
      between: (remotes) => troubled(plant.between(remotes), trouble, somebodyPushes),
    });
    return this.#perform;
  }
}
