import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeScreen } from './screen.ts';
import { Unfinished } from './unfinished.ts';

const heldAfter = (text: string | Uint8Array): number => {
  const unfinished = new Unfinished();
  unfinished.add(typeof text === 'string' ? Buffer.from(text) : text);
  return unfinished.held;
};

test.each([
  ['plain text', 'hello', 0],
  ['a whole colour', 'a\x1b[31m', 0],
  ['half a colour', 'a\x1b[3', 3],
  ['an escape alone', 'a\x1b', 1],
  ['half a title', 'a\x1b]2;half', 8],
  ['a whole title', 'a\x1b]2;half\x07', 0],
  ['a title that ends with ST', 'a\x1b]2;half\x1b\\', 0],
  ['a title before the end of ST', '\x1b]2;x\x1b', 6],
  ['a charset in two', 'a\x1b(', 2],
  ['a charset', 'a\x1b(B', 0],
  ['a cancelled sequence', '\x1b[3\x18', 0],
])('%s', (_name, text, held) => expect(heldAfter(text)).toBe(held));

test('half a character is held, a broken one is not', () => {
  expect(heldAfter(Buffer.from('é').subarray(0, 1))).toBe(1);
  expect(heldAfter(Buffer.from('😀').subarray(0, 3))).toBe(3);
  expect(heldAfter(Buffer.from('😀'))).toBe(0);
  expect(heldAfter(Buffer.from([0xc3, 0x41]))).toBe(0);
});

const shown = (screen: ReturnType<typeof makeScreen>, bytes: Uint8Array) => new Promise<void>((resolve) => screen.write(bytes, resolve));
const SIZE = { cols: 40, rows: 8 };
const PIECES = [
  'text ',
  'é',
  '😀',
  '漢',
  '\x1b[31m',
  '\x1b[0m',
  '\r\n',
  '\x1b[2J',
  '\x1b[H',
  '\x1b]2;title\x07',
  '\x1b[3;5H',
  '\x1b[?25l',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[2;6r',
  '\x1b[?6h',
  '\x1b[?6l',
  '\x1b[?2004h',
  '\x1b[K',
  '\x1b7',
  '\x1b8',
];

async function redrawn(before: Uint8Array, after: Uint8Array): Promise<[string[], string[]]> {
  const [first, second] = [makeScreen(SIZE, () => undefined), makeScreen(SIZE, () => undefined)];
  await shown(first, before);
  const { text, unfinished } = first.draw(1_000_000);
  await shown(second, Buffer.from(text));
  await shown(second, Buffer.concat([before.subarray(before.byteLength - unfinished), after]));
  await shown(first, after);
  const lines: [string[], string[]] = [first.lines(), second.lines()];
  first.dispose();
  second.dispose();
  return lines;
}

test.each([
  ['back from another screen once more', 'text \x1b[?1049h\x1b[?1049l', '\x1b[?1049ltext text '],
  ['back to a place that was kept in text that has scrolled', `${'line\r\n'.repeat(12)}\x1b[2;3H\x1b7\x1b[8;1H`, '\x1b8here'],
  ['from a place that lines are counted from', `text\r\n\x1b[2;3H\x1b7\x1b[3;6r\x1b[?6h\x1b[2;4H`, 'x\x1b8here'],
  ['though lines are counted from elsewhere', `\x1b[4;7H\x1b7\x1b[?6h\x1b[2;4H`, 'x\x1b8here'],
])('a screen drawn anew knows where a program goes back to: %s (WS-2)', async (_name, before, after) => {
  const [first, second] = await redrawn(Buffer.from(before), Buffer.from(after));
  expect(second).toEqual(first);
});

test.each([
  ['wider', SIZE.cols + 5, SIZE.rows],
  ['narrower than the place', 8, SIZE.rows],
  ['higher', SIZE.cols, SIZE.rows + 3],
])('a program goes back to the same place in a screen that is %s now, drawn anew or not (WS-2)', async (_name, cols, rows) => {
  const first = makeScreen(SIZE, () => undefined);
  await shown(first, Buffer.from('one\r\ntwo\x1b[2;10H\x1b7\x1b[1;1H'));
  await new Promise<void>((resolve) => first.resize(cols, rows, resolve));
  const second = makeScreen({ cols, rows }, () => undefined);
  await shown(second, Buffer.from(first.draw(1_000_000).text));
  for (const screen of [first, second]) await shown(screen, Buffer.from('\x1b8x'));
  expect(second.lines()).toEqual(first.lines());
  expect(first.lines()[1]).toBe(`two${' '.repeat(Math.min(9, cols - 1) - 3)}x`);
});

test('a screen drawn anew at any byte goes on as the first one does (WS-2)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 30 }), fc.nat(), async (pieces, somewhere) => {
      const bytes = Buffer.from(pieces.join(''));
      const cut = somewhere % bytes.byteLength;
      const [first, second] = await redrawn(bytes.subarray(0, cut), bytes.subarray(cut));
      expect(second).toEqual(first);
    }),
    { numRuns: 300 },
  );
});
