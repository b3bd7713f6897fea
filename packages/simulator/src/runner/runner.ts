import {
  failure,
  HOME_RUNNER,
  LIMITS,
  targetMissing,
  type EffectId,
  type Outcome,
  type Failure,
  type RunId,
  type RunnerEffect,
  type RunnerId,
  type ToRunner,
} from '@gastown/protocol';
import type { Forge } from '../forge/forge.ts';
import type { Wishes } from '../people/wishes.ts';
import type { Door } from '../town/door.ts';
import type { RunnerWire, Shell } from '../town/shell.ts';
import type { Planned } from '../world/queue.ts';
import type { Random } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { End } from '../world/wire.ts';
import { Journal } from './journal.ts';
import { Link } from './link.ts';
import { performInRepository, type OfRepository } from './repository-effects.ts';
import { Session } from './session.ts';
import { failed, NONE } from './outcomes.ts';

/** What a runner is put into. */
export interface Ground {
  readonly world: World;
  readonly forge: Forge;
  readonly shell: Shell;
  connect(end: End<ToRunner>, pass: Pass): RunnerWire;
  readonly door: Door;
  readonly wishes: Wishes;
  /** Nudges that a session has shown, by id, over all runners (I13). */
  readonly shown: Map<string, number>;
}
/** Which runner it is, and the number of the token that says so. */
export interface Pass {
  readonly id: RunnerId;
  readonly serial: number;
}
type Of<K extends RunnerEffect['kind']> = Extract<RunnerEffect, { kind: K }>;
type Then = (outcome: Outcome) => void;
/** Not for a runner that is ending; the next one gets it. */
const NEW_WORK: readonly RunnerEffect['kind'][] = ['rig.connect', 'run.start', 'run.prompt', 'merge.test', 'branch.delete'];

/** One life of a runner: link, journal, sessions. It ends with its machine, by a crash, or because the town sent it away. */
export class Runner {
  readonly id: RunnerId;
  readonly instance: string;
  readonly ground: Ground;
  readonly random: Random;
  readonly link: Link;
  readonly sessions = new Map<RunId, Session>();
  /** Starts that are at their worktree. */
  readonly preparing = new Set<Of<'run.start'>>();
  readonly disk: Set<string>;
  alive = true;
  draining = false;
  #hangs = false;
  /** Effects that are being performed. */
  #underWay = 0;
  /** Its process is over, for whatever reason: its machine hears of it. */
  onEnd: (sentAway: Failure | null) => void = () => undefined;
  readonly #journal = new Journal();
  #renewal: Planned | null = null;

  constructor(ground: Ground, name: string, disk: Set<string>, pass: Pass) {
    this.ground = ground;
    this.id = pass.id;
    this.random = ground.world.stream(name);
    this.instance = this.random.hex(12);
    this.disk = disk;
    this.link = new Link(ground.world, this.random, {
      connect: (end) => ground.connect(end, pass),
      hello: () => ({ t: 'hello', protocol: 1, instance: this.instance, agentKinds: ['kilo'], runs: this.#live() }),
      onEffect: (frame) => this.#take(frame.effectId, frame.effect),
      onBye: (why) => {
        this.tell(() => `is sent away: ${why.message}`);
        this.end(why);
      },
    });
    this.tell(() => 'says hello');
  }

  tell(what: () => string): void {
    this.ground.world.tell(`${this.id === HOME_RUNNER ? 'runner' : 'machine'} ${this.instance.slice(0, 4)}`, what);
  }
  #live() {
    return [...this.sessions.values()].map(({ runId, generation, turnInFlight }) => ({ runId, generation, turnInFlight }));
  }

  /** Later, if this runner still lives then. */
  after(ms: number, act: () => void): Planned {
    return this.ground.world.after(ms, () => {
      if (this.alive && !this.#hangs) act();
    });
  }

  get hangs(): boolean {
    return this.#hangs;
  }
  /** The process stands still, its socket open: only its end helps. */
  hang(): void {
    this.tell(() => 'hangs');
    this.#hangs = true;
    this.link.hang();
  }

  /** Asked to end (DR-1): nothing new, turns may end, then what is left is ended, told, and it exits. A hung one hears nothing of it. */
  drain(graceMs: number): void {
    if (this.draining || this.#hangs || !this.alive) return;
    this.tell(() => `is asked to end within ${Math.round(graceMs / 1_000)} s`);
    this.draining = true;
    this.link.report({ kind: 'draining', graceMs });
    for (const session of this.sessions.values()) if (!session.turnInFlight) session.evict();
    const until = this.ground.world.now + graceMs;
    const look = (): void => {
      const late = this.ground.world.now >= until;
      if (late) for (const session of this.sessions.values()) session.evict();
      if (this.sessions.size > 0 || (this.#underWay > 0 && !late)) return void this.after(1_000, look);
      this.#leave(5);
    };
    look();
  }
  /** What was told is committed, or nobody listens. */
  #leave(patience: number): void {
    if (this.link.settled || patience === 0) return this.end();
    this.after(1_000, () => this.#leave(patience - 1));
  }

  /** Gone at once: nothing of it is heard again. */
  end(sentAway: Failure | null = null): void {
    if (!this.alive) return;
    this.alive = false;
    for (const session of this.sessions.values()) session.drop();
    this.sessions.clear();
    this.link.close();
    this.onEnd(sentAway);
  }

  #take(effectId: EffectId, effect: RunnerEffect): void {
    if (this.ground.world.strikes('runner.crashes')) {
      this.tell(() => `crashes over ${effect.kind}`);
      return this.end();
    }
    if (this.draining && NEW_WORK.includes(effect.kind)) return;
    let begun: (() => void) | undefined;
    let counted = false;
    this.#journal.once(
      effectId,
      (then) => {
        counted = true;
        this.#underWay += 1;
        this.#renewWhileWorking();
        this.#perform(effect, then, (begin) => (begun = begin));
      },
      (outcome) => {
        this.tell(() => `${effect.kind}: ${outcome.state === 'failed' ? outcome.failure.code : outcome.value.kind}`);
        const begin = begun;
        begun = undefined;
        if (counted) this.#underWay -= 1;
        counted = false;
        this.link.report({ kind: 'outcome', effectId, outcome }, () => {
          if (this.alive) begin?.();
        });
      },
    );
  }

  #perform(effect: RunnerEffect, then: Then, onBegin: (begin: () => void) => void): void {
    switch (effect.kind) {
      case 'run.start':
        return this.#start(effect, then, onBegin);
      case 'run.prompt':
        return then(this.#session(effect.runId, (session) => session.add(effect)));
      case 'run.interrupt':
        return then(this.#session(effect.runId, (session) => session.interrupt()));
      case 'permission.answer':
        return then(this.#session(effect.runId, (session) => session.answered(effect)));
      case 'run.stop':
        this.sessions.get(effect.runId)?.stop();
        for (const start of this.preparing) if (start.runId === effect.runId) this.preparing.delete(start);
        return then(NONE);
      default:
        return performInRepository(this, effect satisfies OfRepository, then);
    }
  }
  #session(runId: RunId, act: (session: Session) => void): Outcome {
    const session = this.sessions.get(runId);
    if (!session) return failed(failure('unknown_run', `${runId} is not here.`));
    act(session);
    this.#renewWhileWorking();
    return NONE;
  }

  #start(effect: Of<'run.start'>, then: Then, onBegin: (begin: () => void) => void): void {
    const there = this.sessions.get(effect.runId);
    if (there) return then(there.outcome);
    const { world, forge } = this.ground;
    this.preparing.add(effect);
    const fetches = world.strikes('runner.fetches_long') ? this.random.wait(2 * LIMITS.preparingMs.value) : this.random.wait(4_000);
    this.after(fetches, () => {
      if (!this.preparing.delete(effect)) return then(failed(failure('stopped_by_person'), true));
      for (const older of this.sessions.values()) if (older.agentId === effect.agentId) older.stop();
      if (this.draining) return then(failed(failure('runner_drained'), true));
      const refused = effect.gitUrl ? forge.refusal(effect.gitUrl, this.token(effect.context.rig?.id ?? '')) : null;
      if (refused) return then(failed(refused, refused.code === 'repository_unreachable'));
      const { targetBranch: target } = effect.context;
      const repository = effect.gitUrl ? forge.at(effect.gitUrl) : null;
      if (repository && target !== null && repository.lacks(target)) return then(failed(targetMissing(target, repository.target), false));
      if (world.strikes('runner.is_full')) return then(failed(failure('runner_full'), true));
      if (world.strikes('agent.start_fails')) return then(this.#failsToStart());
      const session = new Session(this, effect);
      this.sessions.set(effect.runId, session);
      onBegin(() => {
        session.begin();
        this.#renewWhileWorking();
      });
      then(session.outcome);
    });
  }
  #failsToStart(): Outcome {
    const code = this.random.pick(['agent_crashed', 'setup_failed', 'dispatch_failed', 'internal'] as const) ?? 'internal';
    return failed(failure(code), code !== 'setup_failed');
  }

  /** The rig's token, asked for at the moment of use. The simulator's seal is the text itself. */
  token(rigId: string): string | null {
    return this.ground.shell.town?.sealedRigToken(rigId as never)?.replace('sealed:', '') ?? null;
  }

  #renewWhileWorking(): void {
    if (this.#renewal !== null) return;
    this.#renewal = this.after(LIMITS.leaseRenewMs.value, () => {
      this.#renewal = null;
      const working = [...this.sessions.values()].filter((session) => session.turnInFlight && !session.asks);
      if (working.length === 0 && this.#underWay === 0) return;
      this.link.report({
        kind: 'renew',
        runs: [
          ...working.map(({ runId, generation, activityAt }) => ({ runId, generation, lastActivityAt: activityAt })),
          ...[...this.preparing].map(({ runId, generation }) => ({ runId, generation, lastActivityAt: this.ground.world.now })),
        ],
      });
      this.#renewWhileWorking();
    });
  }
  /** A turn began: its lease is renewed while it goes on. */
  turnBegan(): void {
    this.#renewWhileWorking();
  }
}
