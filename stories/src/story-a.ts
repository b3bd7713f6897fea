import { type Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { openBrowser, openPage, shoot } from './browser.ts';
import { Client } from './client.ts';
import { checkLanded, checkQuiet, closed, slung } from './errands.ts';
import { GIT_TOKEN, type House } from './house.ts';
import { checkSecrets } from './secrets.ts';
import type { Telling } from './telling.ts';

const WISH = 'Add a format function with tests';

/** A: the main job in a real browser, from the sign-in link to the landed bead; everything that is shown can be clicked. */
export async function storyA(telling: Telling, house: House): Promise<void> {
  const browser = await openBrowser();
  try {
    const { page, troubles } = await openPage(browser);
    await page.goto(house.link());
    telling.check('the link signs in and is gone from the address', new URL(page.url()).pathname === '/');

    await page.getByLabel('Name of the town').fill('Acme');
    await page.getByRole('button', { name: 'Create town' }).click();
    await unreachable(telling, page, house);
    await page.getByLabel('Repository URL').fill(house.git.repoUrl('acme/parser'));
    await page.getByLabel('Name', { exact: true }).fill('parser');
    await page.getByLabel('Access token').fill(GIT_TOKEN);
    await page.getByLabel('Gates').fill(house.gate);
    await shoot(page, 'a-1-repository');
    await page.getByRole('button', { name: 'Connect repository' }).click();
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    telling.mark('town created, repository given');

    const town = new URL(page.url()).searchParams.get('town')!;
    const client = await Client.signIn(await house.freshLink());
    const replica = client.watch(town);
    await replica.until('the repository is connected', () => replica.all('rigs').some(({ state }) => state === 'ready'), 90_000);
    const { model } = replica.all('town')[0]!;
    const price = { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: 1_000_000 };
    await client.command(town, { kind: 'town.configure', model: { ...model!, price } });
    await page.getByLabel('Tell the Mayor').fill(WISH);
    await shoot(page, 'a-2-first-task');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('region', { name: 'Mayor' }).waitFor();
    telling.mark('told the Mayor');

    const bead = await slung(replica, 'format function');
    telling.mark('slung');
    const card = page.getByRole('list', { name: 'Made by this call' }).getByRole('link', { name: /format function/ });
    await card.first().waitFor();
    telling.check('the Mayor’s tool card links to the bead it made', (await card.count()) > 0);
    const run = await replica.until(
      'a polecat at work',
      () => replica.all('runs').find((one) => one.beadId === bead.id && one.state === 'working'),
      90_000,
    );
    telling.mark('polecat at work');
    await shoot(page, 'a-3-at-work');
    checkSecrets(telling, house);

    const landed = await closed(replica, bead.id, 180_000);
    telling.mark('landed');
    const merge = await checkLanded(telling, house, replica, 'parser', landed);
    await card.first().click();
    const drawer = page.getByRole('dialog', { name: /format function/ });
    await drawer.getByTestId('bead-commit').waitFor();
    await shoot(page, 'a-4-bead');
    const shown = await drawer.innerText();
    telling.check('the bead shows its commit', shown.includes(landed.landedCommit!.slice(0, 7)));
    telling.check(
      'the bead shows a cost and a duration',
      /\$\d/.test(shown) && /\d+(\.\d+)? ?(s|m|min)\b/.test(shown) && landed.usage.costMicros > 0,
    );
    telling.check('the bead shows its gate with the command', shown.includes(house.gate));
    await walk(telling, page, { town, bead: bead.id, agent: run.agentId, merge: merge.id });
    await replica.until('the run is over', () => replica.get('runs', run.id)?.state === 'ended');
    checkQuiet(telling, replica);
    telling.check(`the page had no error (${troubles.slice(0, 3).join(' | ') || 'none'})`, troubles.length === 0);
    telling.counts['model requests'] = house.model.requests().length;
    telling.counts['cost in micros'] = landed.usage.costMicros;
    replica.close();
  } finally {
    await browser.close();
  }
}

/** A repository that is not there is no success: the wizard says so, tries again, and asks for another. */
async function unreachable(telling: Telling, page: Page, house: House): Promise<void> {
  await page.getByLabel('Repository URL').fill(house.git.repoUrl('acme/nowhere'));
  await page.getByLabel('Access token').fill(GIT_TOKEN);
  await page.getByRole('button', { name: 'Connect repository' }).click();
  const step = page.getByRole('region', { name: 'Repository nowhere' });
  await step.getByText('nowhere is not connected').waitFor();
  telling.check('the wizard tells why a repository is not connected', (await step.getByRole('alert').innerText()).includes('repository_'));
  telling.check('it does not go on', (await page.getByRole('button', { name: 'Continue', exact: true }).count()) === 0);
  await shoot(page, 'a-0-unreachable');
  house.git.inject({ delayMs: 1_000 }); // long enough to be seen
  await step.getByRole('button', { name: 'Try again' }).click();
  await step.getByText('Connecting nowhere').waitFor();
  house.git.inject({ delayMs: 0 });
  await step.getByText('nowhere is not connected').waitFor();
  await step.getByRole('button', { name: 'Give another' }).click();
  const address = page.getByLabel('Repository URL');
  await address.waitFor();
  telling.check('another is asked for, with what was typed', (await address.inputValue()).includes('acme/nowhere'));
  const name = page.getByLabel('Name', { exact: true });
  await address.fill(house.git.repoUrl('acme/elsewhere'));
  telling.check(
    'its name follows the new address',
    (await name.inputValue()) === '' && (await name.getAttribute('placeholder')) === 'elsewhere',
  );
}

/** Every page and every object has an address that opens alone, and shows its object. */
async function walk(telling: Telling, page: Page, ids: { town: string; bead: string; agent: string; merge: string }): Promise<void> {
  const origin = new URL(page.url()).origin;
  const places: [string, RegExp][] = [
    ['', /Mayor/],
    ['/board', /format function/],
    ['/merges', /format function/],
    ['/agents', /polecat/i],
    ['/attention', /./],
    ['/settings', /Models/],
    [`/beads/${ids.bead}`, /format function/],
    [`/agents/${ids.agent}`, /Handed in/],
    [`/merges/${ids.merge}`, /node --test/],
  ];
  const findings: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [place, sees] of places) {
      await page.goto(`${origin}/t/${ids.town}${place}`);
      await page.getByText(sees).first().waitFor({ state: 'attached' });
      await shoot(page, `a-5-${colorScheme}${place.replaceAll('/', '-') || '-home'}`);
      findings.push(...(await axeFindings(page)).map((finding) => `${colorScheme} ${place}: ${finding}`));
    }
  }
  telling.check(`${places.length} addresses open alone and show their object`, true);
  telling.check(`axe finds nothing on them, light and dark (${findings.slice(0, 3).join(' | ') || 'none'})`, findings.length === 0);
  await page.goto(`${origin}/t/${ids.town}/board`);
  await page
    .getByRole('region', { name: 'Closed' })
    .getByRole('link', { name: /format function/ })
    .click();
  await page.getByRole('dialog').waitFor();
  telling.check(
    'a card on the board opens its drawer, which has an address',
    page.url().includes(`open=`) && page.url().includes(ids.bead),
  );
  await page.goBack();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  telling.check('Back closes the drawer', !page.url().includes('open='));
}
