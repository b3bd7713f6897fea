import { aBead } from '@gastown/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScreen } from '../terminal/screen.ts';
import { answeringTown, value, type Answer, type Asked } from '../testing/answering-town.ts';
import { listBeads } from './list-beads.ts';

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

const wish = { town: 'My town', type: 'issue', archived: 'without', limit: 2 };
const noon = (day: number) => new Date(2026, 0, day, 12).getTime();
const beads = [
  aBead({ id: 'bd-2', title: 'fix PR #1019\u001b[2J', status: 'closed', kind: 'bug', closedAt: noon(2) }),
  aBead({ id: 'bd-1', title: 'older', status: 'closed', kind: 'task', closedAt: noon(1), archivedAt: noon(3) }),
];

describe('gastown beads list (UI-22)', () => {
  it('asks for what was chosen, says each bead, of how many they are, and how the next page is got', async () => {
    answers = () => value({ beads, total: 2804, next: '17.4' });
    await listBeads({ ...wish, state, status: 'closed', search: 'PR #1019', rig: 'app' }, screen);
    const url = new URL(asked[0]!.url!, 'http://town');
    expect(url.pathname).toBe('/host/towns/My%20town/beads');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      type: 'issue',
      archived: 'without',
      limit: '2',
      status: 'closed',
      rig: 'app',
      text: 'PR #1019',
    });
    expect(said).not.toContain('\u001b');
    expect(said.replaceAll(/ +/g, ' ').split('\n')).toEqual([
      expect.stringMatching(/^bd-2 closed bug fix PR #1019.* closed 2026-01-02$/),
      'bd-1 closed task older closed 2026-01-01, archived',
      '2 beads of 2804. The same with --after=17.4 lists the next.',
      '',
    ]);
  });

  it('says that a page was the last, nothing more of a list that is whole, and that none matches', async () => {
    const last = async (answer: object, more: object = {}) => {
      said = '';
      answers = () => value(answer);
      await listBeads({ ...wish, state, ...more }, screen);
      return said.trimEnd().split('\n').at(-1);
    };
    expect(await last({ beads: beads.slice(1), total: null, next: null }, { after: '17.4' })).toBe('1 bead. These are the last.');
    expect(await last({ beads, total: null, next: '-5.2' }, { after: '17.4' })).toBe('2 beads. The same with --after=-5.2 lists the next.');
    expect(await last({ beads, total: 2, next: null })).toContain('older');
    const none = { beads: [], total: 0, next: null };
    expect(await last(none)).toBe('No bead matches. Archived ones are left out: --archived with lists them too.');
    expect(await last(none, { archived: 'with' })).toBe('No bead matches.');
    said = '';
    await listBeads({ ...wish, state, json: true }, screen);
    expect(JSON.parse(said)).toEqual({ beads: [], total: 0, next: null });
  });
});
