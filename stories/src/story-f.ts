import type { Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { openBrowser, openPage, shoot } from './browser.ts';
import { checkLanded, closed, openTown } from './errands.ts';
import type { House } from './house.ts';
import type { Telling } from './telling.ts';

const SCRIPT = (steps: unknown[]): string => `<<<SCRIPT ${JSON.stringify(steps)} SCRIPT>>>`;
const SHORT = SCRIPT([
  {
    tool: 'bash',
    args: { command: 'echo imported > IMPORTED.md && git add IMPORTED.md && git commit -qm "Imported work"', description: 'Write' },
  },
  { tool: 'gt_done', args: { summary: 'The imported bead is done.' } },
  { text: 'Handed in' },
]);
/** Work that goes on until it is stopped. */
const ENDLESS = SCRIPT([{ tool: 'bash', args: { command: 'tail -f /dev/null', description: 'Wait for ever' } }, { text: 'Never said' }]);

const FILE = [
  JSON.stringify({ id: 'bd-short', title: 'Short imported work', description: SHORT, status: 'open', priority: 1, issue_type: 'task' }),
  JSON.stringify({
    id: 'bd-endless',
    title: 'Endless imported work',
    description: ENDLESS,
    status: 'open',
    priority: 2,
    issue_type: 'task',
    dependencies: [{ issue_id: 'bd-endless', depends_on_id: 'bd-short', type: 'blocks' }],
  }),
  '{"id":"bd-broken","title":',
].join('\n');
const STOP_WITHIN_MS = 5_000;

/** The line that could not be taken is shown by itself when it came, and goes when a person lets it go. */
async function badLines(telling: Telling, page: Page): Promise<void> {
  const kept = page.getByRole('region', { name: 'Lines not taken' });
  await kept.getByText('Line 3').click();
  await kept.getByText('it is not JSON').waitFor();
  await shoot(page, 'f-1-bad-lines');
  const findings = await axeFindings(page);
  telling.check(`axe finds nothing on the lines not taken (${findings.slice(0, 3).join(' | ') || 'none'})`, findings.length === 0);
  for (const press of ['Let go', 'Let it go?']) await kept.getByRole('button', { name: press }).click();
  await kept.waitFor({ state: 'detached' });
  telling.check('a line that could not be taken is kept, and goes when it is let go', true);
}

/** F: beads from a file are looked at, brought and started; a limit holds them and is raised; a stop ends everything. All by the page. */
export async function storyF(telling: Telling, house: House): Promise<void> {
  const { client, town, replica, rigs } = await openTown(house, 'Story F', ['parser']);
  const { model } = replica.all('town')[0]!;
  const price = { input: 1_000_000, output: 2_000_000, cacheRead: 100_000, cacheWrite: 1_000_000 };
  await client.command(town, { kind: 'town.configure', model: { ...model!, price } });
  const browser = await openBrowser();
  try {
    const { page, troubles } = await openPage(browser);
    await page.goto(await house.freshLink());
    const at = (place: string): Promise<unknown> => page.goto(`${house.base}/t/${town}${place}`);

    await at('/settings?tab=import');
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'beads.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(FILE) });
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('This would bring 2 new beads').waitFor();
    await shoot(page, 'f-1-dry-run');
    telling.check('a dry run names the line that cannot be taken', await page.getByRole('button', { name: 'Bad 1' }).isVisible());
    telling.check('a dry run writes nothing', replica.all('beads').filter((bead) => bead.type === 'issue').length === 0);
    await page.getByRole('button', { name: 'Import 2 beads' }).click();
    await replica.until('both beads are here', () => replica.get('beads', 'bd-endless')?.hold === 'staged');
    telling.check('what was imported waits for a person', replica.get('beads', 'bd-short')?.hold === 'staged');
    await badLines(telling, page);
    telling.mark('imported');

    await limitOfTown(page, at, '0');
    await replica.until('the limit is set', () => replica.all('limits').some((limit) => limit.level === 'town' && limit.hardMicros === 0));
    await client.command(town, { kind: 'bead.start', rigId: rigs[0]!.id });
    await replica.until('the bead waits for money', () => replica.get('beads', 'bd-short')?.wait?.code === 'budget_spent');
    await at('/board?open=bead:bd-short');
    await page.getByTestId('why-not').getByText('The hard limit of the town is reached').waitFor();
    await shoot(page, 'f-2-limit');
    telling.check('no run was started', replica.all('runs').filter((run) => run.beadId !== null).length === 0);

    await at('/attention');
    await page.getByRole('article', { name: 'The hard limit of the town is reached' }).getByRole('link', { name: 'Raise' }).click();
    const field = page.getByLabel('Hard limit of the town in dollars');
    await field.fill('50');
    await field.press('Enter');
    await page.getByRole('button', { name: /^Hard limit of the town: \$50/ }).waitFor();
    telling.check('Attention leads to the limit, which is raised there', true);
    const landed = await closed(replica, 'bd-short', 180_000);
    await checkLanded(telling, house, replica, 'parser', landed);
    telling.mark('landed after the limit was raised');

    const run = await replica.until(
      'the second bead is worked on',
      () => replica.all('runs').find((one) => one.beadId === 'bd-endless' && one.state === 'working'),
      120_000,
    );
    await page.getByRole('button', { name: 'Stop town' }).click();
    await shoot(page, 'f-3-stop');
    await page.getByRole('button', { name: 'Stop now' }).click();
    const asked = Date.now();
    await replica.until('the run is over', () => replica.get('runs', run.id)?.state === 'ended', 30_000);
    const took = Date.now() - asked;
    telling.counts['stop took ms'] = took;
    telling.check(`a stop ended what ran within ${STOP_WITHIN_MS / 1000} s (${took} ms)`, took <= STOP_WITHIN_MS);
    await page.getByText('Every agent was ended and no model call goes through').waitFor();
    const after = house.model.requests().length;
    telling.check('the bead is back in line and no attempt was charged', replica.get('beads', 'bd-endless')?.attempts === 0);

    const findings: string[] = [];
    for (const place of [
      '/settings?tab=import',
      '/settings?tab=spend',
      '/settings?tab=health',
      '/convoys',
      '/attention',
      '/beads/bd-endless',
    ]) {
      await at(place);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      findings.push(...(await axeFindings(page)).map((finding) => `${place}: ${finding}`));
    }
    await shoot(page, 'f-4-stopped');
    telling.check(`axe finds nothing on the new pages (${findings.slice(0, 3).join(' | ') || 'none'})`, findings.length === 0);
    telling.check('no model call went through since', house.model.requests().length === after);
    await page.getByRole('button', { name: 'Resume town', exact: true }).first().click();
    await replica.until('the town goes on', () => replica.all('town')[0]?.stopped === false);
    telling.check(`the page had no error (${troubles.slice(0, 3).join(' | ') || 'none'})`, troubles.length === 0);
    replica.close();
  } finally {
    await browser.close();
  }
}

/** Sets the hard limit of the town where it stands. */
async function limitOfTown(page: Page, at: (place: string) => Promise<unknown>, dollars: string): Promise<void> {
  await at('/settings?tab=spend');
  await page.getByRole('button', { name: /^Hard limit of the town/ }).click();
  const field = page.getByLabel('Hard limit of the town in dollars');
  await field.fill(dollars);
  await field.press('Enter');
}
