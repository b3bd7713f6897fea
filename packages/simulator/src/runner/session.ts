import {
  failure,
  LIMITS,
  type AgentId,
  type Failure,
  type Generation,
  type NudgeId,
  type Outcome,
  type PermissionCategory,
  type Result,
  type RunId,
  type RunnerEffect,
  type ToolAnswer,
  type ToolName,
} from '@gastown/protocol';
import { natureOf, type Nature } from '../agents/nature.ts';
import { playTurn, type Turn } from '../agents/turn.ts';
import { Worktree } from '../agents/worktree.ts';
import type { Planned } from '../world/queue.ts';
import { Broken } from '../world/world.ts';
import type { Runner } from './runner.ts';

/** One live run: a session of an agent, its turns one at a time, and what of it is told to the town (apps/runner/src/runs). */
export type RunStart = Extract<RunnerEffect, { kind: 'run.start' }>;
type Prompt = Extract<RunnerEffect, { kind: 'run.prompt' }>;
type Answer = Extract<RunnerEffect, { kind: 'permission.answer' }>;
const LATE_MS = 6 * 3_600_000;
interface Waiting {
  readonly nudgeId: NudgeId | null;
  readonly again: boolean;
}

export class Session {
  readonly runId: RunId;
  readonly generation: Generation;
  readonly agentId: AgentId;
  readonly start: RunStart;
  readonly nature: Nature;
  readonly runner: Runner;
  readonly outcome: Outcome;
  readonly worktree: Worktree | null;
  readonly name: string;
  activityAt: number;
  turns = 0;
  /** How long its runner takes silence for work, in ms. One that renews the lease for hours leaves it to the ladder of the town (PT-3, PT-4). */
  readonly #patience: number;
  #over = false;
  #current: Turn | null = null;
  #silence: Planned | null = null;
  readonly #queue: Waiting[] = [];
  readonly #seen = new Set<string>();
  /** What waits for a person, by request. */
  readonly #asked = new Map<string, (decision: Answer['decision']) => void>();
  #requests = 0;

  constructor(runner: Runner, start: RunStart) {
    const { world, forge } = runner.ground;
    this.runner = runner;
    this.start = start;
    this.runId = start.runId;
    this.generation = start.generation;
    this.agentId = start.agentId;
    this.activityAt = world.now;
    this.name = start.context.agent.name;
    this.nature = natureOf(world);
    this.#patience = world.strikes('runner.watches_late') ? LATE_MS : LIMITS.turnSilenceMs.value;
    const session = {
      kind: 'session',
      sessionId: `s-${start.runId}`,
      resumed: start.resumeSessionId !== null,
      model: start.model,
    } as const;
    this.outcome = { state: 'succeeded', value: session };
    this.worktree = start.gitUrl && start.context.branch ? new Worktree(forge.at(start.gitUrl), start, runner.random) : null;
    if (this.nature !== 'honest') this.tell(() => `is ${this.nature.replace('agent.', '').replaceAll('_', ' ')}`);
  }

  tell(what: () => string): void {
    this.runner.ground.world.tell(this.name, what);
  }
  get turnInFlight(): boolean {
    return this.#current !== null;
  }
  get asks(): boolean {
    return this.#asked.size > 0;
  }
  /** The turn goes on when a person, or the town, has answered. */
  ask(turn: Turn, category: PermissionCategory, then: (decision: Answer['decision']) => void): void {
    const requestId = `rq-${(this.#requests += 1)}`;
    this.tell(() => `asks for permission: ${category}`);
    this.#asked.set(requestId, (decision) => {
      if (turn.over) return;
      this.noticeActivity();
      then(decision);
    });
    this.#saysAsked(requestId, category);
    if (this.nature === 'agent.repeats_itself') this.#saysAsked(requestId, category);
  }
  #saysAsked(requestId: string, category: PermissionCategory): void {
    const { runId, generation } = this;
    const title = `words ${category}`;
    const at = this.runner.ground.world.now;
    this.runner.link.report({
      kind: 'permission.asked',
      runId,
      generation,
      requestId,
      category,
      title,
      detail: requestId,
      whole: true,
      at,
    });
  }
  /** Some agents lose patience. */
  withdraw(turn: Turn): void {
    const [requestId] = this.#asked.keys();
    const then = requestId === undefined ? undefined : this.#asked.get(requestId);
    if (requestId === undefined || turn.over) return;
    this.#asked.delete(requestId);
    this.runner.link.report({ kind: 'permission.withdrawn', runId: this.runId, generation: this.generation, requestId });
    then?.('deny');
  }
  answered({ requestId, decision }: Answer): void {
    const then = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    if (then) this.tell(() => `hears of its question: ${decision}`);
    then?.(decision);
  }
  get over(): boolean {
    return this.#over;
  }

  /** After the town knows the session: a polecat is prompted at once, the Mayor waits for messages. */
  begin(): void {
    if (this.start.context.bead) this.#put({ nudgeId: null, again: false }, false);
  }
  add({ nudgeId, again, mode }: Prompt): void {
    if (this.#seen.has(nudgeId)) return;
    this.#seen.add(nudgeId);
    this.#put({ nudgeId, again }, mode === 'immediate');
  }
  #put(prompt: Waiting, first: boolean): void {
    if (this.#over) return;
    if (first) this.#queue.unshift(prompt);
    else this.#queue.push(prompt);
    if (first && this.#current) return this.interrupt();
    this.#next();
  }

  #next(): void {
    const prompt = this.#current || this.#over ? undefined : this.#queue.shift();
    if (!prompt) return;
    this.#shows(prompt);
    this.turns += 1;
    const turn: Turn = { session: this, nudgeId: prompt.nudgeId, over: false };
    this.#current = turn;
    this.noticeActivity();
    this.runner.turnBegan();
    this.tell(() => `begins a turn${prompt.nudgeId ? ` for ${prompt.nudgeId}` : ''}`);
    this.runner.link.report({ kind: 'turn.started', runId: this.runId, generation: this.generation, nudgeId: prompt.nudgeId });
    playTurn(turn);
  }
  /** I13: what was shown before says so. */
  #shows({ nudgeId, again }: Waiting): void {
    if (nudgeId === null) return;
    const { shown } = this.runner.ground;
    const times = shown.get(nudgeId) ?? 0;
    if (times > 0 && !again) throw new Broken('I13', `${nudgeId} is shown to ${this.name} again and does not say so`);
    shown.set(nudgeId, times + 1);
  }

  /** A turn without any sign of life is ended as stalled (PT-4). */
  noticeActivity(): void {
    this.activityAt = this.runner.ground.world.now;
    if (this.#silence) return;
    this.#watch(this.#patience);
  }
  #watch(ms: number): void {
    this.#silence = this.runner.after(ms, () => {
      this.#silence = null;
      const turn = this.#current;
      const quietFor = this.runner.ground.world.now - this.activityAt;
      if (!turn || this.#over) return;
      if (this.asks) return this.#watch(this.#patience);
      if (quietFor < this.#patience) return this.#watch(this.#patience - quietFor);
      this.endTurn(turn, failure('agent_stalled', `The agent gave no sign for ${this.#patience / 1_000} seconds.`));
    });
  }

  endTurn(turn: Turn, why: Failure | null): void {
    if (turn.over || this.#over) return;
    turn.over = true;
    this.#current = null;
    this.#asked.clear();
    this.tell(() => (why ? `'s turn breaks: ${why.code}` : 'ends its turn'));
    this.worktree?.save(this.runner);
    this.runner.link.report({
      kind: 'turn.ended',
      runId: this.runId,
      generation: this.generation,
      stopReason: why ? 'error' : 'end_turn',
      failure: why,
    });
    if (this.runner.draining) return this.evict();
    this.#next();
  }
  /** The runner ends: what it did is kept, and the town told last. */
  evict(): void {
    if (this.#over) return;
    this.tell(() => 'is ended with its runner');
    const { runId, generation } = this;
    this.#close();
    this.runner.link.report({ kind: 'run.lost', runId, generation, failure: failure('runner_drained') });
  }
  interrupt(): void {
    if (this.#current) this.endTurn(this.#current, null);
  }

  /** The agent's process died: the run is lost. */
  crash(): void {
    if (this.#over) return;
    this.tell(() => 'crashes');
    this.runner.link.report({ kind: 'run.lost', runId: this.runId, generation: this.generation, failure: failure('agent_crashed') });
    this.#close();
  }
  stop(): void {
    if (this.#over) return;
    const { nature } = this;
    this.#close();
    if (nature === 'agent.late')
      this.runner.after(this.runner.random.wait(30_000), () => this.#calls('checkpoint', { data: { late: true } }, () => undefined));
  }
  /** The runner is gone with all that it held. */
  drop(): void {
    this.#over = true;
    if (this.#current) this.#current.over = true;
  }
  #close(): void {
    this.drop();
    this.worktree?.save(this.runner);
    this.runner.sessions.delete(this.runId);
  }

  tool(turn: Turn, tool: ToolName, args: unknown, then: (answer: Result<ToolAnswer>) => void): void {
    const answered = (answer: Result<ToolAnswer>): void => {
      if (turn.over) return;
      this.noticeActivity();
      then(answer);
    };
    this.#calls(tool, args, answered);
    if (this.nature === 'agent.repeats_itself') {
      this.runner.ground.world.counts.duplicates += 1;
      this.#calls(tool, args, () => undefined);
    }
  }
  #calls(tool: ToolName, args: unknown, then: (answer: Result<ToolAnswer>) => void): void {
    const { runId, generation } = this;
    const seen = tool === 'done' ? this.#evidence(args) : ({ ok: true, value: null } as const);
    if (!seen.ok) {
      this.tell(() => `calls gt_${tool}; the runner sees ${seen.failure.code}`);
      if (seen.failure.details?.['cause'] !== undefined)
        this.runner.link.report({ kind: 'hand_in.refused', runId, generation, failure: seen.failure });
      this.runner.after(100, () => then(seen));
      return;
    }
    this.tell(() => `calls gt_${tool}`);
    this.runner.link.call({ runId, generation, tool, args, evidence: seen.value }, (answer) => {
      this.tell(() => `hears of gt_${tool}: ${answer.ok ? answer.value.summary.slice(0, 90) : answer.failure.code}`);
      if (tool === 'done' && answer.ok) this.worktree?.accepted(seen.value);
      then(answer);
    });
  }
  #evidence(args: unknown): ReturnType<Worktree['handIn']> {
    const noChanges = typeof args === 'object' && args !== null && 'no_changes' in args && args.no_changes === true;
    return this.worktree ? this.worktree.handIn(this.runner, noChanges) : { ok: true, value: null };
  }
}
