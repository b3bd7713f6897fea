import { SUB_AGENT as TOOL } from '@gastown/protocol';
import { scriptText } from '@gastown/rehearsal';
import type { ModelRequest } from '@gastown/rehearsal';
import { until } from '../testing/until.ts';
import { expect, Unable } from './case.ts';
import type { Case } from './case.ts';
import type { House, Started } from './house.ts';

const TASK = 'Plant a tree';
/** How each program's model calls a sub-agent that may work. */
const CALLS: Record<string, (prompt: string) => object> = {
  task: (prompt) => ({ description: TASK, prompt, subagent_type: 'helper' }),
  Agent: (prompt) => ({ description: TASK, prompt, subagent_type: 'helper' }),
};

async function toolOf(house: House): Promise<string> {
  await house.turns(await house.begin([{ text: 'Looking.' }]));
  const offered = house.model.requests().flatMap(({ conversation }) => conversation.tools);
  const tool = Object.keys(CALLS).find((name) => offered.includes(name));
  if (tool === undefined) throw new Unable('it offers its model no sub-agent');
  return tool;
}
const isFor =
  (prompt: string) =>
  ({ conversation }: ModelRequest): boolean =>
    conversation.turns.some(({ role, text }) => role === 'user' && text.includes(prompt));
const toolItems = (house: House, run: Started) => house.items(run).filter((item) => item.kind === 'tool');

const works: Case = {
  id: 'a sub-agent works in the worktree of its agent, is shown with what it does, and has no tool of the town',
  async tell(house) {
    const tool = await toolOf(house);
    const plant = { command: 'echo tree > tree.txt && git add -A && git commit -qm tree', description: 'plant' };
    const steps = [{ tool: 'bash', args: plant }, { text: 'The tree stands.' }];
    const prompt = scriptText(steps);
    const run = await house.begin([
      { tool, args: CALLS[tool]!(prompt) },
      { tool: 'gt_done', args: { summary: 'A tree' } },
      { text: 'Handed in.' },
    ]);
    await house.turns(run);
    const shown = () => toolItems(house, run);
    const tell = JSON.stringify(shown()).slice(-3_000);
    const call = await until('the sub-agent in the transcript', () =>
      shown().find((item) => item.tool === TOOL && item.state !== 'running'),
    );
    expect(call.state === 'completed' && call.title === TASK && call.output?.includes('The tree stands.'), `the sub-agent: ${tell}`);
    const own = shown().filter(({ within }) => within === call.id);
    expect(own.length === 1 && own[0]?.state === 'completed' && JSON.stringify(own[0].input).includes('tree.txt'), `its calls: ${tell}`);
    const done = house.town.calls.find((each) => each.runId === run.runId && each.tool === 'done');
    expect(done?.evidence?.commits.map(({ subject }) => subject).join() === 'tree', `handed in: ${JSON.stringify(done)}`);
    const asked = house.model.requests().find(isFor(prompt));
    expect(asked, 'no model call of the sub-agent was seen');
    expect(!asked.conversation.tools.some((each) => each.includes('gt_')), `its tools: ${asked.conversation.tools.join()}`);
    const said = house.items(run).filter((item) => item.kind === 'assistant');
    expect(said.length === 1, `its words are its agent's: ${JSON.stringify(said)}`);
    return null;
  },
};

const ends: Case = {
  id: 'what a sub-agent would ask a person is denied to it; an interrupt of its agent ends it too',
  async tell(house) {
    const tool = await toolOf(house);
    const plant = { tool: 'bash', args: { command: 'echo KEY=7 > .env', description: 'plant' } };
    const secret = tool === 'task' ? { tool: 'read', args: { filePath: '.env' } } : { tool: 'Read', args: { file_path: '/etc/hostname' } };
    const waits = { tool: 'bash', args: { command: 'sleep 120; touch late', description: 'wait' } };
    const prompt = scriptText([plant, secret, waits, { text: 'I am late.' }]);
    const run = await house.begin([{ tool, args: CALLS[tool]!(prompt) }]);
    const calls = () => toolItems(house, run).filter(({ within }) => within !== undefined);
    const waiting = await until('the sub-agent waits', () => calls().find(({ input }) => JSON.stringify(input).includes('touch late')));
    const read = calls().find(({ tool: named }) => named.toLowerCase() === 'read');
    expect(read?.state === (tool === 'task' ? 'failed' : 'completed'), `what it read: ${JSON.stringify(read)}`);

    await house.town.perform({ kind: 'run.interrupt', runId: run.runId, generation: 1 as never });
    await house.turns(run, 1, 30_000);
    const ended = () => toolItems(house, run).every(({ state }) => state !== 'running');
    await until('its calls are over', ended).catch(() => null);
    expect(ended(), `calls: ${JSON.stringify(toolItems(house, run)).slice(-2_000)}`);
    expect(calls().find(({ id }) => id === waiting.id)?.state === 'failed', 'its command is told as done');
    const asked = house.model.requests().length;
    await house.say(run, [{ text: 'Here again.' }]);
    await house.turns(run, 2);
    const late = house.model.requests().slice(asked).some(isFor(prompt));
    expect(!late, 'the sub-agent went on');
    return null;
  },
};

const place: Case = {
  id: 'a sub-agent works where its agent does, also where that one asks for another place',
  async tell(house) {
    const tool = await toolOf(house);
    const prompt = scriptText([{ text: 'Here.' }]);
    const look = { command: 'echo "trees[$(git worktree list | wc -l)][$(git status --porcelain)]"', description: 'look' };
    const run = await house.begin([
      { tool, args: { ...CALLS[tool]!(prompt), isolation: 'worktree' } },
      { tool: 'bash', args: look },
      { text: 'Looked.' },
    ]);
    await house.turns(run);
    const seen = toolItems(house, run).at(-1)?.output ?? '';
    expect(/trees\[\s*1\]\[\]/.test(seen), `beside its own there is: ${JSON.stringify(toolItems(house, run)).slice(-3_000)}`);
    return null;
  },
};

export const SUB_AGENTS: readonly Case[] = [works, place, ends];
