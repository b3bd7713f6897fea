import { failure, toolsFor, TOOL_NAMES, type FailureCode, type NudgeId, type ToolName } from '@gastown/protocol';
import type { Session } from '../runner/session.ts';

/**
 * What an agent does in one turn, by its nature. A turn that is over (interrupted, stalled, its session gone) does nothing more.
 */
export interface Turn {
  readonly session: Session;
  readonly nudgeId: NudgeId | null;
  over: boolean;
}
type Then = () => void;

const MODEL_FAILURES: readonly FailureCode[] = [
  'budget_spent',
  'no_model',
  'model_key_refused',
  'model_unreachable',
  'model_rate_limited',
  'model_overloaded',
  'model_quota_spent',
  'model_context_full',
  'model_refused',
  'run_over',
  'overloaded',
];

export function playTurn(turn: Turn): void {
  const { session } = turn;
  if (session.nature === 'agent.silent' && session.runner.random.chance(0.7)) return;
  if (session.start.context.bead) polecat(turn);
  else mayor(turn);
}

function later(turn: Turn, ms: number, act: Then): void {
  const { session } = turn;
  const slow = session.nature === 'agent.slow' ? 12 : 1;
  session.runner.after(session.runner.random.wait(ms * slow), () => {
    if (!turn.over) act();
  });
}

/** One call to the model. What the door or the provider refuses ends the turn with the reason. */
function think(turn: Turn, then: Then): void {
  const { session } = turn;
  const { runner } = session;
  const cost = (session.nature === 'agent.big_spender' ? 40 : 1) * runner.random.below(500);
  runner.ground.door.call(runner.instance, `s-${session.runId}`, cost, (why) => {
    if (turn.over || !runner.alive) return;
    session.noticeActivity();
    if (session.nature === 'agent.crashes' && runner.random.chance(0.5)) return session.crash();
    if (!why) return then();
    const code = MODEL_FAILURES.includes(why.code) ? why.code : 'model_unreachable';
    session.endTurn(turn, failure(code, why.message));
  });
}

function polecat(turn: Turn): void {
  const { session } = turn;
  const { nature, runner } = session;
  const end: Then = () => session.endTurn(turn, null);
  const commit: Then = () => session.worktree?.work(nature === 'agent.breaks_the_build');
  think(turn, () => {
    if (nature === 'agent.never_done') return later(turn, 2_000, end);
    if (runner.ground.world.strikes('agent.asks')) return asks(turn, () => (commit(), handIn(turn, false, 2, end)));
    if (nature === 'agent.lies_about_done') return handIn(turn, runner.random.chance(0.3), 0, end);
    if (nature === 'agent.wrong_tools') return tries(turn, TOOL_NAMES, 3, () => handIn(turn, false, 2, end));
    if (runner.random.chance(0.3)) status(turn);
    later(turn, 10_000, () => {
      commit();
      const hand: Then = () => think(turn, () => goThrough(turn, openSteps(session), () => handIn(turn, false, 2, end)));
      if (runner.random.chance(0.3))
        tries(
          turn,
          toolsFor('polecat').filter((tool) => tool !== 'done'),
          1,
          hand,
        );
      else hand();
    });
  });
}

/** Asks a person, and waits; now and then it loses patience. What it may not do, it does without. */
function asks(turn: Turn, then: Then): void {
  const { session } = turn;
  const { random } = session.runner;
  session.ask(turn, random.one(['web', 'outside', 'commands', 'other'] as const), () => later(turn, 3_000, then));
  if (random.chance(0.2)) later(turn, 60_000, () => session.withdraw(turn));
}

function status(turn: Turn): void {
  const { runId, generation, runner, turns } = turn.session;
  runner.link.report({ kind: 'status', runId, generation, statusLine: `turn ${turns}` });
}

const openSteps = ({ start }: Session): number => start.context.molecule?.steps.filter(({ state }) => state !== 'done').length ?? 0;
/** One step of its molecule after the other. */
function goThrough(turn: Turn, steps: number, then: Then): void {
  if (steps === 0) return then();
  turn.session.tool(turn, 'mol_advance', { summary: 'it is done' }, () => later(turn, 1_000, () => goThrough(turn, steps - 1, then)));
}

/** Calls gt_done; what is refused for a reason that work can mend is mended and tried again. */
function handIn(turn: Turn, noChanges: boolean, tries: number, then: Then): void {
  const { session } = turn;
  const args = { summary: 'it works', ...(noChanges && { no_changes: true }) };
  session.tool(turn, 'done', args, (answer) => {
    if (answer.ok || tries === 0) return then();
    if (['nothing_done', 'uncommitted_changes'].includes(answer.failure.code)) session.worktree?.work(false);
    later(turn, 5_000, () => handIn(turn, noChanges, tries - 1, then));
  });
}

/** A few tools with likely arguments, one after the other. */
function tries(turn: Turn, tools: readonly ToolName[], times: number, then: Then): void {
  const { session } = turn;
  const { runner } = session;
  const tool = runner.random.pick(tools);
  if (!tool || times === 0) return then();
  session.tool(turn, tool, runner.ground.wishes.argsOf(tool, runner.random), () =>
    later(turn, 1_000, () => tries(turn, tools, times - 1, then)),
  );
}

function mayor(turn: Turn): void {
  const { session } = turn;
  const { nature, runner } = session;
  const end: Then = () => session.endTurn(turn, null);
  think(turn, () => {
    if (nature === 'agent.never_done') return later(turn, 2_000, end);
    const tools: readonly ToolName[] = nature === 'agent.wrong_tools' ? TOOL_NAMES : [...toolsFor('mayor'), 'sling', 'sling'];
    tries(turn, tools, 1 + runner.random.below(3), end);
  });
}
