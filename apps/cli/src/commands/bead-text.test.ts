import { aBead } from '@gastown/protocol/testing';
import { expect, test } from 'vitest';
import { beadText } from './bead-text.ts';

test('show tells what the file that a bead came in says of it: who made it, what was not taken, what people wrote; nothing in it steers the terminal', () => {
  const origin = {
    came: { by: 'Ada', at: 0, importId: 'im-0123abcd' },
    importId: 'im-0123abcd',
    at: 0,
    createdBy: null,
    createdAt: null,
    assignee: 'wolf\u001b[2J',
    closeReason: 'done\nreally',
    comments: [{ author: null, at: null, text: 'one\n\u202etwo', cut: true }],
    earlierComments: 2,
    untaken: [{ dependsOn: 'zz-404', type: 'blocks', why: 'zz-404 is not here' }],
    moreUntaken: 1,
  };
  const answer = {
    bead: { ...aBead({ id: 'bd-1' }), createdBy: '', body: 'text' },
    why: null,
    about: null,
    origin,
    agent: null,
    merge: null,
  };
  const text = beadText(answer).split('\n');
  expect(text[2]).toMatch(/^made in another tool, by whom its file does not say, changed /);
  expect(text[3]).toMatch(/^brought here .* by Ada with import im-0123abcd$/);
  expect(text.slice(4)).toEqual([
    'its file names zz-404 too (blocks), which was not taken: zz-404 is not here',
    'and 1 dependency more, not taken',
    '',
    'text',
    '',
    'From the file it came with (im-0123abcd):',
    'assignee: wolf [2J',
    'closed because: done',
    'really',
    '2 earlier comments not shown; the export has all',
    'somebody:',
    '  one',
    '   two… (cut; the export has all)',
  ]);
  expect(beadText({ ...answer, origin: null })).not.toContain('file');
});

test('show tells what became of a bead: its commit, its merge, who had it, what it cost; only what was given up is called failed', () => {
  const bead = { ...aBead({ id: 'gt-1', landedCommit: 'a'.repeat(40) }), body: '' };
  bead.usage = { ...bead.usage, costMicros: 1_230_000 };
  const answer = {
    bead,
    why: null,
    about: null,
    origin: null,
    agent: 'Maple',
    merge: { id: 'mr-1', phase: 'landed', targetBranch: 'main' },
  } as const;
  expect(beadText(answer).split('\n').slice(3)).toEqual([
    `landed as ${'a'.repeat(40)}`,
    'merge mr-1: landed, into main',
    'agent Maple',
    'cost $1.23',
  ]);
  const told = (status: 'failed' | 'in_progress') =>
    beadText({ ...answer, bead: { ...bead, status, failure: { code: 'ended_without_done', message: 'It ended.' } } });
  expect(told('failed')).toContain('\nfailed: It ended.');
  expect(told('in_progress')).toContain('\nthe last try ended: It ended.');
});
