import { expect, onTestFinished, test, vi } from 'vitest';
import { HOSTILE_CASES, SECRET } from '../system/redact.hostile.ts';
import { makeRedactor } from '../system/redact.ts';
import { makeStars } from './stars.ts';

function setUp(...secrets: string[]) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const redactor = makeRedactor();
  for (const secret of secrets) redactor.add(secret);
  const passed: Uint8Array[] = [];
  const stars = makeStars({ secrets: redactor.inBytes, pass: (bytes) => passed.push(Uint8Array.from(bytes)), heldMs: 50 });
  const add = (text: string | Uint8Array): void => stars.add(Buffer.from(text));
  return {
    add,
    end: stars.end,
    redactor,
    pieces: () => passed.map((each) => Buffer.from(each).toString()),
    all: () => Buffer.concat(passed),
  };
}
const star = (much: number): string => '*'.repeat(much);

/** Written as programs write it, and told as a whole; addresses with a password are no secrets of the runner. */
const WRITTEN = HOSTILE_CASES.filter(({ id }) => !/address|^no-|name/.test(id) && !id.startsWith('cut-at-the-beginning'));
test.each(WRITTEN)(
  '$id: wherever output is cut into two pieces, nothing of a secret is left but its first three bytes (I16)',
  ({ shown }) => {
    const whole = setUp(SECRET);
    whole.add(shown);
    whole.end();
    const clean = whole.all().toString();
    expect(clean).toHaveLength(Buffer.from(shown).length);
    expect(clean).toContain('******');
    expect(makeRedactorOf(SECRET).redact(clean)).toBe(clean);
    for (let at = 1; at < shown.length; at++) {
      const cut = setUp(SECRET);
      cut.add(shown.slice(0, at));
      cut.add(shown.slice(at));
      cut.end();
      const said = cut.all().toString();
      const differs = [...said].filter((each, index) => each !== clean[index]).length;
      expect([said.length, differs]).toEqual([clean.length, Math.min(differs, 3)]);
    }
  },
);
const makeRedactorOf = (secret: string) => {
  const redactor = makeRedactor();
  redactor.add(secret);
  return redactor;
};

test('a secret that comes byte by byte is stars but for its first three, and what stands around it is as it was (I16)', () => {
  const { add, end, all } = setUp(SECRET);
  for (const byte of Buffer.from(`\x1b[31mé ${SECRET}\x1b[0m é`)) add(Uint8Array.of(byte));
  end();
  expect(all().toString()).toBe(`\x1b[31mé ${SECRET.slice(0, 3)}${star(SECRET.length - 3)}\x1b[0m é`);
});

test('a key goes by at once, also one that a secret begins with; what begins a secret waits for the rest and no longer (P15)', () => {
  const { add, pieces } = setUp(SECRET);
  for (const key of ['g', 'h', 'o', 'x']) add(key);
  expect(pieces()).toEqual(['g', 'h', 'o', 'x']);
  add(`see ${SECRET.slice(0, 6)}`);
  expect(pieces().slice(4)).toEqual(['see ']);
  vi.advanceTimersByTime(50);
  expect(pieces().slice(5)).toEqual([SECRET.slice(0, 6)]);
  add('.');
  expect(pieces().slice(6)).toEqual(['.']);
  add(`see ${SECRET.slice(0, 11)}`);
  vi.advanceTimersByTime(60_000);
  expect(pieces().slice(7)).toEqual(['see ']);
  add(' no');
  expect(pieces().slice(8)).toEqual([`${SECRET.slice(0, 11)} no`]);
});

test('what was passed on before it was known to be a secret is not said again; the rest is stars (I16)', () => {
  const { add, pieces } = setUp(SECRET);
  add(SECRET.slice(0, 6));
  vi.advanceTimersByTime(50);
  add(SECRET.slice(6, 12));
  vi.advanceTimersByTime(60_000);
  add(`${SECRET.slice(12)}!`);
  expect(pieces()).toEqual([SECRET.slice(0, 6), `${star(SECRET.length - 6)}!`]);
});

test('a secret that lies over another, or is in it, leaves neither, however they are cut (I16)', () => {
  for (const secrets of [
    ['hunter22', 'hunter22-and-more-of-it'],
    ['abcdefabcdef', 'defabcxyz'],
    ['aaaaaaaa', 'aaaaaaab'],
  ]) {
    const shown = `-${secrets.join('')}${secrets.toReversed().join('')}abcdefabcdefabcxyz-`;
    for (let at = 0; at < shown.length; at++)
      for (const more of [1, 3, 4, 9]) {
        const { add, end, all } = setUp(...secrets);
        for (const piece of [shown.slice(0, at), shown.slice(at, at + more), shown.slice(at + more)]) add(piece);
        end();
        const said = all().toString();
        expect(said).toHaveLength(shown.length);
        for (const secret of secrets) expect(said).not.toContain(secret.slice(3));
      }
  }
});

test('the end of a secret that begins another is not said, whatever follows (I16)', () => {
  const { add, pieces } = setUp('hunter22-and-more', 'and-more-of-another');
  add('hunter22-and-more');
  add('!');
  expect(pieces()).toEqual([star(17), '!']);
});

test('a part of a secret of characters of several bytes leaves whole characters', () => {
  const secret = 'pässwörd-päßwort-ñandú-é';
  const { add, end, all } = setUp(secret);
  add(`${secret}, ${secret.slice(0, -1)}è`);
  end();
  expect(all().toString()).toBe(`${star(Buffer.byteLength(secret))}, ${star(Buffer.byteLength(secret) - 2)}è`);
});

test('a flood of what a secret is made of keeps no more of it than the secret is long', () => {
  const { add, all } = setUp('0'.repeat(20));
  for (let piece = 0; piece < 100; piece += 1) add('0'.repeat(1_000));
  expect(all().length).toBeGreaterThan(100_000 - 20);
  expect(all().toString()).toMatch(/^\*+$/);
});

test('with many secrets output goes by faster than a terminal takes it (P15)', () => {
  const { add, redactor } = setUp();
  for (let at = 0; at < 64; at += 1) redactor.addPassing(`ghs_${Buffer.from(`installation ${at}`).toString('base64url').repeat(2)}`);
  const flood = Buffer.from('0123456789012345678901234567890123456789\r\n'.repeat(1_500));
  add(flood);
  const before = process.cpuUsage();
  for (let piece = 0; piece < 100; piece += 1) add(flood);
  const bytesASecond = (100 * flood.length) / (process.cpuUsage(before).user / 1_000_000);
  expect(bytesASecond).toBeGreaterThan(50_000_000);
});
