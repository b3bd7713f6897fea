import type { Browser } from 'playwright-core';
import { openPage } from '../browser.ts';
import { badDay, colourOnly, tooFaint } from './judge.ts';
import { readInks, readMarks, readPage } from './read.ts';

/** A page with one defect of each kind, drawn by a real browser. */
const DEFECTS = `
  <body style="background: #fff; margin: 20px">
    <p style="color: #f26a1b">Waits for you</p>
    <div aria-label="Loading town" style="height: 20px; width: 200px; background: #eee"></div>
    <svg width="14" height="14" data-sign="Working" style="color: #0b7264"><circle cx="7" cy="7" r="5"></circle></svg>
    <svg width="14" height="14" data-sign="Failed" style="color: #b6233e"><title>Failed</title><circle cx="7" cy="7" r="5"></circle></svg>
    <div style="display: flex; height: 6px; width: 200px">
      <span style="width: 120px; background: #0b7264"></span><span style="width: 80px; background: #6a4bc4"></span>
    </div>
    <div style="width: 3000px; height: 1px"></div>
  </body>`;
const MUST_FIND = [
  'has no heading',
  'has 0 main landmarks',
  'waits without an end',
  'scrolls sideways',
  'does not say what is wrong',
  'does not say what happens next',
  'text too faint in grey',
  'nothing says “Working”',
  'one part ends where the other begins',
  'told apart by colour only',
];

/** A suite that cannot fail shows nothing: what it did not find of a page that is wrong in each way. */
export async function planted(browser: Browser): Promise<string[]> {
  const { page } = await openPage(browser);
  await page.setContent(DEFECTS);
  const found = [...badDay(await readPage(page)), ...tooFaint(await readInks(page)), ...colourOnly(await readMarks(page))].join('\n');
  await page.context().close();
  return MUST_FIND.filter((defect) => !found.includes(defect)).map((defect) => `a planted defect was not found: ${defect}`);
}
