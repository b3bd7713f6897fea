import { LIMITS } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { cleanText, keep } from './clean.ts';

const SECRETS: readonly (readonly [string, string])[] = [
  ['a password in an address', 'https://ada:hunter22@git.example/x.git'],
  ['a token in an address', 'https://ghp_0123456789abcdefghij@git.example/x.git'],
  ['a header', 'Authorization: Bearer abcdef0123456789'],
  ['a forge token', 'pushed with ghp_0123456789abcdefghij ok'],
  ['a fine-grained token', 'github_pat_11ABCDEFG0123456789'],
  ['a model key', 'key sk-ant-api03-0123456789abcdef'],
  ['a cloud key', 'AKIAIOSFODNN7EXAMPLE'],
  ['a signed token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'],
  ['a token of the container’s runner', 'gtr.town00000001.7.0123456789abcdef'],
  ['a token of a machine', 'gtm.town00000001.rn-a1b2c3d4e5f6.2.0123456789abcdef'],
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef0123\n-----END OPENSSH PRIVATE KEY-----'],
  ['an assignment', 'PASSWORD=correct-horse'],
  ['a field of JSON in a text', '{"api_key": "0123456789"}'],
];
test.each(SECRETS)('%s is not kept (I16)', (_name, said) => {
  const cleaned = cleanText(said);
  expect(cleaned).not.toMatch(/hunter22|0123456789|correct-horse|IOSFODNN7|c2lnbmF0dXJl/);
  expect(cleaned.length).toBeGreaterThan(2);
});

test('what is no credential stays as it is: ids, commits, sentences', () => {
  const said = 'run-0123456789ab on gt-1a2b3c4d: 43df84e0c92accc8aba46fb573091333f121bd62, 12 tokens: fine, see https://git.example/x';
  expect(cleanText(said)).toBe(said);
});

test('a field that is named as a credential has stars, whatever it holds', () => {
  expect(keep({ a: { token: 'short', Authorization: 'x', tokens: 3 } }).text).toBe(
    '{"a":{"token":"****","Authorization":"****","tokens":3}}',
  );
});

test('what is kept is bounded: whole, else with long texts cut, else its beginning (DM-17)', () => {
  const most = LIMITS.quarantineCharacters.value;
  expect(keep({ text: 'short' })).toEqual({ text: '{"text":"short"}', kept: 'whole' });
  const cut = keep({ summary: 'x'.repeat(most + 1), id: 7 });
  expect(cut.kept).toBe('cut');
  expect(JSON.parse(cut.text)).toMatchObject({ id: 7, summary: expect.stringMatching(/^x{2000}… \(cut\)$/) });
  const head = keep(Array.from({ length: 100 }, () => 'y'.repeat(1_000)));
  expect(head.kept).toBe('head');
  expect(head.text).toHaveLength(most);
});
