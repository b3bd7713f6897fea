import { SpendSeries, type Usage } from '@gastown/protocol';
import { AGENT_KINDS, agentsFolder, apiFor, installedAgents } from '@gastown/runner';
import { isFull } from './agents/full.ts';
import { changesModel } from './agents/mayor.ts';
import { hasNoKey, isLimited } from './agents/provider.ts';
import { hasHelp } from './agents/sub-agent.ts';
import { at, commit, give, handIn, landed, OVER, requestsWith, type Kind, type Tale } from './agents/tale.ts';
import { openBrowser, openPage } from './browser.ts';
import { checkQuiet, openTown, runsOf } from './errands.ts';
import { MODEL_KEY, type House } from './house.ts';
import type { Telling } from './telling.ts';

/** Each agent program that is installed works through the model door of the Worker: its model calls are let through, counted, and what the provider refuses is told (D8, AG-24, RC-34). `AGENTS=claude,codex` leaves the others out. */
export async function storyAgents(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Story agents', ['parser']);
  await client.command(town, { kind: 'town.set_model_key', key: MODEL_KEY });
  const browser = await openBrowser();
  try {
    const { page, troubles } = await openPage(browser);
    await page.goto(await house.freshLink());
    await tellEach(telling, { house, client, town, replica, rigId: rigs[0]!.id, page });
    telling.check(`the page had no error (${troubles.slice(0, 3).join(' | ') || 'none'})`, troubles.length === 0);
  } finally {
    await browser.close();
  }
  checkQuiet(telling, replica);
  replica.close();
}

async function tellEach(telling: Telling, tale: Tale): Promise<void> {
  const wanted = process.env['AGENTS']?.split(',');
  for (const { id, label } of AGENT_KINDS) {
    if (wanted?.includes(id) === false) continue;
    const agent = installed().find((each) => each.id === id);
    if (agent === undefined) {
      telling.skip(label, `it is not installed; \`npm run conformance -- --agent ${id}\` puts it into ${agentsFolder()}`);
      continue;
    }
    const provider = apiFor(agent, 'openai') === null ? ('anthropic' as const) : ('openai' as const);
    const model = { provider, model: 'scripted', baseUrl: tale.house.model.url, price: PRICE };
    const small = { model: { provider, model: SMALL, price: PRICE }, effort: 'low' as const };
    await tale.client.command(tale.town, { kind: 'town.configure', agentKind: id, model, roleModels: { polecat: small } });
    const kind = { id, label, api: WIRE[apiFor(agent, provider)!] };
    for (const part of [works, hasHelp, changesModel, isLimited, hasNoKey]) await part(telling, tale, kind);
    if (COMPACTS.includes(id))
      telling.skip(`${label}, a full conversation`, 'it compacts by itself, and a scripted model forgets its script by that');
    else await isFull(telling, tale, kind);
    telling.mark(id);
    telling.counts['agents'] = (telling.counts['agents'] ?? 0) + 1;
  }
  telling.check('at least one agent was there', telling.counts['agents']);
}

const installed = () => {
  const found = installedAgents({ path: process.env['PATH'] ?? '', folder: agentsFolder() }, null);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value.map(({ kind }) => kind);
};
const WIRE = { chat: 'openai', responses: 'responses', messages: 'anthropic' } as const;
const COMPACTS: readonly string[] = ['kilo', 'opencode'];
/** What polecats are asked with, in place of the town's. */
const SMALL = 'scripted-small';
const PRICE = { input: 3_000_000, output: 15_000_000, cacheRead: 300_000, cacheWrite: 3_750_000 };

const tokens = ({ inputTokens, outputTokens }: Usage): boolean => inputTokens > 0 && outputTokens > 0;

async function works(telling: Telling, tale: Tale, kind: Kind): Promise<void> {
  const { client, town, replica } = tale;
  const word = `apple-${kind.id}`;
  const beadId = await give(tale, `Add the word ${word}`, [commit(word), handIn(word), OVER]);
  const { id, agentId, model, effort } = await landed(telling, tale, kind, beadId);
  telling.check(`${kind.label} needed one run`, runsOf(replica, beadId).length === 1);
  const asked = requestsWith(tale, word);
  telling.check(
    `the model was asked as ${kind.label} asks, with the key of the town`,
    asked.some(({ api, key }) => api === kind.api && key === MODEL_KEY),
  );
  telling.check(
    '… and in no other way',
    asked.every(({ api, key }) => api === kind.api && key === MODEL_KEY),
  );
  telling.check(
    '… with the model and the effort that polecats have of their own (CF-1)',
    asked.every((one) => one.model === SMALL && one.effort === 'low'),
  );
  telling.check(`… and the run says so (${model}, ${effort})`, model === SMALL && effort === 'low');

  const booked = await replica.until('the spend of the run', () => [replica.get('runs', id)!.usage].find(tokens));
  telling.check(`what ${kind.label} used is booked for its run, with its cost`, booked!.costMicros > 0);
  telling.check('… and for its bead', tokens(replica.get('beads', beadId)!.usage));
  const answer = await client.ask('GET', `/api/towns/${town}/spend?window=1h&by=agent`);
  const spent = answer.ok ? SpendSeries.parse(answer.value).lines.find(({ key }) => key === agentId) : undefined;
  telling.check('… and the chart of the spend shows it at its agent', spent !== undefined && tokens(spent.total));
  const cost = (await at(tale, `/beads/${beadId}`)).getByTestId('bead-cost');
  telling.check('… and the page of its bead what it cost', /^\$.*[1-9]/.test(await cost.innerText()));
}
