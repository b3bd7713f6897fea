import type { PermissionCategory } from './states.ts';

/** Every runtime that this package is for has it; its types come with neither of them. */
declare const URL: { new (text: string): { readonly protocol: string; readonly origin: string }; canParse(text: string): boolean };

/**
 * What *for this run* allows of the network: any address of the same site, as `https://example.org`. Null: only the very same again, which holds for everything but addresses of the web. The runner decides by it and
 * the page says it before a person answers, so both ask here.
 */
export function siteOf({ category, title }: { readonly category: PermissionCategory; readonly title: string }): string | null {
  if (category !== 'web' || !URL.canParse(title)) return null;
  const { protocol, origin } = new URL(title);
  return protocol === 'https:' || protocol === 'http:' ? origin : null;
}
