import { LIMITS, type BadLine } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { bring, HEADER, quiet } from '../testing/bring.ts';
import type { Story } from '../testing.ts';
import { keptText } from './clean-line.ts';

/** However a credential stands in a line, it is not in what is kept of it (I16). `SECRET` is a part of each of them. */
const SECRET = /0123456789|IOSFODNN7|correct-horse|c2lnbmF0dXJl|SuperSecret/;
const most = LIMITS.badLineCharacters.value;
const json = (more: object): string => JSON.stringify({ id: 'b', title: 7, ...more });
const HOSTILE: readonly (readonly [string, string])[] = [
  ['behind a line feed', json({ description: 'use\nghp_0123456789abcdefghij' })],
  ['behind a line feed that is escaped twice', json({ description: JSON.stringify('use\nghp_0123456789abcdefghij') })],
  ['behind a tabulator', json({ description: 'use\tsk-ant-api03-0123456789abcdef' })],
  ['behind a sign written as a number', '{"id":"b","title":7,"description":"use\\u000bAKIAIOSFODNN7EXAMPLE"}'],
  ['with signs written as numbers', '{"id":"b","title":7,"description":"g\\u0068p_0123456789abcdefghij"}'],
  ['with a sign in it that nobody sees', '{"id":"b","title":7,"description":"gh\\u200bp_0123456789abcdefghij"}'],
  ['with such a sign as it is', json({ description: 'gh\u200bp_0123456789abcdefghij' })],
  ['a cloud key behind a line feed', json({ description: 'key:\nAKIAIOSFODNN7EXAMPLE\n' })],
  ['an assignment behind a line feed', json({ notes: 'x\npassword: correct-horse\ntoken:correct-horse' })],
  ['an assignment to a longer name', json({ notes: 'DB_PASSWORD=correct-horse' })],
  ['JSON in a text', json({ description: '{"password": "correct-horse"}' })],
  ['JSON in JSON in a text', json({ description: JSON.stringify({ a: '{"password": "correct-horse"}' }) })],
  ['JSON that is escaped, alone', '{\\"password\\": \\"correct-horse\\"}'],
  ['a field named as one', json({ metadata: { password: 'SuperSecret, "quoted"; long' } })],
  ['a field named as one, with a sign written as a number', '{"id":"b","title":7,"p\\u0061ssword":"Super Secret SuperSecret"}'],
  ['a field whose name ends as one', json({ githubToken: 'SuperSecret' })],
  ['a list in a field named as one', json({ token: ['SuperSecret', 'SuperSecret'] })],
  ['a number in a field named as one', '{"id":"b","title":7,"token":10123456789}'],
  ['an address whose slashes are escaped', '{"id":"b","title":7,"url":"https:\\/\\/ada:SuperSecret@git.example\\/x"}'],
  ['an address of a database', json({ url: 'postgres://ada:SuperSecret@db.example/x' })],
  ['a private key', json({ notes: '-----BEGIN RSA PRIVATE KEY-----\n0123456789\n-----END RSA PRIVATE KEY-----' })],
  ['a private key of which the line has the beginning', '{"id":"b","notes":"-----BEGIN RSA PRIVATE KEY-----\\n0123456789'],
  ['in a line that ends too early', '{"id":"b","description":"use\\nghp_0123456789abcdefghij'],
  ['in a line with one quote too many', '" {"id":"b","description":"use\\nghp_0123456789abcdefghij","password":"correct-horse"}'],
  ['in what is no JSON', 'use\\nghp_0123456789abcdefghij'],
  ['a signed token', json({ description: 'x\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl' })],
  ['the name of a field', json({ ghp_0123456789abcdefghij: 1 })],
  [
    'an address that the cut meets before its @',
    json({ x: `${'x'.repeat(most - 60)} https://ada:${'SuperSecret'.repeat(20)}@git.example` }),
  ],
  [
    'the beginning of an address, where what comes before it shrinks',
    json({ x: `token=${'x'.repeat(3 * most)} ${'y'.repeat(most - 90)} https://ada:${'SuperSecret'.repeat(9)}@git.example` }),
  ],
  ['a bad id', json({ id: 'x ghp_0123456789abcdefghij' })],
  ['a bad id that is cut', json({ id: `${'x'.repeat(80)} https://ada:${'SuperSecret'.repeat(9)}@git.example` })],
  ['an id that a bead may have', json({ id: 'ghp_0123456789abcdefghij' })],
  ['a value that the reason shows', json({ title: 'A', status: 'Use\nghp_0123456789abcdefghij' })],
  ['a value in a list that the reason shows', json({ title: 'A', labels: ['ok', 7, 'x'], priority: 'AKIAIOSFODNN7EXAMPLE' })],
];

describe('what is kept of a bad line has no credentials (I16)', () => {
  const kept = (one: Story): BadLine[] => one.town.town.badLines({ after: 0, limit: 100 }).lines;
  test.each(HOSTILE)('%s', (_name, evil) => {
    const one = quiet();
    const answer = bring(one, [evil, HEADER]);
    expect(answer.counts.quarantined).toBe(1);
    expect(kept(one)).toHaveLength(1);
    expect(kept(one)[0]!.text.length).toBeGreaterThan(2);
    expect(JSON.stringify(one.town.sql.all('SELECT * FROM bad_lines'))).not.toMatch(SECRET);
    expect(JSON.stringify([answer.lines, one.town.town.audit(one.town.now), one.town.rows().events])).not.toMatch(SECRET);
    // What names the line is clean as well, and still finds it.
    expect(bring(one, [evil, HEADER]).counts).toMatchObject({ quarantined: 0, knownBad: 1 });
  });

  test('a bead that is named like a credential leaves it when it comes mended', () => {
    const one = quiet();
    bring(one, [json({ id: 'ghp_0123456789abcdefghij' })]);
    expect(bring(one, [json({ id: 'ghp_0123456789abcdefghij', title: 'A' })]).counts.mended).toBe(1);
    expect(kept(one)).toEqual([]);
  });
});

test('what is no credential stays as it came, escapes and all', () => {
  for (const said of [
    '{ no JSON',
    '{"id":"b", "title" : 7, "description":"a\\nb \\"c\\" \\u00e9", "tokens":3}',
    'a "b" c\\d',
    '"',
    '\\',
    '',
  ])
    expect(keptText(said)).toEqual({ text: said, cut: false });
});

const PIECES = [
  'eyJaaaaaaaa-',
  'https://a',
  'token ',
  '\\',
  '"',
  '\\"',
  'token="',
  'Bearer ',
  '-----BEGIN ',
  '"token":',
  'a:',
  'ghp_',
  'gtr.a',
  'a://b:',
];
/** Some hundredths of a second of this thread's own time, whatever else the machine does; seconds where each sign looks at all the others. */
const MOST_MICROS = 1_000_000;
test.each(PIECES)('a line is cleaned in time that grows with its length alone: %j', { timeout: 60_000 }, (piece) => {
  const line = piece.repeat(Math.floor(500_000 / piece.length));
  const before = process.threadCpuUsage();
  const { text } = keptText(line);
  const { user, system } = process.threadCpuUsage(before);
  expect(text).toMatch(/^.{4,4096}$/s);
  expect(user + system).toBeLessThan(MOST_MICROS);
});
