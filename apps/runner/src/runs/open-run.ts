import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { rolePrompt, runInstructions } from '@gastown/prompts';
import { ok } from '@gastown/protocol';
import type { AgentId, Failure, Report, Result, RunId, TerminalKind } from '@gastown/protocol';
import { logicalTool, toolNaming } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { PermissionQuestion, SessionWish } from '../agents/driver.ts';
import type { InstalledAgent } from '../agents/installed.ts';
import { poolName } from '../agents/pool-need.ts';
import type { PoolNeed } from '../agents/pool-need.ts';
import type { Pool, PoolSession } from '../agents/pool.ts';
import type { AgentStream } from '../agents/stream.ts';
import { makeTranscript } from '../agents/transcript.ts';
import type { Conversations } from '../conversations/conversations.ts';
import { startText } from '../git/outside.ts';
import type { Link } from '../link/link.ts';
import type { ToolServer } from '../mcp/server.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { within } from '../system/within.ts';
import { makeAnswers } from './answers.ts';
import { makeEnding, STORE_MS } from './ending.ts';
import type { Ending } from './ending.ts';
import { answerCall, makeCaller } from './calls.ts';
import type { Leftovers } from './leftovers.ts';
import { noteHandIn } from './place.ts';
import type { Place, PlaceSurroundings, RunStart } from './place.ts';
import { conversationOf, goesOn, greet } from './memory.ts';
import type { Brought } from './memory.ts';
import type { Phases } from './phases.ts';
import { renewing } from './renewing.ts';
import { makeRun } from './run.ts';
import type { Run } from './run.ts';
import { makeSaver } from './save.ts';
import type { Saver } from './save.ts';
import { prepare, setupHome } from './setup.ts';

export interface RunsSurroundings extends PlaceSurroundings {
  readonly installed: readonly InstalledAgent[];
  readonly pool: Pool;
  readonly tools: ToolServer;
  /** The token of a pool at the model door. */
  readonly askDoor: (pool: string) => Promise<string>;
  readonly link: () => Link;
  readonly openStream: (agentId: AgentId, runId: RunId, onTerminalWanted: (kind: TerminalKind) => void) => AgentStream;
  readonly terminals: Terminals;
  readonly conversations: Conversations;
  readonly leftovers: Pick<Leftovers, 'of'>;
  readonly silenceMs: number;
  readonly now: () => number;
  readonly path: string;
  readonly lang: string;
  readonly redact: (text: string) => string;
}

/** Who has it among the others. */
export interface Holder {
  readonly say: (report: Report) => void;
  readonly saver: Saver | null;
  /** The town knows that the run is over. */
  readonly forget: () => void;
  readonly clear: () => Promise<void>;
  readonly onAsk: () => void;
  readonly onTurnEnd: () => void;
  readonly onLost: (lost: Failure) => void;
  readonly phases: Phases;
}

export async function saverFor(around: RunsSurroundings, { context }: RunStart, { work }: Place): Promise<Saver | null> {
  const targetBranch = context.targetBranch ?? context.rig?.defaultBranch ?? null;
  return work === null || targetBranch === null ? null : makeSaver(around, { ...work, targetBranch });
}

export const needOf = ({ agentKind, model, modelShape, context }: RunStart): PoolNeed => ({
  agentKind,
  model,
  shape: modelShape,
  rigId: context.rig?.id ?? null,
});

/** What prepares the worktree, as its agent's user, told in the transcript, also of a start that ends with it (AG-22). */
export async function setUp(around: RunsSurroundings, { runId, agentId, setup }: RunStart, { work }: Place): Promise<Result<null>> {
  if (setup.length === 0 || work === null) return ok(null);
  const { path: cwd, cell } = work.worktree;
  const environment = { PATH: around.path, LANG: around.lang, ...(await setupHome(around.state, cell)) };
  const stream = around.openStream(agentId, runId, () => undefined);
  let told = 0;
  const notice = (text: string): void => {
    told += 1;
    stream.put({ id: `${runId}-n-setup-${told}`, runId, at: around.now(), kind: 'notice', code: 'setup', text });
  };
  try {
    return await prepare({ cwd, cell, environment, redact: around.redact, told: notice, next: NEXT }, setup);
  } finally {
    await within(STORE_MS, stream.stored());
    stream.close();
  }
}

const NEXT = 'Read its output; correct the command in Settings › Repositories, or its worktree; then retry the bead on its page.';

/** Null `lost`: its session lives. */
export interface OpenedRun {
  readonly run: Run;
  readonly ending: Ending;
  readonly lost: Failure | null;
}

/** Opens the session of a run and puts together what makes it one. */
export async function openRun(
  around: RunsSurroundings,
  effect: RunStart,
  kind: AgentKind,
  place: Place,
  holder: Holder,
): Promise<Result<OpenedRun>> {
  const { runId, generation, context, agentId } = effect;
  const { role } = context.agent;
  let run: Run | null = null;
  let onUpdate: ((update: SessionUpdate) => void) | null = null;
  let lost: Failure | null = null;
  const answers = makeAnswers();
  const caller = makeCaller({ effect, place, saver: holder.saver, noteHandIn: () => noteHandIn(around, runId) });
  const need = needOf(effect);
  const pool = poolName(need, effect.permissions);
  const guest = {
    role,
    instructions: runInstructions(context, toolNaming(kind)),
    call: async (call) => {
      run?.noticeActivity();
      const answer = await answerCall(around, caller, call);
      run?.noticeActivity();
      if (answer.ok) answers.keep(call.tool, answer.value);
      return answer;
    },
    doorToken: () => around.askDoor(pool),
  } satisfies Parameters<ToolServer['admit']>[0];
  let tools = around.tools.admit(guest);
  const conversation = goesOn(effect)
    ? conversationOf(around, { agentId, generation: effect.generation, kind, pool, rigId: need.rigId })
    : null;
  let brought: Brought = 'none';
  const wish: SessionWish = {
    kind,
    cwd: place.cwd,
    role,
    rolePrompt: rolePrompt(role, toolNaming(kind)),
    permissions: effect.permissions,
    onPermission: (question: PermissionQuestion) => run?.asks.ask(question) ?? Promise.resolve(null),
    toolUrl: tools.url,
    onProcess: tools.from,
    async beforeOpen() {
      holder.phases.end('process');
      if (conversation !== null && effect.resumeSessionId !== null) brought = await conversation.bring(effect.resumeSessionId);
      holder.phases.end('memory');
    },
    resumeSessionId: effect.resumeSessionId,
    onUpdate: (update: SessionUpdate) => onUpdate?.(update),
  };
  const open = (wanted: SessionWish): ReturnType<Pool['open']> =>
    around.pool.open(need, wanted, (failed) => {
      lost = failed;
      run?.lose(failed);
    });
  const wasUntold = conversation !== null && effect.resumeSessionId !== null ? around.conversations.untold(agentId) : null;
  const session = await open(wish);
  if (!session.ok) {
    tools.dismiss();
    return session;
  }
  let current: PoolSession = session.value;
  const terminals = around.terminals.of({
    agentId,
    runId,
    cwd: place.cwd,
    cell: session.value.cell,
    live: () => current.liveView(),
  });
  const stream = around.openStream(
    agentId,
    runId,
    (wanted) => void terminals.open(wanted).then((opened) => opened.ok || stream.refuseTerminal(wanted, opened.failure)),
  );
  holder.phases.end('session');
  const readyAt = performance.now();
  const { resumed } = session.value;
  const untold = resumed && (await wasUntold) === true;
  const lostMemory = untold || effect.isFull || (effect.resumeSessionId !== null && !resumed);
  const why = effect.isFull ? 'full' : 'lost';
  const past = lostMemory ? await around.conversations.past({ agentId, role, why, runId: null }) : null;
  const transcript = makeTranscript({ runId, logicalTool: (reported) => logicalTool(kind, reported), answerOf: answers.take });
  current = renewing(around, {
    effect,
    kind,
    place,
    session: session.value,
    past,
    need,
    wish,
    open(renewed) {
      // What the session before started may know its address.
      tools.dismiss();
      tools = around.tools.admit(guest);
      return open({ ...renewed, toolUrl: tools.url, onProcess: tools.from });
    },
    stream,
    transcript,
    noticeActivity: () => run?.noticeActivity(),
  });
  const made = makeRun({
    runId,
    agentId,
    generation,
    session: current,
    stream,
    transcript,
    silenceMs: around.silenceMs,
    now: around.now,
    say: holder.say,
    onAsk: holder.onAsk,
    onTurnEnd() {
      void holder.saver?.save('turn');
      void conversation?.keep(current.id, 'turn');
      holder.onTurnEnd();
    },
    onLost: holder.onLost,
  });
  const ending = makeEnding(
    {
      async fallSilent() {
        const ends = await Promise.allSettled([made.run.fallSilent(), terminals.end()]);
        const broken = ends.find((end) => end.status === 'rejected');
        if (broken !== undefined) throw broken.reason;
      },
      async keep() {
        tools.dismiss();
        const pushed = holder.saver?.save('end');
        await holder.saver?.kept();
        const told = within(STORE_MS, Promise.all([stream.stored(), pushed]));
        return { stored: Promise.all([told, conversation?.keep(current.id, 'end')]) };
      },
      tell(failed) {
        if (failed !== null) holder.say({ kind: 'run.lost', runId, generation, failure: failed });
        holder.forget();
        stream.close();
      },
      clear: holder.clear,
    },
    around.log,
  );
  run = made.run;
  let heard = false;
  onUpdate = (update) => {
    if (heard || !made.run.turns.inFlight()) return made.onUpdate(update);
    around.log('run.first_event', { runId, ...holder.phases.ms(), firstEventMs: Math.round(performance.now() - readyAt) });
    heard = true;
    made.onUpdate(update);
  };
  greet(stream, effect, { resumed, brought, untold, told: past !== null, phases: holder.phases }, around.now());
  const missing = startText(place.outside);
  if (missing !== null) stream.put({ id: `${runId}-n-outside`, runId, at: around.now(), kind: 'notice', code: 'outside', text: missing });
  return ok({ run, ending, lost });
}
