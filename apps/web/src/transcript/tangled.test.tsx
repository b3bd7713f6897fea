import { readFileSync } from 'node:fs';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { highlight } from './highlight.ts';
import { RichText } from './Markdown.tsx';
import { isTangled } from './tangled.ts';
import { Unbroken } from './Unbroken.tsx';

const many = (piece: string, characters: number): string => piece.repeat(Math.ceil(characters / piece.length));
const rich = (text: string): string => renderToStaticMarkup(<RichText text={text} live={false} />);

const TANGLES = {
  'quotations in quotations': `${'>'.repeat(3000)}x`,
  'quotations with spaces': `${'> '.repeat(1500)}x`,
  'a list in a list in a list': `${'- '.repeat(1500)}x`,
  'numbers in numbers': `${'1. '.repeat(1500)}x`,
  'stairs behind a paragraph': `Look:\n\n${'> - '.repeat(500)}x`,
  brackets: '['.repeat(20_000),
  emphasis: many('*_', 20_000),
  'emphasis in emphasis': many('*a _b ', 20_000),
  tags: many('<b>', 20_000),
  ticks: many('`a', 20_000),
  'a table of 10 000 columns': `|${'a|'.repeat(10_000)}\n|${'-|'.repeat(10_000)}`,
  'a table of empty lines': `|${'a|'.repeat(70)}\n|${'-|'.repeat(70)}\n${'|\n'.repeat(2300)}`,
  'many lines': '- x\n'.repeat(5000),
  'many lines of another kind': '- x\r'.repeat(5000),
  'one line of a megabyte': 'x'.repeat(1_000_000),
};
test.each(Object.entries(TANGLES))('stays plain text: %s', (_name, text) => {
  expect(isTangled(text)).toBe(true);
});

test('what people and models write to be read is no tangle', () => {
  const table = `| gate | last | time |\n|---|---|---|\n${'| `npm test` | **failed** | 21.9 s |\n'.repeat(300)}`;
  const code = `\`\`\`ts\n${'  const [first, ...rest] = rows.map((row) => row.a_b);\n'.repeat(200)}\`\`\``;
  const design = readFileSync(new URL('../../../../design/architecture.md', import.meta.url), 'utf8');
  const lists = `${'> > - 1. deep\n'.repeat(50)}\n${'  '.repeat(20)}- deeper`;
  const numbers = '1\n'.repeat(400);
  for (const text of ['', 'Done.', numbers, table, code, design, lists, '-'.repeat(120), many('The quick brown fox. ', 40_000)])
    expect(isTangled(text)).toBe(false);
});

test('a tree that is too deep for what comes after the parser is refused, whatever made it deep', () => {
  const nested = (levels: number): string => `${'**a '.repeat(levels)}${' a**'.repeat(levels)}`.replace(/\s+\*\*$/, '**');
  const stairs = (levels: number): string => Array.from({ length: levels }, (_, at) => `${'  '.repeat(at)}- x`).join('\n');
  expect(rich(stairs(20))).toContain('<li');
  for (const text of [nested(300), stairs(90), `${'>'.repeat(150)}x`]) {
    expect(isTangled(text)).toBe(false);
    expect(() => rich(text)).toThrow('levels');
  }
});

test('what broke is shown as its text, and another text gets another try', () => {
  const props = { text: '**one**', children: 'drawn' };
  const shown = (state: Unbroken['state']) => {
    const part = new Unbroken(props);
    part.state = state;
    return renderToStaticMarkup(<>{part.render()}</>);
  };
  const whole = new Unbroken(props).state;
  const broken = { ...whole, ...Unbroken.getDerivedStateFromError() };
  expect(shown(whole)).toBe('drawn');
  expect(shown(broken)).toMatch(/^<div[^>]*>\*\*one\*\*<\/div>$/);
  expect(Unbroken.getDerivedStateFromProps(props, broken)).toBeNull();
  expect(shown(Unbroken.getDerivedStateFromProps({ ...props, text: '**two**' }, broken)!)).toBe('drawn');
});

test('a very long line of code keeps one tone; the lines beside it are coloured', async () => {
  const html = await highlight(`${'a => '.repeat(2000)}\nlet b = 1;`, 'ts');
  const [long, short] = html!.split('\n');
  expect(long!.match(/style=/g)?.length ?? 0).toBeLessThan(2);
  expect(short!.match(/style=/g)!.length).toBeGreaterThan(2);
});
