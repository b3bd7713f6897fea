import { rolePrompt } from '@gastown/prompts';
import { toolNaming } from '../agents/agent-kind.ts';
import { until } from '../testing/until.ts';
import { expect, Unable } from './case.ts';
import type { Case } from './case.ts';
import { ANSWER, HOUSE_RULE } from './house.ts';
import type { House, Started } from './house.ts';

/** What an agent does when all is well. */
const commit = (word: string) => ({
  tool: 'bash',
  args: { command: `echo ${word} > ${word}.txt && git add -A && git commit -qm ${word}`, description: 'commit' },
});
const shell = (command: string) => ({ tool: 'bash', args: { command, description: 'look' } });
const requestsOf = (house: House, run: Started) =>
  house.model.requests().filter(({ headers }) => headers['x-session-id'] === run.sessionId);

const together: Case = {
  id: 'two sessions at once: one process, own worktree, own tools, own signature, a commit each',
  async tell(house) {
    const steps = (word: string) => [commit(word), { tool: 'gt_done', args: { summary: word } }, { text: 'Handed in.' }];
    const runs = await Promise.all([house.begin(steps('apple')), house.begin(steps('pear'))]);
    await Promise.all(runs.map((run) => house.turns(run)));
    for (const [index, word] of ['apple', 'pear'].entries()) {
      const run = runs[index]!;
      const done = house.town.calls.find((call) => call.runId === run.runId && call.tool === 'done');
      expect(done, `${word} was not handed in: ${JSON.stringify(house.items(run)).slice(-1_500)}`);
      const commits = done.evidence?.commits.map(({ subject, author }) => `${subject} by ${author}`) ?? [];
      expect(commits.join() === `${word} by ${run.name}`, `commits: ${commits.join()}`);
    }
    expect(house.logged('agent.started').length === 1, 'more than one process was started');
    return null;
  },
};

const role: Case = {
  id: 'the role prompt and the instructions of the run reach the model',
  async tell(house) {
    const run = await house.begin([{ text: 'Read.' }]);
    await house.turns(run);
    const asked = requestsOf(house, run).findLast(({ conversation }) => conversation.tools.length > 0);
    expect(asked, 'no model call of the session was seen');
    const said = JSON.stringify(asked.conversation.turns.map(({ text }) => text));
    const [line = ''] = rolePrompt('polecat', toolNaming(house.kind))
      .split('\n')
      .filter((each) => each.length > 40);
    expect(said.includes(JSON.stringify(line).slice(1, -1)), 'the role prompt is not in the model call');
    return said.includes(`Your bead`) ? null : 'the instructions of the tool server come with the tools, not among the messages';
  },
};

const rules: Case = {
  id: 'the agent files of the repository reach the model, and nothing of ours lies in the worktree',
  async tell(house) {
    const look = 'echo "lies[$(git status --porcelain --ignored)][$(git show --format= --name-only)]"';
    const run = await house.begin([commit('fig'), shell(look), { text: 'Looked.' }]);
    await house.turns(run);
    const turns = requestsOf(house, run).flatMap(({ conversation }) => conversation.turns);
    const seen = turns.findLast(({ role: by, text }) => by === 'tool' && text.includes('lies['))?.text ?? '';
    expect(seen.includes('lies[][fig.txt]'), `beside its own file there is: ${seen.slice(0, 500)}`);
    const read = turns.some(({ text }) => text.includes(HOUSE_RULE));
    expect(read, 'AGENTS.md is in no model call');
    return null;
  },
};

const settings: Case = {
  id: 'settings of the repository run nothing: no hook, no plugin, no tool server',
  async tell(house) {
    await house.turns(await house.begin([shell('true'), { text: 'Read.' }]));
    const ran = house.ran().join();
    if (ran === 'codex')
      throw new Unable('its adapter trusts each folder that it is opened in, so the tool servers of `.codex/config.toml` run');
    expect(ran === '', `there ran: ${ran}`);
    return null;
  },
};

const answer: Case = {
  id: 'a tool of the town is called, its answer reaches model and transcript',
  async tell(house) {
    const run = await house.begin([{ tool: 'gt_checkpoint', args: { data: { step: 1 } } }, { text: 'Noted.' }]);
    await house.turns(run);
    const told = requestsOf(house, run).flatMap(({ conversation }) => conversation.turns.filter((turn) => turn.role === 'tool'));
    expect(
      told.some(({ text }) => text.includes('4711')),
      `the answer is not in a model call: ${JSON.stringify(told).slice(0, 500)}`,
    );
    const item = await until('the tool call settles', () =>
      house.items(run).find((each) => each.kind === 'tool' && each.state !== 'running'),
    );
    expect(item.kind === 'tool' && item.tool === 'gt_checkpoint', `the transcript names it ${JSON.stringify(item).slice(0, 300)}`);
    expect(item.answer?.summary === ANSWER.summary, `the transcript has no answer: ${JSON.stringify(item).slice(0, 500)}`);
    return null;
  },
};

const status: Case = {
  id: 'a heading is its status line; usage comes with each turn',
  async tell(house) {
    const run = await house.begin([{ text: '# Looking at the parser\n\nThere it is.' }]);
    await house.turns(run);
    const line = house.reports(run, 'status')[0]?.statusLine;
    expect(line === 'Looking at the parser', `status: ${line}`);
    const end = await until('the end of the turn in the transcript', () => house.items(run).find((item) => item.kind === 'turn_end'));
    expect(end.kind === 'turn_end' && (end.usage?.outputTokens ?? 0) > 0, `usage: ${JSON.stringify(end)}`);
    return null;
  },
};

const PLANS: Record<string, object> = {
  todowrite: { todos: [{ id: '1', content: 'Read the code', status: 'in_progress', priority: 'high' }] },
  TodoWrite: { todos: [{ content: 'Read the code', activeForm: 'Reading', status: 'in_progress' }] },
  update_plan: { plan: [{ step: 'Read the code', status: 'in_progress' }] },
};
const plan: Case = {
  id: 'a plan is shown',
  async tell(house) {
    await house.turns(await house.begin([{ text: 'Looking.' }]));
    const offered = house.model.requests().flatMap(({ conversation }) => conversation.tools);
    const tool = Object.keys(PLANS).find((name) => offered.includes(name));
    if (tool === undefined) throw new Unable('it offers its model no tool for a plan');
    const run = await house.begin([{ tool, args: PLANS[tool] }, { text: 'Planned.' }]);
    await house.turns(run);
    const shown = () => house.items(run).find((each) => each.kind === 'plan');
    const item = await until('the plan in the transcript', shown).catch(() => null);
    expect(item !== null, `no plan in the transcript: ${JSON.stringify(house.items(run).filter((each) => each.kind === 'tool'))}`);
    expect(item.kind === 'plan' && item.entries[0]?.text === 'Read the code', JSON.stringify(item));
    return null;
  },
};

const permission: Case = {
  id: 'a person is asked before a command: once lets it run, denied keeps it from running, an end withdraws the question',
  async tell(house) {
    const command = (word: string) => ({ tool: 'bash', args: { command: `touch ${word}.made`, description: 'touch', ask: true } });
    const run = await house.begin([command('first'), command('second'), { text: 'Done.' }], { permissions: { commands: 'ask' } });
    const asked = (many: number) => until(`question ${many}`, () => house.reports(run, 'permission.asked')[many - 1], 60_000);
    const decide = async (many: number, decision: 'once' | 'deny') => {
      const { requestId, category, title } = await asked(many);
      expect(category === 'commands' && title.includes('.made'), `asked for ${category}: ${title}`);
      await house.town.perform({ kind: 'permission.answer', runId: run.runId, generation: 1 as never, requestId, decision, reason: null });
    };
    await decide(1, 'once');
    await decide(2, 'deny');
    const end = await house.turns(run);
    const shown = house.items(run).filter((item) => item.kind === 'tool');
    expect(shown[0]?.state === 'completed', `the allowed command: ${JSON.stringify(shown[0])}`);
    expect(shown[1]?.state !== 'completed', `the denied command: ${JSON.stringify(shown[1])}`);
    await house.say(run, [command('third'), { text: 'Done.' }]);
    await asked(3);
    await house.town.perform({ kind: 'run.interrupt', runId: run.runId, generation: 1 as never });
    await house.turns(run, 2);
    return end.stopReason === 'end_turn' ? null : `a denied command ends its turn (${end.stopReason})`;
  },
};

const TOKEN = /gtd\.[\w.-]+/;
const token: Case = {
  id: 'the token of the model door is not in the environment of its shells, and its address opens for the agent alone',
  async tell(house) {
    const call = `curl -s -o /dev/null -w 'answer %{http_code}' -X POST -H 'content-type: application/json' -d '{}' "$ANTHROPIC_BASE_URL/v1/messages" || true`;
    const run = await house.begin([shell('env'), shell('cat /proc/$PPID/environ | tr "\\0" "\\n"'), shell(call), { text: 'Looked.' }]);
    await house.turns(run);
    const seen = requestsOf(house, run).flatMap(({ conversation }) => conversation.turns.filter((turn) => turn.role === 'tool'));
    const outputs = seen.map(({ text }) => text).join('\n');
    expect(outputs.includes('PATH='), `its shells did not tell: ${outputs.slice(0, 500)}`);
    expect(!TOKEN.test(outputs), 'a shell saw the token');
    const keys = house.town.modelCalls.map(({ key }) => key ?? '');
    expect(keys.length > 0 && keys.every((key) => TOKEN.test(key)), 'the model was called without the token');
    if (house.kind.id === 'claude') expect(outputs.includes('answer 403'), `a shell called the model: ${outputs.slice(-300)}`);
    return null;
  },
};

export const WORKING: readonly Case[] = [together, token, role, rules, settings, answer, status, plan, permission];
