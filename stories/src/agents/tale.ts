import { explainWait, type BeadId, type BeadRow, type RigId, type RunRow } from '@gastown/protocol';
import { scriptText, type ModelRequest } from '@gastown/rehearsal';
import type { Page } from 'playwright-core';
import type { Client } from '../client.ts';
import { checkLanded, closed, runsOf } from '../errands.ts';
import type { House } from '../house.ts';
import type { Replica } from '../replica.ts';
import type { Telling } from '../telling.ts';

/** What each part of the story of the agents needs. */
export interface Tale {
  readonly house: House;
  readonly client: Client;
  readonly town: string;
  readonly replica: Replica;
  readonly rigId: RigId;
  readonly page: Page;
}
export interface Kind {
  readonly id: string;
  readonly label: string;
  /** As the scripted model names what it was asked in. */
  readonly api: 'openai' | 'responses' | 'anthropic';
}

export const commit = (word: string) => ({
  tool: 'bash',
  args: { command: `echo ${word} >> ${word}.txt && git add -A && git commit -qm "Add ${word}"`, description: 'Write and commit' },
});
export const handIn = (word: string) => ({ tool: 'gt_done', args: { summary: `The word ${word} is there.` } });
export const OVER = { text: '# Handed in' };

export async function give({ client, town, rigId }: Tale, title: string, steps: readonly object[]): Promise<BeadId> {
  const { beadId } = (await client.command(town, { kind: 'bead.create', rigId, title, body: scriptText(steps) })) as { beadId: BeadId };
  return beadId;
}

/** The model calls in whose conversation the word is. */
export const requestsWith = ({ house }: Tale, word: string): ModelRequest[] =>
  house.model.requests().filter(({ conversation }) => JSON.stringify(conversation.turns).includes(word));

/** Landed, by a run of that agent, which is over. */
export async function landed(telling: Telling, { house, replica }: Tale, { id, label }: Kind, beadId: BeadId): Promise<RunRow> {
  await checkLanded(telling, house, replica, 'parser', await closed(replica, beadId, 240_000));
  await replica.until('the run is over', () => runsOf(replica, beadId).every((run) => run.state === 'ended'));
  const run = runsOf(replica, beadId).at(-1)!;
  telling.check(`${label} did it`, run.agentKind === id && run.endReason === 'done');
  return run;
}

/** Why the bead waits, as a page would say it. */
export async function waitOf({ replica, rigId }: Tale, beadId: BeadId, code: NonNullable<BeadRow['wait']>['code']): Promise<string> {
  const bead = await replica.until(
    `${beadId} waits as ${code}`,
    () => [replica.get('beads', beadId)].find((one) => one?.wait?.code === code),
    120_000,
  );
  const around = { town: replica.all('town')[0], rig: replica.get('rigs', rigId), bead: (id: string) => replica.get('beads', id) };
  return explainWait(bead!, around) ?? '';
}

/** Brings the page to a place of the town. */
export async function at({ house, town, page }: Tale, place: string): Promise<Page> {
  await page.goto(`${house.base}/t/${town}${place}`);
  return page;
}
