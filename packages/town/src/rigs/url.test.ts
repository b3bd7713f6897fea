import { expect, test } from 'vitest';
import { HOSTILE_ADDRESSES } from '@gastown/protocol/testing';
import { sameRepository, safeGitUrl } from './url.ts';

test.each([
  'https://example.invalid/acme/web.git',
  'http://127.0.0.1:8080/x',
  'https://[::1]:443/x',
  'ssh://git@example.invalid:22/x',
  'git@example.invalid:acme/web.git',
  'file:///srv/git/x.git',
  '/srv/git/what?.git',
])('%s is taken as it is', (url) => {
  expect(safeGitUrl(` ${url}\n`)).toEqual({ ok: true, value: url });
});

test('a scheme in capitals is the same scheme', () => {
  expect(safeGitUrl('HTTPS://Example.invalid/X')).toEqual({ ok: true, value: 'https://Example.invalid/X' });
  expect(sameRepository('https://Example.invalid/X.git', 'https://example.invalid/X/')).toBe(true);
});

test('one repository by two names at a forge; on a disk a folder and its bare twin are two', () => {
  expect(sameRepository('git@example.invalid:a/x.git', 'git@example.invalid:a/x')).toBe(true);
  expect(sameRepository('/srv/x', 'file:///srv/x/')).toBe(true);
  expect(sameRepository('/srv/x', '/srv/x.git')).toBe(false);
  expect(sameRepository('file:///srv/x', '/srv/x.git')).toBe(false);
});

test.each([
  ['--upload-pack=x', 'dash'],
  ['ext::sh -c x', 'spaces'],
  ['ext::sh', 'begins with'],
  ['git@host:-x', 'dash'],
  ['git@host:acme::x', 'begins with'],
  ['https://user@host/x', 'token field'],
  ['https://user:secret@host/x', 'token field'],
  ['ssh://git:secret@host/x', 'token field'],
  ['https://host/x?token=secret', 'token field'],
  ['https://host/x#y', 'token field'],
  ['https://host:99999/x', 'host and a path'],
  ['https://host:0/x', 'host and a path'],
  ['https://host:/x', 'host and a path'],
  ['https://[/x', 'host and a path'],
  ['https://a]b/x', 'host and a path'],
  ['https://host', 'host and a path'],
  ['https://host/', 'host and a path'],
  ['https:///x', 'host and a path'],
  ['https://host/\u202egnp.exe', 'control characters'],
  ['https://host/a\u200bb', 'control characters'],
  ['file://host/x', 'file:///path'],
  ['/srv/../etc', '..'],
  ['ftp://host/x', 'begins with'],
])('%j is refused, and told why (GT-7)', (url, why) => {
  expect(safeGitUrl(url)).toMatchObject({ ok: false, failure: { code: 'repository_unsafe', message: expect.stringContaining(why) } });
});

test.each(HOSTILE_ADDRESSES)('$id: $address is not taken for a repository (GT-7, I15)', ({ address }) => {
  expect(safeGitUrl(address)).toMatchObject({ ok: false, failure: { code: 'repository_unsafe' } });
});
