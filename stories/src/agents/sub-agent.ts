import { SUB_AGENT, type TranscriptItem } from '@gastown/protocol';
import { scriptText } from '@gastown/rehearsal';
import { shoot } from '../browser.ts';
import { MODEL_KEY } from '../house.ts';
import { runsOf } from '../errands.ts';
import type { Telling } from '../telling.ts';
import { at, commit, give, handIn, landed, OVER, requestsWith, type Kind, type Tale } from './tale.ts';

/** How the model of each program that has sub-agents calls one that may work. */
const CALLS: Readonly<Record<string, { readonly tool: string; readonly type: string }>> = {
  kilo: { tool: 'task', type: 'helper' },
  opencode: { tool: 'task', type: 'helper' },
  claude: { tool: 'Agent', type: 'helper' },
};

type ToolItem = Extract<TranscriptItem, { kind: 'tool' }>;

/** A sub-agent does the work of a bead: it is asked, paid for and shown as its agent is (AG-10, WS-2, I9). */
export async function hasHelp(telling: Telling, tale: Tale, kind: Kind): Promise<void> {
  const { client, town, replica } = tale;
  const call = CALLS[kind.id];
  if (call === undefined) return telling.skip(`${kind.label}, a sub-agent`, 'it has none here');
  const word = `fig-${kind.id}`;
  const prompt = `Write ${word}. ${scriptText([commit(word), { text: `The ${word} is written.` }])}`;
  const args = { description: `Write ${word}`, prompt, subagent_type: call.type };
  const beadId = await give(tale, `Have ${word} written`, [{ tool: call.tool, args }, handIn(word), OVER]);
  const { id, agentId } = await landed(telling, tale, kind, beadId);
  telling.check('… with a sub-agent, in one run', runsOf(replica, beadId).length === 1);
  const asked = requestsWith(tale, `Write ${word}. `).filter(({ conversation }) =>
    conversation.turns.findLast(({ role }) => role === 'user')?.text.includes(`Write ${word}. `),
  );
  const own = asked.filter(({ conversation }) => !conversation.tools.some((tool) => tool.includes('gt_')));
  telling.check(
    'the sub-agent was asked with the key and the model of its agent',
    own.length > 1 && own.every(({ key, model }) => key === MODEL_KEY && model === asked[0]!.model),
  );
  const booked = await replica.until('the spend of the run', () =>
    [replica.get('runs', id)!.usage].find(({ outputTokens }) => outputTokens > 0),
  );
  telling.check('… and what it used is its run’s', booked!.outputTokens >= asked.length);
  const shown = await client.item(
    town,
    agentId,
    'the sub-agent in the transcript',
    (item): item is ToolItem => item.kind === 'tool' && item.runId === id && item.tool === SUB_AGENT && item.state === 'completed',
    30_000,
  );
  await client.item(
    town,
    agentId,
    'its call in the transcript',
    (item) => item.kind === 'tool' && item.within === shown.id && item.state === 'completed',
    30_000,
  );
  const card = (await at(tale, `/agents/${agentId}`)).locator(`[data-tool="${SUB_AGENT}"]`).last();
  await card.locator('summary').first().click();
  await shoot(tale.page, `sub-agent-${kind.id}`);
  telling.check('… and on the page, with what it did and said', /1 call[\s\S]*bash[\s\S]*is written/.test(await card.innerText()));
}
