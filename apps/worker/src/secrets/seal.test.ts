import { describe, expect, it } from 'vitest';
import { hintOf, seal, unseal } from './seal.ts';

const KEY = btoa('k'.repeat(32));
const OTHER = btoa('o'.repeat(32));
const TOWN = 'aaaaaaaaaaaa';

describe('sealing', () => {
  it('opens what it sealed, and never writes the same text twice', async () => {
    const [one, two] = [await seal(KEY, TOWN, 'rig-token', 'ghp_secret'), await seal(KEY, TOWN, 'rig-token', 'ghp_secret')];
    expect(one).not.toBe(two);
    expect(one).not.toContain('secret');
    expect(await unseal(KEY, TOWN, 'rig-token', one)).toBe('ghp_secret');
  });

  it('opens for no other town, purpose or key, and not when a byte was changed', async () => {
    const sealed = await seal(KEY, TOWN, 'rig-token', 'ghp_secret');
    expect(await unseal(KEY, 'bbbbbbbbbbbb', 'rig-token', sealed)).toBeNull();
    expect(await unseal(KEY, TOWN, 'model-key', sealed)).toBeNull();
    expect(await unseal(OTHER, TOWN, 'rig-token', sealed)).toBeNull();
    const changed = `${sealed.slice(0, 20)}${sealed[20] === 'x' ? 'y' : 'x'}${sealed.slice(21)}`;
    expect(await unseal(KEY, TOWN, 'rig-token', changed)).toBeNull();
  });

  it('shows four characters of a long secret and at most a quarter of a short one (CF-4)', () => {
    expect(['sk-0123456789abcd', 'abcdefgh', 'abc', ''].map(hintOf)).toEqual(['abcd', 'gh', '', '']);
  });
});
