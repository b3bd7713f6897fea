import type { Telling } from '../telling.ts';
import { requestsWith, type Kind, type Tale } from './tale.ts';

const ITS_OWN = 'scripted-small';

/** The Mayor is given another model and effort: its next message begins a session that has them, and the conversation goes on there (CF-1, CT-5, MY-12). */
export async function changesModel(telling: Telling, tale: Tale, { id, label }: Kind): Promise<void> {
  const { client, town, replica } = tale;
  const mayor = await replica.until('the Mayor', () => replica.all('agents').find(({ role }) => role === 'mayor'));
  const say = async (word: string): Promise<void> => {
    const since = Date.now();
    const noted = `Noted ${word}.`;
    const text = `Remember ${word}. <<<SCRIPT ${JSON.stringify([{ text: noted }])} SCRIPT>>>`;
    await client.command(town, { kind: 'mayor.tell', text });
    await client.item(
      town,
      mayor.id,
      `the Mayor notes ${word}`,
      (item) => item.kind === 'assistant' && item.at >= since && item.text.includes(noted),
      120_000,
    );
  };
  const [before, after] = [`plum-${id}`, `quince-${id}`];
  await client.command(town, { kind: 'mayor.restart' });
  await say(before);
  const { provider, price } = replica.all('town')[0]!.model!;
  const own = { model: { provider, model: ITS_OWN, price }, effort: 'high' } as const;
  await client.command(town, { kind: 'town.configure', roleModels: { mayor: own } });
  await say(after);
  const asked = requestsWith(tale, `Remember ${after}`);
  telling.check(
    `the Mayor of ${label} is asked with the model and the effort that it got`,
    asked.length > 0 && asked.every((one) => one.model === ITS_OWN && one.effort === 'high'),
  );
  const answering = asked.find(({ conversation }) => conversation.tools.length > 0);
  const spoken = (answering?.conversation.turns ?? []).filter(({ role }) => role === 'assistant').map(({ text }) => text);
  telling.check(
    '… and remembers what it said before',
    spoken.some((text) => text.includes(`Noted ${before}.`)),
  );
  const [older, newer] = replica
    .all('runs')
    .filter(({ agentId }) => agentId === mayor.id)
    .toSorted((a, b) => a.generation - b.generation)
    .slice(-2);
  telling.check(
    '… in a session after the one that was over',
    older?.endReason === 'done' && newer?.model === ITS_OWN && newer.effort === 'high',
  );
  await client.command(town, { kind: 'town.configure', roleModels: { mayor: null } });
}
