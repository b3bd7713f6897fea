import type { RunnerEffect } from '@gastown/protocol';
import type { ScriptedRunner } from '@gastown/town/testing';
import type { Dice } from '../chaos/dice.ts';
import type { Forge } from './forge.ts';
import { done, type Tree, type Wish } from './tree.ts';

type Start = Extract<RunnerEffect, { kind: 'run.start' }>;
type Prompt = Extract<RunnerEffect, { kind: 'run.prompt' }>;

/** One that was given a bead and has not handed in yet. */
interface Working {
  readonly start: Start;
  /** The target as it was when the work began. */
  readonly base: string;
  readonly tree: Tree;
  readonly prompts: Prompt[];
}

/** The agents of a history: what they push and hand in, right or wrong, on a target that has moved since. */
export class Polecats {
  readonly #forge: Forge;
  readonly #runner: ScriptedRunner;
  readonly #dice: Dice;
  readonly #wishOf: (title: string) => Wish;
  readonly #working = new Map<string, Working>();

  constructor(forge: Forge, runner: ScriptedRunner, dice: Dice, wishOf: (title: string) => Wish) {
    this.#forge = forge;
    this.#runner = runner;
    this.#dice = dice;
    this.#wishOf = wishOf;
  }

  get runs(): Start[] {
    return [...this.#working.values()].map(({ start }) => start);
  }

  async begin(start: Start): Promise<void> {
    const base = (await this.#forge.head('main'))!;
    this.#working.set(start.runId, { start, base, tree: await this.#forge.treeOf(base), prompts: [] });
    this.#runner.report({ kind: 'turn.started', runId: start.runId, generation: start.generation, nudgeId: null });
  }

  prompt(prompt: Prompt): void {
    const working = this.#working.get(prompt.runId);
    if (working) working.prompts.push(prompt);
    else this.#runner.turn(prompt, prompt.nudgeId);
  }

  stop(runId: string): void {
    this.#working.delete(runId);
  }

  /** They are gone with their machine. */
  end(): void {
    this.#working.clear();
  }

  /** The one that began first, or any: pushes its commit, calls `gt_done`, ends its turn. */
  async handIn(calm: boolean): Promise<boolean> {
    const all = [...this.#working.values()];
    const one = calm ? all[0] : all.length > 0 ? this.#dice.pick(all) : undefined;
    if (!one) return false;
    const { start, prompts } = one;
    this.#working.delete(start.runId);
    const { runId, generation } = start;
    const wrong = !calm && this.#dice.next() < 0.12;
    const commit = await this.#push(one, wrong, calm);
    const branch = start.context.branch ?? '';
    const commits = [{ sha: commit, subject: 'work', author: 'polecat', at: 1 }];
    this.#runner.tool(start, 'done', { summary: 'it works' }, { branch, headCommit: commit, ahead: 1, commits });
    // Some go on after they have handed in: what is reviewed is what was handed in (H12).
    if (!calm && this.#dice.next() < 0.1)
      await this.#forge.commit(branch, new Map(await this.#forge.treeOf(commit)).set('parts/later', 'more\n'), 'Later', [commit]);
    this.#runner.report({ kind: 'turn.ended', runId, generation, stopReason: 'end_turn', failure: null });
    for (const prompt of prompts) this.#runner.turn(prompt, prompt.nudgeId);
    return true;
  }

  /** First work is on the target as the agent found it; more work on the same bead goes on from its branch, or begins anew on the target of now. */
  async #push({ start, base, tree }: Working, wrong: boolean, calm: boolean): Promise<string> {
    const wish = this.#wishOf(start.context.bead!.title);
    const branch = start.context.branch!;
    const before = await this.#forge.head(branch);
    if (before === null && !calm) return this.#forge.commit(branch, done(tree, wish, wrong), `Work on ${wish.number}`, [base]);
    const now = (await this.#forge.head('main'))!;
    const parents = before !== null && this.#dice.next() < 0.5 ? [before, now] : [now];
    return this.#forge.commit(branch, done(await this.#forge.treeOf(now), wish, wrong), `Work on ${wish.number} again`, parents);
  }
}
