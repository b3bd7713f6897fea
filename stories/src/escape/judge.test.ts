import { expect, test } from 'vitest';
import { foreignToMain, judge, judgeGates } from './judge.ts';

const everything = { secrets: ['s3cret'], isThere: () => true };

test('an attempt at a process that is not there is no attempt (I15)', () => {
  const output = 'BEGIN x\ntried /proc//environ\nEND x';
  expect(judge({ id: 'x' }, output, { ...everything, isThere: () => false })).toContain('nothing of what it tried is there');
  expect(judge({ id: 'x' }, output, everything)).toBeNull();
});

test('what was got, or leaked, or not tried to its end is a finding (I15, I16)', () => {
  expect(judge({ id: 'x' }, 'BEGIN x\nESCAPED: read it\nEND x', everything)).toContain('read it');
  expect(judge({ id: 'x' }, 'BEGIN x\ns3cret\nEND x', everything)).toContain('holds a secret');
  expect(judge({ id: 'x' }, 'BEGIN x\n', everything)).toContain('was not tried');
  expect(judge({ id: 'x', made: /new: [0-9a-f]+/ }, 'BEGIN x\nEND x', everything)).toContain('was not tried');
});

test('the gates of every merge are judged, not those of the first (I15)', () => {
  const held = 'BEGIN x\nEND x\n';
  const lost = 'BEGIN x\nESCAPED: wrote it\nEND x\n';
  expect(judgeGates([held, held], { id: 'x' }, everything)).toBeNull();
  expect(judgeGates([held, lost], { id: 'x' }, everything)).toContain('wrote it');
  expect(judgeGates([held + lost], { id: 'x' }, everything)).toContain('wrote it');
  expect(judgeGates([held, 'nothing ran'], { id: 'x' }, everything)).toContain('was not tried');
  expect(judgeGates([], { id: 'x' }, everything)).toContain('no merge was tested');
});

test('a commit on main that nobody landed is seen, with or without a trailer (I4)', () => {
  expect(foreignToMain(['begin', 'one'], ['begin', 'one'])).toEqual([]);
  expect(foreignToMain(['begin', 'one', 'foreign'], ['begin', 'one'])).toEqual(['forge: foreign on main is no landing']);
  expect(foreignToMain(['begin'], ['begin', 'one'])).toEqual(['forge: the landing one is not on main']);
});
