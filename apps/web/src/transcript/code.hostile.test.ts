import { expect, test } from 'vitest';
import { HOSTILE_CASES } from './code.hostile.ts';
import { highlight } from './highlight.ts';

/** Our own elements, with a class and colours of ours. */
const OURS =
  /<(?:\/(?:pre|code|span)|pre class="code" style="" tabindex="0"|code|span(?: class="line")?(?: style="color:var\(--shiki-[\w-]+\)")?)>/g;

test.each(HOSTILE_CASES)('$id: what is coloured is the text that was given, and no element but ours (I15)', async ({ code, language }) => {
  const html = await highlight(code, language);
  const rest = html?.replaceAll(OURS, '') ?? '';
  expect(rest).not.toContain('<');
  expect(rest.replaceAll('&#x3C;', '<').replaceAll('&#x26;', '&')).toBe(html === null ? '' : code);
});
