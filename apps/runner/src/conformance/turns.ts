import { setTimeout } from 'node:timers/promises';
import { until } from '../testing/until.ts';
import { expect } from './case.ts';
import type { Case } from './case.ts';
import type { House, Started } from './house.ts';

/** Prompts, interrupts, losses and moves. */
const SLOW = [{ text: 'one two three four five six seven eight nine ten', chunkMs: 2_000 }];
/** In the newest call of its session; one for a title has no tools. */
const said = (house: House, run: Started): string => {
  const calls = house.model.requests().filter(({ headers }) => headers['x-session-id'] === run.sessionId);
  return JSON.stringify(calls.findLast(({ conversation }) => conversation.tools.length > 0)?.conversation.turns ?? []);
};
const began = (house: House, run: Started) =>
  until('the turn begins', () => house.model.requests().some(({ headers }) => headers['x-session-id'] === run.sessionId));

const interrupt: Case = {
  id: 'an interrupt ends the turn at once, and the next prompt is answered',
  async tell(house) {
    const run = await house.begin(SLOW);
    await began(house, run);
    const at = Date.now();
    await house.town.perform({ kind: 'run.interrupt', runId: run.runId, generation: 1 as never });
    const end = await house.turns(run, 1, 12_000);
    expect(end.failure === null, `it ended with ${end.failure?.code}: ${end.failure?.message}`);
    expect(end.stopReason === 'cancelled', `it ended as ${end.stopReason}`);
    const ms = Date.now() - at;
    await house.say(run, [{ text: 'Here again.' }]);
    await house.turns(run, 2);
    expect(
      house.items(run).some((item) => item.kind === 'assistant' && item.text.includes('Here again.')),
      'it did not answer afterwards',
    );
    return `${ms} ms`;
  },
};

/** Of Kilo one in eight or so is never answered: how long the slowest took is told. */
const early: Case = {
  id: 'an interrupt just as a later prompt begins ends that turn, and the next one is answered',
  async tell(house) {
    let slowest = 0;
    for (const waitMs of [0, 8, 16, 24, 32, 40, 60, 80, 110, 150]) {
      const run = await house.begin([{ text: 'Here.' }]);
      await house.turns(run);
      await house.say(run, SLOW);
      await setTimeout(waitMs);
      const at = Date.now();
      await house.town.perform({ kind: 'run.interrupt', runId: run.runId, generation: 1 as never });
      const end = await house.turns(run, 2, 12_000);
      expect(end.stopReason === 'cancelled' && end.failure === null, `after ${waitMs} ms it ended as ${end.stopReason}`);
      slowest = Math.max(slowest, Date.now() - at);
      await house.say(run, [{ text: 'Here again.' }]);
      await house.turns(run, 3);
      const answered = house.items(run).some((item) => item.kind === 'assistant' && item.text.includes('Here again.'));
      expect(answered, `after ${waitMs} ms it did not answer afterwards`);
      await house.stop(run);
    }
    return `${slowest} ms`;
  },
};

const nudge: Case = {
  id: 'a prompt after idle begins a turn that remembers; one during a turn waits for its end; an immediate one ends it',
  async tell(house) {
    const run = await house.begin([{ text: 'The word is BLUEBIRD.' }]);
    await house.turns(run);
    await house.say(run, [{ text: 'one two three four', chunkMs: 400 }]);
    await until('the second turn begins', () => house.reports(run, 'turn.started')[1]);
    await house.say(run, [{ text: 'Third.' }]);
    await house.turns(run, 3);
    const order = house.town.reports.flatMap((report) =>
      'runId' in report && report.runId === run.runId && report.kind.startsWith('turn.') ? [report.kind] : [],
    );
    expect(order.join() === Array.from({ length: 3 }, () => 'turn.started,turn.ended').join(), order.join());
    expect(said(house, run).includes('BLUEBIRD'), 'it forgot the turn before');
    await house.say(run, SLOW);
    await until('the fourth turn begins', () => said(house, run).includes('seven eight'));
    await house.say(run, [{ text: 'At once.' }], 'immediate');
    await house.turns(run, 5, 30_000);
    expect(house.reports(run, 'turn.ended')[3]?.stopReason === 'cancelled', 'the turn before was not ended');
    return null;
  },
};

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const killed: Case = {
  id: 'after kill -9 of its process a run is lost, and the Mayor’s session goes on in a new one with its memory (DR-20)',
  async tell(house) {
    const run = await house.mayor();
    await house.say(run, [{ text: 'The word is KINGFISHER.' }]);
    await house.turns(run);
    for (const { pid } of house.logged('agent.started')) killIfThere(Number(pid));
    const lost = await until('the loss is told', () => house.reports(run, 'run.lost')[0]);
    expect(lost.failure.code === 'agent_crashed', lost.failure.code);
    const again = await house.mayor(run);
    expect(again.resumed && again.sessionId === run.sessionId, 'it was not resumed');
    await house.say(again, [{ text: 'Back.' }]);
    await house.turns(again);
    expect(said(house, again).includes('KINGFISHER'), 'it forgot the turn before');
    return null;
  },
};

const closed: Case = {
  id: 'a run that is stopped closes its session; others of the process go on',
  async tell(house) {
    const [one, two] = await Promise.all([house.begin([{ text: 'A.' }]), house.begin([{ text: 'B.' }])]);
    await Promise.all([house.turns(one), house.turns(two)]);
    const at = Date.now();
    await house.stop(one);
    const ms = Date.now() - at;
    await house.say(two, [{ text: 'Still here.' }]);
    await house.turns(two, 2);
    return `${ms} ms`;
  },
};

const TOO_LONG = {
  status: 400,
  always: true,
  code: 'context_length_exceeded',
  message: 'prompt is too long: this model’s maximum context length is 8192 tokens, your messages have 9000 tokens',
};
const renewed: Case = {
  id: 'a full conversation goes on within its turn: in a new session that is told the past, in the same worktree',
  async tell(house) {
    const run = await house.begin([
      { tool: 'bash', args: { command: 'echo plum >> plum.txt && git add -A && git commit -qm plum', description: 'commit' } },
      // An agent that compacts by itself asks its model for a summary.
      { error: { ...TOO_LONG, unless: 'that is the past|rehearsal summary' }, tool: 'gt_done', args: { summary: 'plum' } },
      { text: 'Handed in.' },
    ]);
    const end = await house.turns(run, 1, 180_000);
    expect(end.failure === null, `it ended as ${end.failure?.code}: ${end.failure?.message}`);
    const done = house.town.calls.find((call) => call.runId === run.runId && call.tool === 'done');
    const [first, second, third] = done?.evidence?.commits.map(({ subject }) => subject) ?? [];
    const sessions = house.reports(run, 'session.renewed').map(({ sessionId }) => sessionId);
    if (sessions.length === 0) return 'it compacts by itself';
    expect(sessions.length === 1 && sessions[0] !== run.sessionId, `renewed as ${sessions.join()}`);
    expect(first === 'plum' && second === 'plum' && third === undefined, `commits: ${JSON.stringify(done?.evidence?.commits)}`);
    await house.say(run, [{ text: 'Still here.' }]);
    await house.turns(run, 2);
    // Beside them there are calls for other things: a title, say.
    const asked = house.model.requests().filter(({ headers }) => headers['x-session-id'] === sessions[0]);
    const heard = asked.map(({ conversation }) => JSON.stringify(conversation.turns));
    const goesOn = heard.some((turns) => turns.includes('Still here.') && turns.includes('That is the past'));
    expect(
      goesOn,
      `the next prompt went elsewhere: ${JSON.stringify(asked.map(({ plan, conversation }) => [plan.kind, conversation.turns.length, conversation.tools.length]))} ${heard.at(-1)?.slice(-600)}`,
    );
    return 'one new session';
  },
};

export const TURNS: readonly Case[] = [interrupt, early, nudge, killed, closed, renewed];

/** Told in a house whose processes are over their ceiling after each turn. */
export const RECYCLED: Case = {
  id: 'a process over its ceiling is replaced, twice: the run goes on with its memory and does not notice',
  async tell(house) {
    const run = await house.begin([{ text: 'The word is HERON.' }]);
    await house.turns(run);
    for (const turn of [2, 3]) {
      await house.say(run, [{ text: `Turn ${turn}.` }]);
      await house.turns(run, turn);
    }
    await house.say(run, [{ tool: 'gt_checkpoint', args: { data: {} } }, { text: 'Turn 4.' }]);
    await house.turns(run, 4);
    expect(house.logged('pool.moved').length >= 2, `it moved ${house.logged('pool.moved').length} times`);
    expect(said(house, run).includes('HERON'), 'it forgot the first turn');
    expect(
      house.town.calls.some((call) => call.runId === run.runId),
      'its tools did not move with it',
    );
    expect(house.reports(run, 'run.lost').length === 0, 'the run was lost');
    return `${house.logged('agent.started').length} processes`;
  },
};
