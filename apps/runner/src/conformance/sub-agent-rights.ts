import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUB_AGENT } from '@gastown/protocol';
import { scriptText } from '@gastown/rehearsal';
import { expect, Unable } from './case.ts';
import type { Case } from './case.ts';
import type { House, Started } from './house.ts';

/** How each program names the tool that begins a sub-agent. */
const BEGINS = ['task', 'Agent'];
/** What a sub-agent that only reads is offered, by whatever spelling. */
const READS = ['glob', 'grep', 'read'];

const begin = (type: string) => ({ description: type, prompt: scriptText([{ text: `I am the ${type}.` }]), subagent_type: type });
/** What a sub-agent with this prompt was offered each time that its model was asked. */
const offersTo = (house: House, { prompt }: ReturnType<typeof begin>): string[][] =>
  house.model
    .requests()
    .filter(({ conversation }) => conversation.turns.some(({ role, text }) => role === 'user' && text.includes(prompt)))
    .map(({ conversation }) => [...conversation.tools]);

async function toolOf(house: House, run: Started): Promise<string> {
  await house.turns(run);
  const offered = house.model.requests().flatMap(({ conversation }) => conversation.tools);
  const tool = BEGINS.find((name) => offered.includes(name));
  if (tool === undefined) throw new Unable('it offers its model no sub-agent');
  return tool;
}

const subAgentsIn = (house: House, run: Started) =>
  house.items(run).flatMap((item) => (item.kind === 'tool' && item.tool === SUB_AGENT ? [item] : []));

const looks: Case = {
  id: 'a sub-agent of the Mayor can only read; one that works it cannot have (MY-10)',
  async tell(house) {
    const run = await house.mayor();
    try {
      await house.say(run, [{ text: 'Here.' }]);
      const tool = await toolOf(house, run);
      const [reader, ...others] = [begin('reader'), begin('helper'), begin('general'), begin('general-purpose')] as const;
      await house.say(run, [...[reader, ...others].map((args) => ({ tool, args })), { text: 'Looked.' }]);
      await house.turns(run, 2);
      const [first, ...refused] = subAgentsIn(house, run);
      expect(first?.state === 'completed' && first.output?.includes('I am the reader.'), `the reader: ${JSON.stringify(first)}`);
      expect(refused.length === others.length && refused.every(({ state }) => state === 'failed'), JSON.stringify(refused));
      expect(
        others.every((other) => offersTo(house, other).length === 0),
        'one that works was begun',
      );
      const beyond = offersTo(house, reader)
        .flat()
        .filter((each) => !READS.includes(each.toLowerCase()));
      expect(beyond.length === 0, `besides reading it may call ${beyond.join()}`);
      return null;
    } finally {
      await house.stop(run);
    }
  },
};

const works: Case = {
  id: 'a sub-agent of a polecat has no tool to hand in, and none to begin another',
  async tell(house) {
    const tool = await toolOf(house, await house.begin([{ text: 'Looking.' }]));
    const helper = begin('helper');
    const run = await house.begin([{ tool, args: helper }, { text: 'Over.' }]);
    await house.turns(run);
    const offers = offersTo(house, helper);
    expect(offers.length > 0, `it was never asked: ${JSON.stringify(subAgentsIn(house, run))}`);
    const wrong = offers.flat().filter((each) => each.includes('gt') || BEGINS.includes(each));
    expect(wrong.length === 0, `it may call ${wrong.join()}`);
    return null;
  },
};

const words: Case = {
  id: 'a sub-agent is given no file that its prompt names, outside the folder of its agent or not',
  async tell(house) {
    const run = await house.mayor();
    const secret = 'Pears are kept in the attic.';
    const outside = mkdtempSync(join(tmpdir(), 'gastown-outside-'));
    const file = join(outside, 'notes.txt');
    writeFileSync(file, secret);
    chmodSync(outside, 0o755);
    try {
      await house.say(run, [{ text: 'Here.' }]);
      const tool = await toolOf(house, run);
      const reader = begin('reader');
      await house.say(run, [{ tool, args: { ...reader, prompt: `Look at @${file}\n${reader.prompt}` } }, { text: 'Looked.' }]);
      await house.turns(run, 2);
      expect(offersTo(house, reader).length > 0, `it was never asked: ${JSON.stringify(subAgentsIn(house, run))}`);
      expect(!JSON.stringify(house.model.requests()).includes(secret), 'its model was told what is in it');
      return null;
    } finally {
      await house.stop(run);
      rmSync(outside, { recursive: true });
    }
  },
};

export const SUB_AGENT_RIGHTS: readonly Case[] = [looks, works, words];
