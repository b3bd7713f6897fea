import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { HOSTILE_CASES } from './markdown.hostile.ts';
import { RichText } from './Markdown.tsx';

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&');
/** React writes each element as a tag with its attributes in quotes, and every other `<` as an entity. */
const elementsOf = (html: string): Element[] =>
  [...html.matchAll(/<([a-zA-Z][^\s/>]*)((?:\s+[^\s=/>]+(?:="[^"]*")?)*)\s*\/?>/g)].map(([, name = '', rest = '']) => ({
    name,
    attributes: new Map([...rest.matchAll(/([^\s=]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, unescaped(value)])),
  }));
const textOf = (html: string): string => unescaped(html.replaceAll(/<[^>]*>/g, ''));

const NAMES =
  'a bdi blockquote br button code del div em h2 h3 hr input li ol p pre section span strong sub sup svg path rect table tbody td th thead tr ul'.split(
    ' ',
  );
const ATTRIBUTES =
  /^(class|href|target|rel|type|checked|disabled|start|title|tabindex|role|lang|d|fill|viewBox|width|height|stroke[\w-]*|data-[\w-]+|aria-[\w-]+)$/;
const PLACES = /^(https?:\/\/|mailto:|#)/;
/** Links whose words name the good host, though they go elsewhere, and that do not say so. */
const turnedOf = (html: string): string[] =>
  [...html.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>(.{0,80})/gs)].flatMap(([, href = '', words = '', after = '']) => {
    const { host, pathname, protocol } = new URL(unescaped(href), 'https://page.example');
    if (!textOf(words).includes('good.example') || host === 'good.example') return [];
    return textOf(after).startsWith(` (${protocol === 'mailto:' ? pathname : host})`) ? [] : [href];
  });
test('the look at turned links sees one', () => {
  expect(turnedOf('<a class="x" href="https://evil.example/a">https://good.example</a> and more')).toEqual(['https://evil.example/a']);
});

const ways = [
  ['settled', false],
  ['live', true],
] as const;
for (const [way, live] of ways)
  test.each(HOSTILE_CASES)(
    `$id, ${way}: nothing runs, nothing is fetched, and no link says another address than its own (I15, I16)`,
    ({ text, shows }) => {
      const html = renderToStaticMarkup(<RichText text={text} live={live} />);
      const elements = elementsOf(html);
      const odd = elements.flatMap(({ name, attributes }) => [
        ...(NAMES.includes(name) ? [] : [name]),
        ...[...attributes]
          .filter(([key, value]) => !ATTRIBUTES.test(key) && !(key === 'id' && value.startsWith('user-content-')))
          .map(([key]) => key),
        ...[...attributes]
          .filter(([key, value]) => key === 'href' && (!PLACES.test(value) || /[\s\\]/.test(value)))
          .map(([, value]) => value),
        ...(name === 'input' && attributes.get('type') !== 'checkbox' ? ['a field'] : []),
        ...(name === 'a' && !attributes.get('rel')?.includes('noopener') && attributes.get('href')?.startsWith('#') !== true
          ? ['a link that its page can follow']
          : []),
      ]);
      expect(odd).toEqual([]);
      expect(turnedOf(html)).toEqual([]);
      expect(textOf(html)).toContain(shows ?? '');
    },
  );

test.each([
  ['[the docs](https://a.example/docs)', 'the docs'],
  ['[https://a.example/x.html](https://a.example/x.html)', 'https://a.example/x.html'],
  ['https://a.example/x.html', 'https://a.example/x.html'],
  ['[A.example](https://a.example/docs)', 'A.example'],
  ['[a@a.example](mailto:a@a.example)', 'a@a.example'],
  ['[version 1.2, e.g.](https://a.example)', 'version 1.2, e.g.'],
  ['[src/main.ts](https://a.example/src/main.ts)', 'src/main.ts'],
  ['[good.example](#part)', 'good.example'],
])('%s is shown as it is', (text, shown) => {
  expect(textOf(renderToStaticMarkup(<RichText text={text} live={false} />))).toBe(shown);
});
