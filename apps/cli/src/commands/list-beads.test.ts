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
      '2 beads of 2804. The same with --after 17.4 lists the next.',
      '',
    ]);
  });

  it('says that a page was the last, nothing more of a list that is whole, and that nothing is so', async () => {
    const last = async (answer: object, after?: string) => {
      said = '';
      answers = () => value(answer);
      await listBeads({ ...wish, state, ...(after && { after }) }, screen);
      return said.trimEnd().split('\n').at(-1);
    };
    expect(await last({ beads: beads.slice(1), total: 3, next: null }, '17.4')).toBe('1 bead of 3. These are the last.');
    expect(await last({ beads, total: 2, next: null })).toContain('older');
    expect(await last({ beads: [], total: 0, next: null })).toBe('No bead is so.');
    said = '';
    await listBeads({ ...wish, state, json: true }, screen);
    expect(JSON.parse(said)).toEqual({ beads: [], total: 0, next: null });
  });
});
