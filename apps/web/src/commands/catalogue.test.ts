import { describe, expect, it } from 'vitest';
import { PersonCommand } from '@gastown/protocol';
import { CATALOGUE, entryOf, keyWords, type Act, type Here } from './catalogue.ts';

const KINDS = PersonCommand.options.map((option) => option.shape.kind.value);
const nowhere: Here = { paused: false, stopped: false, at: null, retriable: false };

describe('the catalogue of commands (ui.md §3)', () => {
  it('has an entry for each command a person can give', () => {
    const listed = new Set(CATALOGUE.map((entry) => entry.command));
    expect(KINDS.filter((kind) => !listed.has(kind))).toEqual([]);
  });

  it('says where each command is found beside the palette', () => {
    expect(CATALOGUE.filter((entry) => entry.command && !entry.button).map((entry) => entry.id)).toEqual([]);
  });

  it('gives each id and each key once', () => {
    const ids = CATALOGUE.map((entry) => entry.id);
    const keys = CATALOGUE.flatMap((entry) => (entry.keys ? [entry.keys] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('offers pause or resume, never both', () => {
    for (const paused of [true, false])
      expect([entryOf('town.pause'), entryOf('town.resume')].filter((entry) => entry.offered({ ...nowhere, paused }))).toHaveLength(1);
  });

  it('offers no stop in a stopped town', () => {
    expect(entryOf('town.stop').offered(nowhere)).toBe(true);
    expect(entryOf('town.stop').offered({ ...nowhere, paused: true, stopped: true })).toBe(false);
  });

  it('sends the command of the object at hand, as the protocol wants it', () => {
    const ids = {
      bead: 'gt-1a2b3c4d',
      agent: 'ag-1a2b3c4d',
      merge: 'mr-1a2b3c4d',
      rig: 'rig-1a2b3c4d',
      run: 'run-1a2b3c4d5e6f',
      convoy: 'cv-1a2b3c4d',
    };
    const sent: unknown[] = [];
    const act = {
      send: (command: unknown) => sent.push(command),
      go() {},
      settings() {},
      drawer() {},
      dialog() {},
      theme() {},
    } as unknown as Act;
    for (const kind of ['bead', 'agent', 'merge', 'rig', 'convoy'] as const) {
      const here: Here = { ...nowhere, at: { kind, id: ids[kind] }, retriable: kind === 'merge' };
      for (const entry of CATALOGUE) if (entry.group === 'This object' && entry.offered(here)) entry.run(act, here);
    }
    expect(sent.map((command) => PersonCommand.safeParse(command).success)).toEqual(sent.map(() => true));
    expect(sent).toContainEqual({ kind: 'bead.retry', beadId: ids.bead });
    expect(sent).toHaveLength(19);
  });

  it('offers no retry of a merge that the town would refuse (MQ-22)', () => {
    const at = { kind: 'merge', id: 'mr-1a2b3c4d' } as const;
    expect(entryOf('merge.retry').offered({ ...nowhere, at, retriable: true })).toBe(true);
    expect(entryOf('merge.retry').offered({ ...nowhere, at })).toBe(false);
  });

  it('offers nothing about an object when there is none', () => {
    expect(CATALOGUE.filter((entry) => entry.group === 'This object' && entry.offered(nowhere))).toEqual([]);
  });

  it('writes keys as people read them', () => {
    expect(keyWords('$mod+k', true)).toBe('⌘K');
    expect(keyWords('$mod+k', false)).toBe('Ctrl K');
    expect(keyWords('g h', true)).toBe('G H');
    expect(keyWords(entryOf('page.keys').keys!, true)).toBe('?');
  });
});
