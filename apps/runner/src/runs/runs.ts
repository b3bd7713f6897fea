import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { Failure, Generation, Report, Result, RigId, RunId, RunnerEffect } from '@gastown/protocol';
import type { AgentKind } from '../agents/agent-kind.ts';
import { poolName } from '../agents/pool-need.ts';
import { makeCheckouts } from '../browse/checkouts.ts';
import type { Checkouts } from '../browse/checkouts.ts';
import { about } from '../system/log.ts';
import { within } from '../system/within.ts';
import { asidesLanded } from './aside.ts';
import { inCommon } from './common.ts';
import { STORE_MS } from './ending.ts';
import type { Ending } from './ending.ts';
import { clearWorktree, pushLeft } from './place.ts';
import type { Place, RunStart } from './place.ts';
import { makePhases } from './phases.ts';
import { makePreparing } from './preparing.ts';
import type { Preparing } from './preparing.ts';
import { firstMessage } from './renewing.ts';
import { noSuchRun } from './run.ts';
import type { Run } from './run.ts';
import type { Saver } from './save.ts';
import { needOf, openRun, saverFor } from './open-run.ts';
import type { RunsSurroundings } from './surroundings.ts';

/**
 * All live runs of this process. Owns the map; one run per run id, and per agent (AG-12): a newer generation replaces the older one's place.
 */
export interface Runs {
  /** The first turn begins when `begin` is called: after the town knows the session, or its model calls would be refused. */
  start(effect: RunStart): Promise<Result<{ run: Run; begin: () => void }>>;
  /** The Mayor's waits a little for the code at its desk to be fresh (MY-7), unless it is urgent. */
  prompt(effect: Extract<RunnerEffect, { kind: 'run.prompt' }>): Promise<Result<null>>;
  interrupt(runId: RunId): Promise<Result<null>>;
  /** What was decided about a question. One that waits no longer is fine: its agent went on without. */
  answer(effect: Extract<RunnerEffect, { kind: 'permission.answer' }>): Result<null>;
  stop(runId: RunId): Promise<void>;
  /** The branch is to be deleted: when this resolves, neither a live run nor what an earlier runner left makes it again (BR-6). */
  retireBranch(rigId: RigId, branch: string): Promise<void>;
  live(): { runId: RunId; generation: Generation; turnInFlight: boolean }[];
  readonly preparing: Preparing['starts'];
  stopAll(): Promise<void>;
  /** No run starts any more; each that is here ends with its turn, its work kept (DR-1). Resolves when none is left. */
  drain(): Promise<void>;
  /** The same, without waiting for the ends of turns. */
  evictAll(): Promise<void>;
}

/** One that is here, from its start until the town was told of its end. */
interface Live {
  readonly run: Run;
  /** Null: a run without a branch. */
  readonly saver: Saver | null;
  /** The code at the Mayor's desk. */
  readonly desk: Checkouts | null;
  readonly ending: Ending;
}

type Started = Result<{ run: Run; begin: () => void }>;

/** How long a start waits for what it goes on from, or for the run before it: less than the town waits for a start. */
const LEFT_MS = 30_000;

interface Starting {
  readonly started: Promise<Started>;
  /** It was stopped, or the runner ends: it goes no further. The reason is a failure. */
  readonly off: AbortController;
}

interface Opening {
  readonly kind: AgentKind;
  readonly pool: string;
  /** The run of its agent before it is. */
  readonly silent: Promise<unknown>;
  readonly off: AbortSignal;
}

interface Opened {
  readonly one: Live;
  readonly place: Place;
  readonly lost: Failure | null;
}

export function makeRuns(around: RunsSurroundings): Runs {
  const live = new Map<RunId, Live>();
  const starting = new Map<RunId, Starting>();
  const preparing = makePreparing(around);
  /** Those that the town was told are over while what they made is being kept still, which takes very long. */
  const leaving = new Set<Live>();
  /** Ends that are under way: a run stays here until its worktree is cleared. */
  const endings = new Map<RunId, Promise<void>>();
  const say = (report: Report): void => void around.link().report(report);
  let renewal: NodeJS.Timeout | null = null;
  let draining = false;
  let onEmpty: () => void = () => undefined;

  /** Leases of runs with a turn in flight are renewed together; without such a run no timer exists. One that waits for a person has none. */
  const renewWhileWorking = (): void => {
    renewal ??= setTimeout(() => {
      renewal = null;
      const working = [...live.values()].map(({ run }) => run).filter((run) => run.turns.inFlight() && !run.asks.waiting());
      if (working.length === 0) return;
      say({
        kind: 'renew',
        runs: working.map(({ runId, generation, turns }) => ({ runId, generation, lastActivityAt: turns.lastActivityAt() })),
      });
      renewWhileWorking();
    }, LIMITS.leaseRenewMs.value);
  };

  /** Brings to the repository what the end of the run could not; nothing to a branch that is not its own any more. */
  const clear = async (runId: RunId, saver: Saver | null = null): Promise<void> => {
    const left = await clearWorktree(around, runId);
    const isOwn = saver?.mayPush() ?? true;
    if (left !== null) await within(STORE_MS, pushLeft(around, isOwn ? left : { ...left, head: null }));
  };
  const clearIfPossible = (runId: RunId): Promise<void> =>
    clear(runId).catch((cause: unknown) => around.log('run.not_cleared', { runId, reason: String(cause) }));

  const lookWhetherEmpty = (): void => {
    if (draining && live.size === 0 && starting.size === 0 && endings.size === 0) onEmpty();
  };
  const end = (runId: RunId, lost: Failure | null): Promise<void> => {
    const over = endings.get(runId) ?? live.get(runId)?.ending.end(lost);
    if (over === undefined) return Promise.resolve();
    if (!endings.has(runId))
      void over.then(() => {
        endings.delete(runId);
        lookWhetherEmpty();
      });
    endings.set(runId, over);
    return over;
  };
  const forget = (runId: RunId): void => {
    const one = live.get(runId);
    live.delete(runId);
    if (one === undefined) return;
    leaving.add(one);
    void one.ending.kept.then(() => leaving.delete(one));
  };
  /** The runner ends. */
  const evict = (runId: RunId): void => {
    live.get(runId)?.ending.hurry();
    void end(runId, failure('runner_drained'));
  };

  /** Of its agent, and of its work, there is one run: those that are here end. What they have no more to do with the new one, they do beside it. */
  const endThoseBefore = (effect: RunStart): { kept: Promise<unknown>; silent: Promise<unknown> } => {
    const kept: Promise<unknown>[] = [];
    const silent: Promise<unknown>[] = [];
    for (const { run, saver, ending } of live.values()) {
      const common = inCommon(effect, run, saver);
      if (common === 'nothing') continue;
      const over = end(run.runId, null);
      if (common === 'work') kept.push(over);
      else silent.push(ending.silent);
    }
    for (const { run, saver, ending } of leaving) if (inCommon(effect, run, saver) === 'work') kept.push(ending.kept);
    return { kept: Promise.all(kept), silent: Promise.all(silent) };
  };

  const startNew = async (effect: RunStart, off: AbortSignal): Promise<Started> => {
    const { runId } = effect;
    const agent = around.installed.find(({ kind }) => kind.id === effect.agentKind);
    if (agent === undefined) return refuse(failure('agent_unknown', `The agent "${effect.agentKind}" is not installed here.`));
    const cleared = await within(LEFT_MS, around.leftovers.of([effect.context.branch, effect.startFrom], runId));
    if (cleared === null) return refuse(failure('runner_keeping'));
    if (draining) return refuse(failure('runner_drained'));
    if (off.aborted) return refuse(off.reason as Failure);
    const before = endThoseBefore(effect);
    if ((await within(LEFT_MS, before.kept)) === null) return refuse(failure('runner_keeping'));
    const pool = poolName(needOf(effect), effect.permissions);
    const opened = await around
      .holding(pool, () => openNew(effect, { kind: agent.kind, pool, silent: before.silent, off }))
      .catch(async (cause: unknown) => {
        await clearIfPossible(runId);
        throw cause;
      });
    if (!opened.ok) {
      await clearIfPossible(runId);
      return opened;
    }
    const { one, place, lost } = opened.value;
    live.set(runId, one);
    if (draining) {
      one.ending.hurry();
      await end(runId, null);
      return refuse(failure('runner_drained'));
    }
    if (lost !== null) one.run.lose(lost);
    void one.desk?.freshen(effect.context.rigs);
    const begin = (): void => {
      const text = firstMessage(effect, agent.kind, place);
      if (text === null) return;
      one.run.turns.add({ nudgeId: null, text, again: false, source: 'town', mode: 'wait-idle' });
      renewWhileWorking();
    };
    return ok({ run: one.run, begin });
  };

  /** Everything of a start that may fail. */
  const openNew = async (effect: RunStart, { kind, pool, silent, off }: Opening): Promise<Result<Opened>> => {
    const { runId } = effect;
    const phases = makePhases(() => Math.round(performance.now()));
    const place = await preparing.place(effect, pool, phases, off);
    if (!place.ok) return place;
    const log = about(around.log, { agentId: effect.agentId, rigId: effect.context.rig?.id ?? null });
    const ofRun = { ...around, log };
    const saver = await saverFor(ofRun, effect, place.value);
    await silent;
    if (off.aborted) return refuse(off.reason as Failure);
    const opened = await openRun(ofRun, effect, kind, place.value, {
      say,
      saver,
      forget: () => forget(runId),
      clear: () => clear(runId, saver),
      onAsk: renewWhileWorking,
      onTurnEnd: () => draining && evict(runId),
      onLost: (lost) => void end(runId, lost),
      phases,
    });
    if (!opened.ok) return opened;
    const cell = around.cells.agent(pool, null);
    const desk = place.value.work === null ? makeCheckouts(around, { path: place.value.cwd, cell }) : null;
    return ok({ one: { ...opened.value, saver, desk }, place: place.value, lost: opened.value.lost });
  };

  return {
    start(effect) {
      const run = live.get(effect.runId)?.run;
      if (run !== undefined) return Promise.resolve(ok({ run, begin: () => undefined }));
      const same = starting.get(effect.runId);
      if (same !== undefined) return same.started;
      const off = new AbortController();
      const started = startNew(effect, off.signal).finally(() => {
        starting.delete(effect.runId);
        lookWhetherEmpty();
      });
      starting.set(effect.runId, { started, off });
      return started;
    },
    async prompt({ runId, nudgeId, text, source, mode, again, rigs, handedIn }) {
      const fresh = rigs === undefined ? undefined : live.get(runId)?.desk?.freshen(rigs);
      if (fresh !== undefined && mode !== 'immediate') await within(LIMITS.browseWaitMs.value, fresh);
      const run = live.get(runId)?.run;
      if (run === undefined || endings.has(runId)) return refuse(noSuchRun(runId));
      run.turns.add({
        nudgeId,
        text,
        again,
        source,
        mode,
        handedIn,
      });
      renewWhileWorking();
      return ok(null);
    },
    async interrupt(runId) {
      const run = live.get(runId)?.run;
      if (run === undefined) return refuse(noSuchRun(runId));
      await run.turns.interrupt();
      return ok(null);
    },
    answer({ runId, requestId, decision }) {
      const run = live.get(runId)?.run;
      if (run === undefined) return refuse(noSuchRun(runId));
      run.asks.answer(requestId, decision);
      return ok(null);
    },
    async stop(runId) {
      const start = starting.get(runId);
      start?.off.abort(failure('run_over'));
      await start?.started;
      await end(runId, null);
      // Of a run that is not here, or whose worktree could not be cleared: then the town is told, and asks again.
      await clear(runId);
    },
    async retireBranch(rigId, branch) {
      for (const { saver } of live.values()) if (saver?.rigId === rigId && saver.branch === branch) saver.retire();
      await around.leftovers.of([branch]);
      // Best effort: what is not marked stays.
      await asidesLanded(around.state, rigId, branch, around.now()).catch((cause: unknown) =>
        around.log('run.aside_not_noted', { branch, reason: String(cause) }),
      );
    },
    preparing: preparing.starts,
    live: () => [...live.values()].map(({ run: { runId, generation, turns } }) => ({ runId, generation, turnInFlight: turns.inFlight() })),
    async stopAll() {
      if (renewal !== null) clearTimeout(renewal);
      for (const runId of live.keys()) void end(runId, null);
      await Promise.all(endings.values());
    },
    drain() {
      draining = true;
      for (const { off } of starting.values()) off.abort(failure('runner_drained'));
      const empty = new Promise<void>((resolve) => (onEmpty = resolve));
      for (const { run } of live.values()) if (!run.turns.inFlight()) evict(run.runId);
      lookWhetherEmpty();
      return empty;
    },
    async evictAll() {
      for (const runId of live.keys()) evict(runId);
      await Promise.all(endings.values());
    },
  };
}
