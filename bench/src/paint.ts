import type { Page } from 'playwright-core';
import { House, openBrowser, openTown } from '@gastown/stories';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

/** P8: from the command of one person to the frame after the DOM of another's browser shows it. The baseline is a page that asks every 5 s. */
export async function paint(n: number): Promise<Measured> {
  const house = await House.open({ repos: ['parser'] });
  const browser = await openBrowser();
  try {
    const { client, town, replica, rigs } = await openTown(house, 'Bench', ['parser']);
    await client.command(town, { kind: 'town.pause' });
    const change = (title: string): Promise<unknown> => client.command(town, { kind: 'bead.create', rigId: rigs[0]!.id, title });
    await change('The first, so that the board has columns');
    const page = await (await browser.newContext()).newPage();
    await page.goto(await house.freshLink());
    await page.goto(`${house.base}/t/${town}/board`);
    await page.getByRole('region', { name: 'Open' }).waitFor();

    const live: number[] = [];
    for (let index = 0; index < n; index += 1) live.push(await timed(page, `Painted ${index}`, change));

    const polling = await (await browser.newContext()).newPage();
    await polling.goto(house.base);
    const polled: number[] = [];
    let title = '';
    await polling.exposeFunction('ask', () =>
      replica
        .all('beads')
        .map((bead) => bead.title)
        .includes(title),
    );
    await polling.setContent('<ul></ul>');
    await polling.evaluate(
      'setInterval(async () => { if (await window.ask()) document.querySelector("ul").textContent = "Polled"; }, 5000)',
    );
    for (let index = 0; index < 5; index += 1) {
      await polling.evaluate('document.querySelector("ul").textContent = ""');
      await polling.waitForTimeout(index * 1_000); // a change comes at any moment between two polls
      title = `Polled ${index}`;
      polled.push(await timed(polling, 'Polled', () => change(title)));
    }
    replica.close();
    const ratio = Math.round((figures(polled).median / figures(live).median) * 10) / 10;
    return { ok: true, why: [], figures: { changeToPaintMs: figures(live), polling5sMs: figures(polled), timesFaster: ratio } };
  } finally {
    await browser.close();
    await house.close();
  }
}

/** Milliseconds from before the change to the animation frame after the page's text holds `text`. Both clocks are this machine's. */
async function timed(page: Page, text: string, change: (title: string) => Promise<unknown>): Promise<number> {
  const painted = page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = (): boolean => {
          if (!document.body.textContent?.includes(wanted)) return false;
          requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
          return true;
        };
        const observer = new MutationObserver(() => look() && observer.disconnect());
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
    text,
  );
  const began = performance.timeOrigin + performance.now();
  await change(text);
  return (await painted) - began;
}
