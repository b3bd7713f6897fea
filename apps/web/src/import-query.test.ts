import { ImportQuery } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { importQuery, type ImportWish } from './import-query.ts';

const read = (wish: Partial<ImportWish>) =>
  ImportQuery.parse(Object.fromEntries(importQuery({ rig: 'rig-1a2b3c4d', dryRun: false, start: false, ...wish })));

test('a look asks for what a person sees first, and then page by page', () => {
  expect(read({ dryRun: true })).toMatchObject({ dry_run: true, start: false, all: false });
  expect(read({ dryRun: true }).after).toBeUndefined();
  expect(read({ dryRun: true, lines: { after: 0, only: 'bad' } })).toMatchObject({ dry_run: true, all: false, after: 0, only: 'bad' });
});

test('an import asks for every line at once: nobody can ask for the rest of it later', () => {
  expect(read({ start: true })).toMatchObject({ rig: 'rig-1a2b3c4d', dry_run: false, start: true, all: true });
});
