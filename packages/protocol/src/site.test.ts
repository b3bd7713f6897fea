import { expect, test } from 'vitest';
import { siteOf } from './site.ts';

test('an address of the web is one of its site: scheme, host and port', () => {
  expect(siteOf({ category: 'web', title: 'https://Example.org/one?two' })).toBe('https://example.org');
  expect(siteOf({ category: 'web', title: 'http://example.org:8080/' })).toBe('http://example.org:8080');
  expect(siteOf({ category: 'web', title: 'https://example.org@evil.example/' })).toBe('https://evil.example');
});

test('anything else has none: for the run it is the very same again', () => {
  expect(siteOf({ category: 'web', title: 'how to use vitest' })).toBeNull();
  expect(siteOf({ category: 'web', title: 'file:///etc/passwd' })).toBeNull();
  expect(siteOf({ category: 'commands', title: 'https://example.org/' })).toBeNull();
});
