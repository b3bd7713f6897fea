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

/** As the door tokens of two pools of one runner: their first 24 characters are the same. */
const TOWN = 'gtd.k3v9q0t2m4xa.ab12cd.';
const [ONE, OTHER] = [`${TOWN}claude-1.Qm8Yd0PzKfT4Xw`, `${TOWN}kilo-22.Zsw9TXqu5LbN7c`];
test.each([
  ['the first that was known', ONE],
  ['the other', OTHER],
])('of two secrets that begin with the same 24 characters nothing is left of %s, wherever it is cut (I16)', (_, secret) => {
  const both = makeRedactor();
  for (const each of [ONE, OTHER]) both.add(each);
  const forms = [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')];
  for (const form of forms) {
    for (let length = 12; length <= form.length; length++) {
      expect(both.redact(`token ${form.slice(0, length)}`)).toMatch(/^token \*{4}[A-Za-z0-9]?=*$/);
      expect(both.redact(`token ${form.slice(0, length)}… is refused`)).toMatch(/^token \*{4}[A-Za-z0-9]?=*… is refused$/);
    }
    for (let length = 12; length < secret.length; length++)
      expect(both.redact(`${secret.slice(-length)} is refused`)).toBe('**** is refused');
  }
});

test('what an agent named something has no secret in it, nor is anything lost by that; names of ours stay (I16)', () => {
  const words = makeRedactor();
  for (const secret of [SECRET, 'report', 'hunter22']) words.add(secret);
  const told = redactedJson(words.redact, {
    t: 'tool',
    report: 1,
    args: { data: { [SECRET]: 1, hunter22: 2, report: { kind: 'report' }, list: [{ report: 3 }], plain: 4 } },
    commands: { hunter22: 5 },
  });
  expect(told).toBe(
    '{"t":"tool","report":1,"args":{"data":{"****":1,"*****":2,"******":{"kind":"****"},"list":[{"****":3}],"plain":4}},"commands":{"****":5}}',
  );
});

test('of a short secret only the whole is one: what an id or a word has of it stays', () => {
  const short = makeRedactor();
  for (const secret of ['report', 'abc12345']) short.add(secret);
  for (const text of ['run_abcrep', 'see 2345', 'to rep', 'run-abc1234', 'ort of it']) expect(short.redact(text)).toBe(text);
  expect(short.redact('a report of abc12345')).toBe('a **** of ****');
});

test('ids and commits that begin or end like a secret by chance stay; with much of one they do not', () => {
  const hex = makeRedactor();
  hex.add('0123456789abcdef0123456789abcdef01234567');
  for (const id of ['run-ab0123456789', `${'f'.repeat(28)}0123456789ab`]) expect(hex.redact(id)).toBe(id);
  expect(hex.redact(`${'f'.repeat(23)}0123456789abcdef0`)).toBe(`${'f'.repeat(23)}****`);
  expect(hex.redact('0123456789abcdef0123456789abcdef01234567')).toBe('****');
});

test('of secrets that another takes the place of the last 64 are known, and those that stay are never forgotten (I16)', () => {
  const many = makeRedactor();
  many.add('stays-for-ever');
  const passing = Array.from({ length: 80 }, (_, at) => `passing-${at}-of-80`);
  for (const secret of passing) {
    many.addPassing(secret);
    many.addPassing(passing[0]!);
  }
  const told = passing.filter((secret) => many.redact(`see ${secret}.`) !== 'see ****.');
  expect(told).toEqual(passing.slice(1, 17));
  expect(many.redact('it stays-for-ever')).toBe('it ****');
});

test('a secret that is known already costs nothing again', () => {
  const known = makeRedactor();
  const secrets = Array.from({ length: 60 }, (_, at) => `${SECRET}${at}`);
  const cost = (add: () => void): number => {
    const before = performance.now();
    add();
    return performance.now() - before;
  };
  const first = cost(() => secrets.forEach((secret) => known.addPassing(secret)));
  const again = cost(() => secrets.forEach((secret) => known.addPassing(secret)));
  expect(again).toBeLessThan(first / 4);
});

test('wherever a text is cut into two that are sent one after the other, what may begin a secret waits for the rest (I16)', () => {
  for (let at = 4; at < SECRET.length; at++) expect(redactor.begun(`see ${SECRET.slice(0, at)}`)).toBe(at);
  for (const text of ['', 'see', 'see g', 'see gho']) expect(redactor.begun(text)).toBe(0);
  expect([redactor.begun('see gho_aB3', true), redactor.begun('see gho_aB3/', true)]).toEqual([0, 8]);
});

test('a text that goes on from what was told just before has no secret that began there (I16)', () => {
  for (let at = 1; at < SECRET.length; at++) {
    expect(redactor.redact(`${SECRET.slice(at)}, or so`, `is ${SECRET.slice(0, at)}`)).toBe('****, or so');
  }
  expect(redactor.redact('or so', `is ${SECRET}`)).toBe('or so');
});
