import { failure } from '@gastown/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScreen } from '../terminal/screen.ts';
import { answeringTown, value, type Answer, type Asked } from '../testing/answering-town.ts';
import { discardLines, listBadLines } from './bad-lines.ts';

let state: string;
let close: () => void;
let said: string;
let asked: Asked[];
let answers: (path: string) => Answer;
const screen = openScreen({ write: (text) => (said += text) }, { write: () => undefined });
beforeEach(async () => {
  said = '';
  ({ state, asked, close } = await answeringTown((url) => answers(url)));
});
afterEach(() => close());

const BAD = {
  importId: 'im-0123abcd',
  rigId: 'rig-1a2b3c4d',
  id: null,
  field: 'line',
  why: 'it is not JSON',
  text: '{\u001b[2J\n x',
  cut: false,
  at: 0,
};
const bad = (seq: number, more: object) => ({ ...BAD, seq, line: seq, ...more });

describe('gastown beads bad-lines and discard (issue, Build 6)', () => {
  it('bad-lines lists what imports could not take, page by page, and discard lets go of it', async () => {
    const pages = [
      { lines: [bad(1, {})], total: 2, next: 1 },
      { lines: [bad(7, { id: 'bd-3', field: 'title', why: 'is missing: write one.', cut: true })], total: 2, next: null },
    ];
    answers = (url) => value(pages[url.includes('after=1') ? 1 : 0]);
    await listBadLines({ state, town: 'My town', rig: 'api' }, screen);
    expect(asked.map(({ url }) => url)).toEqual([0, 1].map((after) => `/host/towns/My%20town/bad-lines?rig=api&after=${after}`));
    expect(said.split('\n').slice(1)).toEqual([
      '  line 1: it is not JSON',
      '    { [2J x',
      '  line 7 bd-3: title is missing: write one.',
      '    { [2J x…',
      "2 bad lines are kept. Mend them in the file and import it again, or let go of them: ./gastown beads discard --town 'My town' --import im-0123abcd",
      '',
    ]);
    said = '';
    await listBadLines({ state, town: 't', json: true }, screen);
    expect(JSON.parse(said)).toMatchObject({ lines: [{ line: 1 }, { line: 7 }] });
    said = '';
    answers = () => value({ lines: [], total: 0, next: null });
    await listBadLines({ state, town: 't', rig: 'api' }, screen);
    expect(said).toContain('No bad lines are kept of api');
    answers = () => value({ discarded: 2 });
    expect(await discardLines({ state, town: 't', import: 'im-0123abcd', line: '3,8' }, screen)).toEqual({ ok: true, value: null });
    expect(asked.at(-1)?.url).toBe('/host/towns/t/bad-lines/discard?import=im-0123abcd&line=3%2C8');
    expect(said).toContain('2 lines let go.');
    said = '';
    answers = () => value({ lines: [bad(1, { rig: 'app' }), bad(2, { rig: 'app', importId: 'im-00000002' })], total: 2, next: null });
    await listBadLines({ state, town: 't' }, screen);
    expect(said).toMatch(/into app\n/);
    expect(said).toMatch(/ --rig app\nThat is all of them; --import with its id lets go of one import alone\.\n$/);
    for (const [rig, word] of [
      ['`touch x`', "'`touch x`'"],
      ["it's $(touch x)", "'it'\\''s $(touch x)'"],
    ] as const) {
      said = '';
      answers = () => value({ lines: [bad(1, { rig }), bad(2, { rig, importId: 'im-00000002' })], total: 2, next: null });
      await listBadLines({ state, town: rig }, screen);
      expect(said).toContain(`./gastown beads discard --town ${word} --rig ${word}\n`);
    }
    answers = () => value({ lines: [bad(1, { rig: 'app' }), bad(2, { rig: 'api', importId: 'im-00000002' })], total: 2, next: null });
    await listBadLines({ state, town: 't' }, screen);
    expect(said).toMatch(
      / --import im-0123abcd\nThat is the first import; the others have their ids above, and --rig lets go of all of one repository\.\n$/,
    );
    const many = asked.length;
    for (const [wrong, word] of [
      [{ import: 'im-nope' }, 'im-0123abcd'],
      [{ import: 'im-0123abcd', line: 'x' }, '3,8'],
    ] as const)
      expect(await discardLines({ state, town: 't', ...wrong }, screen)).toMatchObject({
        failure: { code: 'invalid_input', message: expect.stringContaining(word) as string },
      });
    for (const wrong of [{}, { rig: 'api', import: 'im-0123abcd' }])
      expect(await discardLines({ state, town: 't', ...wrong }, screen)).toMatchObject({ failure: { code: 'invalid_input' } });
    expect(asked).toHaveLength(many);
    answers = () => ({
      status: 404,
      body: JSON.stringify({ ok: false, failure: failure('unknown_import', 'There is no import.'), next: 'x' }),
    });
    expect(await discardLines({ state, town: 't', import: 'im-00000000' }, screen)).toMatchObject({ failure: { code: 'unknown_import' } });
  });
});
