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
    expect(said.split('\n')).toEqual([
      expect.stringMatching(/^bd-2 {2}medium {2}closed 2026-01-02 {2}bug {3}- {2}fix PR #1019 /),
      'bd-1  medium  closed 2026-01-01  task  -  older (archived)',
      '2 beads of 2804. The same with --after=17.4 lists the next.',
      '',
    ]);
  });

  it('says in aligned columns how urgent each is, how it stands in the words of the page, and in which repository (I10)', async () => {
    const rigId = 'rig-1a2b3c4d';
    const wait = (code: string, ref: string | null = null) => ({ code, ref, until: null });
    const stands = [
      { priority: 'critical', hold: 'staged', wait: wait('staged') },
      { hold: 'pinned', wait: wait('held'), title: 'x'.repeat(90) },
      { hold: 'foreign', wait: wait('held') },
      { hold: 'not_work', wait: wait('held') },
      { wait: wait('blocked_by_open', 'bd-1'), rigId: 'rig-00000000' },
      { wait: wait('no_slot') },
      { wait: { code: 'deferred', ref: null, until: noon(5) } },
      { wait: wait('permission_asked'), status: 'in_progress' },
      { status: 'in_progress', wait: wait('agent_working') },
      { status: 'in_review' },
    ].map((over, at) => aBead({ id: `bd-${at}`, title: 't', rigId, ...over }));
    answers = (url) =>
      value(url.includes('/rigs') ? [{ id: rigId, name: 'the name of a repository' }] : { beads: stands, total: null, next: null });
    await listBeads({ ...wish, state }, screen);
    const lines = said.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(16, 38).trim())).toEqual([
      'planned',
      'pinned',
      'held',
      'record',
      'waits for bd-1',
      'queued',
      'put off to 2026-01-05',
      'waits for you',
      'working',
      'in review',
    ]);
    expect(lines[0]).toBe('bd-0  critical  planned                task  the name of a r…  t');
    expect(lines[4]).toContain('task  rig-00000000      t');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(130);
    expect(asked.map(({ url }) => new URL(url, 'http://town').pathname)).toEqual([
      '/host/towns/My%20town/beads',
      '/host/towns/My%20town/rigs',
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
