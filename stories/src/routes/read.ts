/** Reads a page of the real browser into what `judge.ts` judges. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Ink, Mark, Seen } from './judge.ts';

export const readPage = (page: Page): Promise<Seen> =>
  page.evaluate(() => {
    const toSee = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return width > 2 && height > 2 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const text = (root: Element, apart: string): string => {
      const words: string[] = [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const { parentElement: holder, textContent: said } = node;
        if (holder && said?.trim() && !holder.closest('script, style') && !(apart && holder.closest(apart)) && toSee(holder))
          words.push(said.trim());
      }
      return words.join(' ');
    };
    const TOASTS = '[data-sonner-toaster]';
    const each = (selector: string): Element[] => [...document.querySelectorAll(selector)].filter(toSee);
    const titles = (selector: string): string[] =>
      [...document.querySelectorAll(selector)].map((one) => one.textContent.trim()).filter(Boolean);
    return {
      words: text(document.body, `[role=alert], ${TOASTS}`),
      alerts: each('[role=alert]')
        .map((one) => text(one, TOASTS))
        .join(' '),
      toasts: [...document.querySelectorAll(TOASTS)].map((one) => one.textContent).join(' '),
      h1: titles('h1'),
      h2: titles('h2'),
      mains: each('main').length,
      waiting: each('[aria-label^=Loading], .animate-pulse, .animate-spin, button[aria-busy=true]').map(
        (one) => one.getAttribute('aria-label') ?? one.closest('[aria-label]')?.getAttribute('aria-label') ?? one.className.toString(),
      ),
      link: document.documentElement.dataset['link'] ?? '',
      sideways: document.documentElement.scrollWidth > innerWidth,
    };
  });

interface AxeNode {
  readonly target: readonly unknown[];
  readonly any: readonly { readonly data: { fgColor?: string; bgColor?: string; expectedContrastRatio?: string } | null }[];
}
type AxeResults = Record<'violations' | 'passes' | 'incomplete', readonly { readonly nodes: readonly AxeNode[] }[]>;

/** Every text that is shown, with its colour and the one behind it as axe works them out. */
export async function readInks(page: Page): Promise<Ink[]> {
  await page.evaluate(`if (!globalThis.axe) { ${axe.source} }; undefined`);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResults> } };
    const kinds = ['violations', 'passes', 'incomplete'] as const;
    const results = await axe.run({ runOnly: ['color-contrast'], resultTypes: kinds });
    return kinds
      .flatMap((kind) => results[kind].flatMap(({ nodes }) => nodes))
      .flatMap(({ target, any }) =>
        any.flatMap(({ data }) =>
          data?.fgColor && data.bgColor
            ? [{ where: target.join(' '), text: data.fgColor, back: data.bgColor, least: parseFloat(data.expectedContrastRatio ?? '4.5') }]
            : [],
        ),
      );
  });
}

/** Every icon, dot and part of a bar that is shown. */
export const readMarks = (page: Page): Promise<Mark[]> =>
  page.evaluate(() => {
    const toSee = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return width * height >= 4 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const sizeOf = (element: Element): string => {
      const { width, height } = element.getBoundingClientRect();
      return `${Math.round(width)}x${Math.round(height)}`;
    };
    const nameOf = (element: Element): string => [element.tagName.toLowerCase(), ...element.classList].slice(0, 4).join('.');
    const whereOf = (element: Element): string => {
      const holder = element.closest('section[aria-label], nav[aria-label], dialog, article, header');
      return `${holder?.getAttribute('aria-label') ?? holder?.tagName.toLowerCase() ?? 'page'} › ${element.getAttribute('aria-label') ?? nameOf(element)}`;
    };
    const nextTo = (element: Element): string => {
      let [told, holder] = ['', element as Element | null];
      for (let steps = 0; holder && steps < 4 && holder.tagName !== 'MAIN'; steps += 1, holder = holder.parentElement)
        told += ` ${holder.getAttribute('aria-label') ?? ''} ${holder.getAttribute('title') ?? ''} ${holder.textContent}`;
      return told;
    };
    const paintOf = (element: Element): string => {
      const style = getComputedStyle(element);
      return element instanceof SVGElement ? style.fill : style.backgroundColor;
    };
    const isBare = (element: Element): boolean =>
      !element.textContent.trim() && element.childElementCount === 0 && getComputedStyle(element).backgroundImage === 'none';
    const touching = (element: Element): string | null => {
      const next = element.nextElementSibling;
      if (!next || !isBare(next) || !toSee(next)) return null;
      const [one, other] = [element.getBoundingClientRect(), next.getBoundingClientRect()];
      const right = Math.abs(other.left - one.right) < 1 && Math.abs(other.top - one.top) < 1;
      const above = Math.abs(other.bottom - one.top) < 1 && Math.abs(other.left - one.left) < 1;
      return right || above ? paintOf(next) : null;
    };
    const icons = [...document.querySelectorAll('svg:not([role=img]:has(rect))')].filter((one) => toSee(one) && !one.closest('pre, code'));
    const parts = [...document.querySelectorAll('svg rect, span, i, div')].filter(
      (one) => isBare(one) && toSee(one) && !(one.tagName !== 'rect' && one.closest('svg, pre, code, .xterm')),
    );
    return [
      ...icons.map((icon) => ({
        where: whereOf(icon),
        form: `${sizeOf(icon)} ${icon.innerHTML.replace(/<title>.*?<\/title>/g, '')}`,
        colour: getComputedStyle(icon).color,
        sign: (icon as SVGElement).dataset['sign'] ?? null,
        told: nextTo(icon),
        beside: null,
      })),
      ...parts.map((part) => ({
        where: whereOf(part),
        form: `${part.tagName} ${sizeOf(part)} ${getComputedStyle(part).borderRadius} ${getComputedStyle(part).borderStyle}`,
        colour: paintOf(part),
        sign: null,
        told: '',
        beside: touching(part),
      })),
    ];
  });
