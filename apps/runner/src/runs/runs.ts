import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { firstPrompt, rolePrompt, runInstructions } from '@gastown/prompts';
import { failure, LIMITS, ok, refuse } from '@gastown/protocol';
import type { AgentId, Failure, Generation, Report, Result, RigId, RunId, RunnerEffect, TerminalKind } from '@gastown/protocol';
import { logicalTool, toolNaming } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { PermissionQuestion, SessionWish } from '../agents/driver.ts';
import type { InstalledAgent } from '../agents/installed.ts';
import { poolName } from '../agents/pool-need.ts';
import type { PoolNeed } from '../agents/pool-need.ts';
import type { Pool } from '../agents/pool.ts';
import type { AgentStream } from '../agents/stream.ts';
import { makeTranscript } from '../agents/transcript.ts';
import { makeCheckouts } from '../browse/checkouts.ts';
import type { Checkouts } from '../browse/checkouts.ts';
import type { Conversations } from '../conversations/conversations.ts';
import { outsideText } from '../git/outside.ts';
import type { Link } from '../link/link.ts';
import type { ToolServer } from '../mcp/server.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { within } from '../system/within.ts';
import { makeAnswers } from './answers.ts';
import { answerCall } from './calls.ts';
import type { Caller } from './calls.ts';
import { clearWorktree, makePlace, pushRescued } from './place.ts';
import type { Place, PlaceSurroundings, RunStart } from './place.ts';
import { afterPast, conversationOf, goesOn, greet } from './memory.ts';
import type { Brought } from './memory.ts';
import { makePhases } from './phases.ts';
import type { Phases } from './phases.ts';
import { makeRun, noSuchRun } from './run.ts';
import type { Run } from './run.ts';
import { makeSaver } from './save.ts';
import type { Saver } from './save.ts';
import { prepare, setupHome } from './setup.ts';

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
  /** The branch is deleted: no live run makes it again (BR-6). */
  retireBranch(rigId: RigId, branch: string): void;
  live(): { runId: RunId; generation: Generation; turnInFlight: boolean }[];
  stopAll(): Promise<void>;
  /** No run starts any more; each that is here ends with its turn, its work kept (DR-1). Resolves when none is left. */
  drain(): Promise<void>;
  /** The same, without waiting for the ends of turns. */
  evictAll(): Promise<void>;
}

export interface RunsSurroundings extends PlaceSurroundings {
  readonly installed: readonly InstalledAgent[];
  readonly pool: Pool;
  readonly tools: ToolServer;
  readonly link: () => Link;
  readonly openStream: (agentId: AgentId, runId: RunId, onTerminalWanted: (kind: TerminalKind) => void) => AgentStream;
  readonly terminals: Terminals;
  readonly conversations: Conversations;
  readonly silenceMs: number;
  readonly now: () => number;
  readonly path: string;
  readonly lang: string;
  readonly redact: (text: string) => string;
}

/** How long the end of a run waits for its transcript to be stored and its commits to be pushed. Both go on if it takes longer. */
const STORE_MS = 5_000;
/** How long each step may take that ends a run of a runner that ends. */
const EVICT_MS = 8_000;

export function makeRuns(around: RunsSurroundings): Runs {
  const live = new Map<RunId, Run>();
  const savers = new Map<RunId, Saver>();
  const desks = new Map<RunId, Checkouts>();
  const starting = new Map<RunId, Promise<Result<{ run: Run; begin: () => void }>>>();
  const say = (report: Report): void => void around.link().report(report);
  let renewal: NodeJS.Timeout | null = null;

  /** Leases of runs with a turn in flight are renewed together; without such a run no timer exists. One that waits for a person has none. */
  const renewWhileWorking = (): void => {
    renewal ??= setTimeout(() => {
      renewal = null;
      const working = [...live.values()].filter((run) => run.turns.inFlight() && !run.asks.waiting());
      if (working.length === 0) return;
      say({
        kind: 'renew',
        runs: working.map(({ runId, generation, turns }) => ({ runId, generation, lastActivityAt: turns.lastActivityAt() })),
      });
      renewWhileWorking();
    }, LIMITS.leaseRenewMs.value);
  };

  const clear = async (runId: RunId): Promise<void> => {
    const rescued = await clearWorktree(around, runId);
    if (rescued !== null) await within(STORE_MS, pushRescued(around, rescued));
  };

  /** Its work is kept before the town hears of its end: whoever goes on begins with it. */
  const evict = async (run: Run): Promise<void> => {
    await within(EVICT_MS, run.end());
    await within(EVICT_MS, clear(run.runId));
    say({ kind: 'run.lost', runId: run.runId, generation: run.generation, failure: failure('runner_drained') });
  };
  const evicting = new Map<RunId, Promise<void>>();
  const evictOnce = (run: Run): Promise<void> => {
    const going = evicting.get(run.runId) ?? evict(run);
    evicting.set(run.runId, going);
    return going;
  };
  let draining = false;
  let onEmpty: () => void = () => undefined;
  const lookWhetherEmpty = (): void => {
    if (draining && live.size === 0 && starting.size === 0) void Promise.all(evicting.values()).then(onEmpty);
  };

  const startNew = async (effect: RunStart): Promise<Result<{ run: Run; begin: () => void }>> => {
    const agent = around.installed.find(({ kind }) => kind.id === effect.agentKind);
    if (agent === undefined) return refuse(failure('agent_unknown', `The agent "${effect.agentKind}" is not installed here.`));
    for (const older of live.values()) if (older.agentId === effect.agentId) await older.end();
    const phases = makePhases(around.now);
    const place = await makePlace(around, effect, poolName(needOf(effect), effect.permissions));
    phases.end('place');
    if (!place.ok) return place;
    const ready = await setUp(around, effect, place.value);
    if (!ready.ok) {
      await clear(effect.runId);
      return ready;
    }
    phases.end('setup');
    const saver = await saverFor(around, effect, place.value);
    const forget = (): void => {
      live.delete(effect.runId);
      savers.delete(effect.runId);
      desks.delete(effect.runId);
      lookWhetherEmpty();
    };
    const onTurnEnd = (): void => {
      const run = live.get(effect.runId);
      if (draining && run !== undefined) void evictOnce(run);
    };
    const opened = await openRun(around, effect, agent.kind, place.value, {
      say,
      saver,
      forget,
      onAsk: renewWhileWorking,
      onTurnEnd,
      phases,
    });
    if (!opened.ok) {
      await clear(effect.runId);
      return opened;
    }
    const run = opened.value;
    if (draining) {
      await within(EVICT_MS, run.end());
      await within(EVICT_MS, clear(effect.runId));
      return refuse(failure('runner_drained'));
    }
    live.set(run.runId, run);
    if (saver !== null) savers.set(run.runId, saver);
    if (place.value.work === null) {
      const checkouts = makeCheckouts(around, {
        path: place.value.cwd,
        cell: around.cells.agent(poolName(needOf(effect), effect.permissions), null),
      });
      desks.set(run.runId, checkouts);
      void checkouts.freshen(effect.context.rigs);
    }
    const begin = (): void => {
      if (place.value.work === null) return;
      const facts = { ...place.value, missing: outsideText(place.value.outside) };
      const text = firstPrompt(effect.context, toolNaming(agent.kind), facts);
      run.turns.add({ nudgeId: null, text, again: false, source: 'town', mode: 'wait-idle' });
      renewWhileWorking();
    };
    return ok({ run, begin });
  };

  return {
    start(effect) {
      const run = live.get(effect.runId);
      if (run !== undefined) return Promise.resolve(ok({ run, begin: () => undefined }));
      const same =
        starting.get(effect.runId) ??
        startNew(effect).finally(() => {
          starting.delete(effect.runId);
          lookWhetherEmpty();
        });
      starting.set(effect.runId, same);
      return same;
    },
    async prompt({ runId, nudgeId, text, source, mode, again, rigs }) {
      const fresh = rigs === undefined ? undefined : desks.get(runId)?.freshen(rigs);
      if (fresh !== undefined && mode !== 'immediate') await within(LIMITS.browseWaitMs.value, fresh);
      const run = live.get(runId);
      if (run === undefined) return refuse(noSuchRun(runId));
      run.turns.add({
        nudgeId,
        text,
        again,
        source,
        mode,
      });
      renewWhileWorking();
      return ok(null);
    },
    async interrupt(runId) {
      const run = live.get(runId);
      if (run === undefined) return refuse(noSuchRun(runId));
      await run.turns.interrupt();
      return ok(null);
    },
    answer({ runId, requestId, decision }) {
      const run = live.get(runId);
      if (run === undefined) return refuse(noSuchRun(runId));
      run.asks.answer(requestId, decision);
      return ok(null);
    },
    async stop(runId) {
      await starting.get(runId);
      const run = live.get(runId);
      await run?.end();
      await clear(runId);
    },
    retireBranch(rigId, branch) {
      for (const saver of savers.values()) if (saver.rigId === rigId && saver.branch === branch) saver.retire();
    },
    live: () => [...live.values()].map(({ runId, generation, turns }) => ({ runId, generation, turnInFlight: turns.inFlight() })),
    async stopAll() {
      if (renewal !== null) clearTimeout(renewal);
      await Promise.all([...live.values()].map((run) => run.end()));
    },
    drain() {
      draining = true;
      const empty = new Promise<void>((resolve) => (onEmpty = resolve));
      for (const run of live.values()) if (!run.turns.inFlight()) void evictOnce(run);
      lookWhetherEmpty();
      return empty;
    },
    async evictAll() {
      await Promise.all([...[...live.values()].map(evictOnce), ...evicting.values()]);
    },
  };
}

interface Holder {
  readonly say: (report: Report) => void;
  readonly saver: Saver | null;
  readonly forget: () => void;
  readonly onAsk: () => void;
  readonly onTurnEnd: () => void;
  readonly phases: Phases;
}

async function saverFor(around: RunsSurroundings, { context }: RunStart, { work }: Place): Promise<Saver | null> {
  const targetBranch = context.targetBranch ?? context.rig?.defaultBranch ?? null;
  return work === null || targetBranch === null ? null : makeSaver(around, { ...work, targetBranch });
}

const needOf = ({ agentKind, model, modelShape, context }: RunStart): PoolNeed => ({
  agentKind,
  model,
  shape: modelShape,
  rigId: context.rig?.id ?? null,
});
/** What prepares the worktree, as its agent's user, told in the transcript, also of a start that ends with it (AG-22). */
async function setUp(around: RunsSurroundings, { runId, agentId, setup }: RunStart, { work }: Place): Promise<Result<null>> {
  if (setup.length === 0 || work === null) return ok(null);
  const { path: cwd, cell } = work.worktree;
  const stream = around.openStream(agentId, runId, () => undefined);
  let told = 0;
  const notice = (text: string): void => {
    told += 1;
    stream.put({ id: `${runId}-n-setup-${told}`, runId, at: around.now(), kind: 'notice', code: 'setup', text });
  };
  const environment = { PATH: around.path, LANG: around.lang, ...(await setupHome(around.state, cell)) };
  const done = await prepare({ cwd, cell, environment, now: around.now, redact: around.redact, told: notice }, setup);
  await within(STORE_MS, stream.stored());
  stream.close();
  return done;
}

async function openRun(around: RunsSurroundings, effect: RunStart, kind: AgentKind, place: Place, holder: Holder): Promise<Result<Run>> {
  const { runId, generation, context, agentId } = effect;
  const { role } = context.agent;
  let run: Run | null = null;
  let onUpdate: ((update: SessionUpdate) => void) | null = null;
  let lost: Failure | null = null;
  const answers = makeAnswers();
  const caller: Caller = { effect, place, saver: holder.saver, handedIn: null };
  const guest = around.tools.admit({
    role,
    instructions: runInstructions(context, toolNaming(kind)),
    call: async (call) => {
      run?.noticeActivity();
      const answer = await answerCall(around, caller, call);
      run?.noticeActivity();
      if (answer.ok) answers.keep(call.tool, answer.value);
      return answer;
    },
  });
  const need = needOf(effect);
  const conversation = goesOn(effect)
    ? conversationOf(around, { agentId, generation: effect.generation, kind, pool: poolName(need, effect.permissions), rigId: need.rigId })
    : null;
  let brought: Brought = 'none';
  const wish: SessionWish = {
    kind,
    cwd: place.cwd,
    role,
    rolePrompt: rolePrompt(role, toolNaming(kind)),
    permissions: effect.permissions,
    onPermission: (question: PermissionQuestion) => run?.asks.ask(question) ?? Promise.resolve(null),
    toolUrl: guest.url,
    onProcess: guest.from,
    async beforeOpen() {
      holder.phases.end('process');
      if (conversation !== null && effect.resumeSessionId !== null) brought = await conversation.bring(effect.resumeSessionId);
      holder.phases.end('memory');
    },
    resumeSessionId: effect.resumeSessionId,
    onUpdate: (update: SessionUpdate) => onUpdate?.(update),
  };
  const session = await around.pool.open(needOf(effect), wish, (failed) => {
    lost = failed;
    run?.lose(failed);
  });
  if (!session.ok) {
    guest.dismiss();
    return session;
  }
  const terminals = around.terminals.of({
    agentId,
    runId,
    cwd: place.cwd,
    cell: session.value.cell,
    live: session.value.liveView,
  });
  const stream = around.openStream(
    agentId,
    runId,
    (wanted) => void terminals.open(wanted).then((opened) => opened.ok || stream.refuseTerminal(wanted, opened.failure)),
  );
  holder.phases.end('session');
  const readyAt = around.now();
  const lostMemory = effect.resumeSessionId !== null && !session.value.resumed;
  const past = lostMemory ? await around.conversations.past(agentId, role) : null;
  const made = makeRun({
    runId,
    agentId,
    generation,
    session: past === null ? session.value : afterPast(session.value, past),
    stream,
    transcript: makeTranscript({ runId, logicalTool: (reported) => logicalTool(kind, reported), answerOf: answers.take }),
    silenceMs: around.silenceMs,
    now: around.now,
    say: holder.say,
    onAsk: holder.onAsk,
    onTurnEnd() {
      void holder.saver?.save('turn');
      void conversation?.keep(session.value.id, 'turn');
      holder.onTurnEnd();
    },
    async release() {
      holder.forget();
      guest.dismiss();
      const kept = within(LIMITS.conversationMs.value, Promise.resolve(conversation?.keep(session.value.id, 'end')));
      await within(STORE_MS, Promise.all([stream.stored(), holder.saver?.save('end'), terminals.end()]));
      await kept;
      stream.close();
    },
  });
  run = made.run;
  let heard = false;
  onUpdate = (update) => {
    if (heard || !made.run.turns.inFlight()) return made.onUpdate(update);
    around.log('run.first_event', { runId, ...holder.phases.ms(), firstEventMs: around.now() - readyAt });
    heard = true;
    made.onUpdate(update);
  };
  greet(stream, effect, { resumed: session.value.resumed, brought, told: past !== null, phases: holder.phases }, around.now());
  const missing = outsideText(place.outside);
  if (missing !== null) stream.put({ id: `${runId}-n-outside`, runId, at: around.now(), kind: 'notice', code: 'outside', text: missing });
  if (lost !== null) run.lose(lost);
  return ok(run);
}
