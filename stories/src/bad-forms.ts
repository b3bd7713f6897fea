import { openBrowser, openPage } from './browser.ts';
import type { Client } from './client.ts';
import type { House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Telling } from './telling.ts';

/** The forms of the page: what the town refuses is told beside the form, with the next step, and the text typed is still there. */
export async function badForms(telling: Telling, house: House, client: Client, town: string, replica: Replica): Promise<void> {
  const browser = await openBrowser();
  try {
    const { page } = await openPage(browser);
    await page.goto(await house.freshLink());
    await page.goto(`${house.base}/t/${town}/settings?tab=repositories`);
    const rigs = replica.all('rigs').length;
    await page.getByRole('button', { name: 'Add repository', exact: true }).click();
    await page.getByLabel('Repository URL').fill('ext::sh -c id');
    await page.getByLabel('Name', { exact: true }).last().fill('evil');
    await page
      .getByRole('button', { name: /connect repository|add repository/i })
      .last()
      .click();
    await page
      .getByText(/not allowed|https, ssh/i)
      .first()
      .waitFor();
    telling.check(
      'a form says why an address is refused and keeps what was typed',
      (await page.getByLabel('Repository URL').inputValue()) === 'ext::sh -c id',
    );
    telling.check('nothing was connected', replica.all('rigs').length === rigs);

    const bodies = [`${'>'.repeat(3000)}x`, `${'>'.repeat(150)}x`];
    for (const [at, body] of bodies.entries()) {
      const wish = { kind: 'bead.create', rigId: replica.all('rigs')[0]!.id, title: `Hard to draw ${at}`, body, staged: true } as const;
      const { beadId } = (await client.command(town, wish)) as { beadId: string };
      await page.goto(`${house.base}/t/${town}/beads/${beadId}`);
      await page.getByRole('heading', { name: wish.title }).waitFor();
      const shown = await page.locator('article .md').innerText();
      telling.check(`a body of ${body.length} quotations in each other is shown as its text`, shown === body);
    }

    await page.goto(`${house.base}/t/zzzzzzzzzzzz`);
    await page
      .getByText(/no such town|not found|not here/i)
      .first()
      .waitFor();
    telling.check('a town that is not there has its own page', true);
    await page.goto(`${house.base}/t/${town}/beads/gt-00000000`);
    await page
      .getByText(/no such|not found|not here/i)
      .first()
      .waitFor();
    telling.check('a bead that is not there has its own page', true);
    await page.context().clearCookies();
    await page.goto(`${house.base}/t/${town}`);
    await page
      .getByText(/gastown link/)
      .first()
      .waitFor();
    telling.check('a stranger is told how to sign in', true);
    telling.counts['cases'] = (telling.counts['cases'] ?? 0) + 6;
  } finally {
    await browser.close();
  }
}
