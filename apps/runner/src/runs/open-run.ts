import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { rolePrompt } from '@gastown/prompts';
import { ok } from '@gastown/protocol';
import type { Failure, Result } from '@gastown/protocol';
import { logicalTool, toolNaming } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { PermissionQuestion, SessionWish } from '../agents/driver.ts';
import { poolName } from '../agents/pool-need.ts';
import type { PoolNeed } from '../agents/pool-need.ts';
import type { Pool, PoolSession } from '../agents/pool.ts';
import { makeTranscript } from '../agents/transcript.ts';
import { startText } from '../git/outside.ts';
import type { Ending } from './ending.ts';
import { conversationOf, goesOn, greet, pastOf } from './memory.ts';
import type { Brought } from './memory.ts';
import type { Place, RunStart } from './place.ts';
import { renewing } from './renewing.ts';
import { endingOf } from './run-ending.ts';
import { admitRun } from './run-tools.ts';
import { makeRun } from './run.ts';
import type { Run } from './run.ts';
import { makeSaver } from './save.ts';
import type { Saver } from './save.ts';
import type { Holder, RunsSurroundings } from './surroundings.ts';

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
  const noticeActivity = (): void => run?.noticeActivity();
  const need = needOf(effect);
  const pool = poolName(need, effect.permissions);
  const tools = admitRun(around, { effect, kind, place, pool, saver: holder.saver, noticeActivity });
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
    ...tools.address(),
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
  const { untold, past } = await pastOf(around.conversations, effect, { resumed, wasUntold });
  const transcript = makeTranscript({ runId, logicalTool: (reported) => logicalTool(kind, reported), answerOf: tools.answerOf });
  current = renewing(around, {
    effect,
    kind,
    place,
    session: session.value,
    past,
    need,
    wish,
    open(renewed) {
      tools.renew();
      return open({ ...renewed, ...tools.address() });
    },
    stream,
    transcript,
    noticeActivity,
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
  const ending = endingOf({ run: made.run, session: current, tools, terminals, stream, conversation }, holder, around.log);
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
