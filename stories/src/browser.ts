import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const CHROMIUM = process.env['GASTOWN_CHROMIUM'] ?? '/usr/bin/chromium';

/** A real Chromium that talks to nobody but the town. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  });

/** A page whose errors the story must not have: uncaught exceptions and console errors are gathered. */
export async function openPage(browser: Browser, size = { width: 1440, height: 900 }): Promise<{ page: Page; troubles: string[] }> {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
  });
  page.setDefaultTimeout(60_000);
  return { page, troubles };
}

/** Saves a picture when GASTOWN_SHOTS names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['GASTOWN_SHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
