import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What fades in has other colours on its way; what turns for ever is left to turn. */
const COME_TO_REST = `Promise.all(document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime))
  .map((one) => one.finished.catch(() => undefined))).then(() => undefined)`;

export const comeToRest = (page: Page): Promise<void> => page.evaluate(COME_TO_REST);

/** What axe finds wrong with the page as it stands, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`);
  await comeToRest(page);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[] }[] }[] }> } }
    ).axe.run();
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes
          .map((node) => node.target.join(' '))
          .slice(0, 2)
          .join(', ')})`,
    );
  });
}
