import { expect, test } from 'vitest';
import { makeLog } from './log.ts';
import { HOSTILE_CASES, SECRET } from './redact.hostile.ts';
import { makeRedactor, redactedJson } from './redact.ts';

const redactor = makeRedactor();
redactor.add(SECRET);

/** No six characters of the secret, as it is or as somebody reads it out of base64, hex or an address. */
function leaks(text: string): boolean {
  const words = text.split(/[^A-Za-z0-9+/_=%-]+/);
  const read = [
    text,
    ...words.flatMap((word) => [
      ...[0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64').toString('latin1')),
      Buffer.from(word, 'hex').toString('latin1'),
    ]),
  ];
  const parts = Array.from({ length: SECRET.length - 5 }, (_, at) => SECRET.slice(at, at + 6));
  return [...parts, 'hunter22', 'ter22'].some((part) => read.some((each) => each.includes(part)));
}

test.each(HOSTILE_CASES)('$id: what leaves the runner has nothing of a secret in it (I16, GT-7)', ({ shown, left }) => {
  const clean = redactor.redact(shown);
  expect(leaks(clean)).toBe(false);
  expect(clean).toBe(left ?? clean);
});

test('a log line of each is JSON, and says nothing of the secret (I16)', () => {
  const lines: string[] = [];
  const log = makeLog(
    redactor,
    (line) => lines.push(line),
    () => 0,
  );
  for (const { shown } of HOSTILE_CASES) log('x', { shown, mail: 'ada@example.org' });
  expect(lines.map((line) => (JSON.parse(line) as { mail: string }).mail)).toEqual(HOSTILE_CASES.map(() => 'ada@example.org'));
  expect(lines.filter(leaks)).toEqual([]);
});

test('of two secrets that begin alike neither leaves its rest (I16)', () => {
  const both = makeRedactor();
  for (const secret of ['hunter22', 'hunter22-and-more-of-it']) both.add(secret);
  expect(both.redact('hunter22-and-more-of-it, hunter22')).toBe('****, ****');
});

test('a secret that is a word of the protocol does not change what a frame is', () => {
  const words = makeRedactor();
  words.add('report');
  expect(redactedJson(words.redact, { t: 'report', report: { kind: 'report', text: 'a report' } })).toBe(
    '{"t":"report","report":{"kind":"report","text":"a ****"}}',
  );
});

test('wherever a text is cut into two that are sent one after the other, what may begin a secret waits for the rest (I16)', () => {
  for (let at = 1; at < SECRET.length; at++) expect(redactor.begun(`see ${SECRET.slice(0, at)}`)).toBe(at);
  expect([redactor.begun(''), redactor.begun('see')]).toEqual([0, 0]);
});
