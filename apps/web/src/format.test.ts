import { expect, test } from 'vitest';
import { initials } from './format.ts';

test('two letters stand for a name', () => {
  expect(['billing-api', 'shop', 'x', 'acme/web_app', '日本語', '--'].map(initials)).toEqual(['BA', 'SH', 'X', 'AW', '日本', '']);
});
