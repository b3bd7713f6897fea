import type { BeadId, MergeId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { squashMessage } from './message.ts';

const merge = { id: 'mr-00000001' as MergeId };
const TRAILERS = 'Bead-ID: gt-00000001\nMerge-Request: mr-00000001\n';
const message = (title: string, body: string): string => squashMessage({ id: 'gt-00000001' as BeadId, title, body }, merge);
const excerpt = (body: string): string => message('Add X', body).slice('Add X\n\n'.length, -`\n\n${TRAILERS}`.length);

describe('the message of the squash commit (GT-11)', () => {
  test('is the title in one line, what was wanted, and bead and merge; without a body nothing stands between', () => {
    expect(message('  Add \t\n X  ', '\n\n Please,\r\n do.\n\n')).toBe(`Add X\n\nPlease,\n do.\n\n${TRAILERS}`);
    expect(message('Add X', '')).toBe(`Add X\n\n${TRAILERS}`);
    expect(message('Add X', ' \r\n ')).toBe(`Add X\n\n${TRAILERS}`);
  });

  test('says 600 characters of a body, and that it goes on', () => {
    expect(excerpt('x'.repeat(600))).toBe('x'.repeat(600));
    expect(excerpt('x'.repeat(601))).toBe(`${'x'.repeat(600)} …`);
    expect(excerpt(`${'x'.repeat(590)}${' '.repeat(20)}y`)).toBe(`${'x'.repeat(590)} …`);
  });

  test('no line of a body can be read as a trailer; the same words within a line stay', () => {
    expect(excerpt('Bead-ID: gt-forged')).toBe('Bead-ID - gt-forged');
    expect(excerpt('so:\nmerge-request \t: mr-forged\nCO-AUTHORED-BY: me\nSigned-off-by:me')).toBe(
      'so:\nmerge-request - mr-forged\nCO-AUTHORED-BY - me\nSigned-off-by -me',
    );
    expect(excerpt('It has a Bead-ID: look.')).toBe('It has a Bead-ID: look.');
  });
});
