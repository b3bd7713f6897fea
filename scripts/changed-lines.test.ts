import { expect, test } from 'vitest';
import { changedLines, firstLines } from './changed-lines.ts';

test('the lines that a change left in the files are named, not what it took away', () => {
  const diff = [
    'diff --git a/packages/town/src/runs/a.ts b/packages/town/src/runs/a.ts',
    '--- a/packages/town/src/runs/a.ts',
    '+++ b/packages/town/src/runs/a.ts',
    '@@ -3 +3 @@ export function a() {',
    '-  return 1;',
    '+  return 2;',
    '@@ -10,0 +11,4 @@',
    '+++ b/a line that looks like a header is none',
    '+two',
    '+three',
    '+four',
    '@@ -20,2 +24,0 @@',
    '-gone',
    '-gone',
    '@@ -30 +32 @@',
    '-six',
    '+seven',
    '--- a/packages/town/src/runs/b.ts',
    '+++ /dev/null',
    '@@ -1,3 +0,0 @@',
    '-all of it',
  ].join('\n');
  expect(changedLines(diff)).toEqual([
    'packages/town/src/runs/a.ts:3-3',
    'packages/town/src/runs/a.ts:11-14',
    'packages/town/src/runs/a.ts:32-32',
  ]);
});

test('of a large change the first lines are taken, and what is left is counted', () => {
  const ranges = ['a.ts:3-3', 'b.ts:11-14', 'c.ts:1-5'];
  expect(firstLines(ranges, 10)).toEqual({ ranges, left: 0 });
  expect(firstLines(ranges, 3)).toEqual({ ranges: ['a.ts:3-3', 'b.ts:11-12'], left: 7 });
  expect(firstLines(ranges, 1)).toEqual({ ranges: ['a.ts:3-3'], left: 9 });
  expect(firstLines([], 3)).toEqual({ ranges: [], left: 0 });
});
