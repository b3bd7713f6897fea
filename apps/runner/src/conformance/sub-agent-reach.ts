import { SUB_AGENT } from '@gastown/protocol';
import { scriptText } from '@gastown/rehearsal';
import { until } from '../testing/until.ts';
import { expect, Unable } from './case.ts';
import type { Case } from './case.ts';
import type { House } from './house.ts';

/** What its agent's model may ask of a sub-agent, and does not get. */
const ANSWER = 'The tree stands.';

/** Asks for a sub-agent in a way of its own, and gives the call as it is shown, and whether that one's model was ever asked. */
async function ask(house: House, more: object) {
  const prompt = scriptText([{ text: ANSWER }]);
  const args = { description: 'Plant a tree', prompt, subagent_type: 'helper', ...more };
  const run = await house.begin([{ tool: 'task', args }, { text: 'All done.' }]);
  await house.turns(run);
  const call = await until('the sub-agent in the transcript', () =>
    house.items(run).find((item) => item.kind === 'tool' && item.tool === SUB_AGENT && item.state !== 'running'),
  );
  const wasAsked = house.model.requests().some(({ conversation }) => conversation.turns.some(({ text }) => text.includes(prompt)));
  return { wasAsked, state: call.kind === 'tool' ? call.state : null, output: (call.kind === 'tool' && call.output) || '' };
}

async function expectTask(house: House): Promise<void> {
  await house.turns(await house.begin([{ text: 'Looking.' }]));
  if (!house.model.requests().some(({ conversation }) => conversation.tools.includes('task'))) throw new Unable('it has no tool `task`');
}

const beside: Case = {
  id: 'a sub-agent does not go on beside its agent, whatever that one asks for',
  async tell(house) {
    await expectTask(house);
    const told = await ask(house, { background: true });
    expect(told.state === 'failed' || told.output.includes(ANSWER), `it was begun and left alone: ${JSON.stringify(told)}`);
    return null;
  },
};

const another: Case = {
  id: 'no conversation but that of its own sub-agent is gone on with: not that of another run in the same process',
  async tell(house) {
    await expectTask(house);
    const other = await house.begin([{ text: 'Mine.' }]);
    await house.turns(other);
    const told = await ask(house, { task_id: other.sessionId });
    expect(told.state === 'failed' && !told.wasAsked, `it went into another's conversation: ${JSON.stringify(told)}`);
    return null;
  },
};

const again: Case = {
  id: 'a sub-agent is asked again in its own conversation',
  async tell(house) {
    await expectTask(house);
    const first = scriptText([{ text: ANSWER }]);
    const args = { description: 'Plant a tree', prompt: first, subagent_type: 'helper' };
    const run = await house.begin([{ tool: 'task', args }, { text: 'Planted.' }]);
    await house.turns(run);
    const calls = () =>
      house.items(run).flatMap((item) => (item.kind === 'tool' && item.tool === SUB_AGENT && item.state !== 'running' ? [item] : []));
    const task = await until('its id', () => /ses_\w+/.exec(calls()[0]?.output ?? '')?.[0]);
    await house.say(run, [
      { tool: 'task', args: { ...args, prompt: scriptText([{ text: 'It grows.' }]), task_id: task } },
      { text: 'Watered.' },
    ]);
    await house.turns(run, 2);
    const second = await until('the second call', () => calls()[1]);
    expect(second.state === 'completed' && second.output?.includes('It grows.'), JSON.stringify(second));
    return null;
  },
};

export const SUB_AGENT_REACH: readonly Case[] = [beside, another, again];
