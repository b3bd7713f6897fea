import { expect, test } from 'vitest';
import { brokeOff } from './repository-effects.ts';

test.each([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'state_unwritable'],
  ['EIO', 'state_unwritable'],
  ['EMFILE', 'machine_full'],
  ['EAGAIN', 'machine_full'],
  ['ENOENT', 'internal'],
])('what breaks off with %s is told as %s, with the words of the system, and tried again (I8, I10)', (code, expected) => {
  const outcome = brokeOff('merge.test', Object.assign(new Error(`${code}: words`), { code }));
  expect(outcome).toMatchObject({ state: 'failed', retry: true, failure: { code: expected, message: `merge.test: ${code}: words` } });
});
