import type { RigRow, RunnerRow } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { inOrder, isMissed, orphanedBy, startLine, takersOf, unpinnedBy } from './runners.ts';

const runner = (id: string, rigs: string[] | null, more: Partial<RunnerRow> = {}) =>
  ({ id, name: id, kind: id === 'home' ? 'container' : 'machine', rigs, ...more }) as RunnerRow;
const rig = (id: string, state = 'ready') => ({ id, name: id, state }) as RigRow;
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe('who takes which repository (design/runner.md §5)', () => {
  const all = [runner('rn-b', ['shop']), runner('home', null), runner('rn-a', null)];

  it('who lists it, and else whoever lists nothing', () => {
    expect(ids(takersOf(all, 'shop'))).toEqual(['rn-b']);
    expect(ids(takersOf(all, 'docs'))).toEqual(['home', 'rn-a']);
    expect(takersOf([runner('home', ['shop'])], 'docs')).toEqual([]);
  });

  it('the container comes by itself, machines are missed', () => {
    const away = runner('rn-a', null, { connected: false });
    expect([[], [away], [away, runner('home', null)], [away, runner('rn-b', null, { connected: true })]].map(isMissed)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('the container comes first', () => {
    expect(ids(inOrder(all))).toEqual(['home', 'rn-a', 'rn-b']);
  });

  it('without a runner its repositories go elsewhere, or nowhere when nobody takes them', () => {
    const rigs = [rig('shop'), rig('docs'), rig('old', 'removed')];
    expect(ids(unpinnedBy(all[0]!, all, rigs))).toEqual(['shop']);
    expect(orphanedBy(all[0]!, all, rigs)).toEqual([]);
    const strict = [runner('rn-b', ['shop']), runner('home', ['docs'])];
    expect(ids(orphanedBy(strict[0]!, strict, rigs))).toEqual(['shop']);
    expect(unpinnedBy(all[0]!, [...all, runner('rn-c', ['shop'])], rigs)).toEqual([]);
  });

  it('the line to copy is one that ./gastown takes', () => {
    expect(startLine('https://town.example', 'gtm.x')).toBe('./gastown runner --town https://town.example --token gtm.x');
  });
});
