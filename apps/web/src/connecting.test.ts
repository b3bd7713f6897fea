import { expect, test } from 'vitest';
import { failure, type RigRow } from '@gastown/protocol';
import { connectedCount, connectingOf, nameFrom, nameOfItsOwn, nameToGive } from './connecting.ts';

const rig = (id: string, state: RigRow['state']) =>
  ({ id, state, failure: state === 'unreachable' ? failure('repository_unreachable') : null }) as RigRow;

test('a repository that cannot be reached stops the wizard, also one that was given earlier', () => {
  expect(connectingOf([rig('rig-1', 'unreachable')], 'rig-1')).toMatchObject({ kind: 'failed', rig: { id: 'rig-1' } });
  expect(connectingOf([rig('rig-1', 'unreachable'), rig('rig-2', 'ready')], 'rig-2')).toMatchObject({ kind: 'failed' });
  expect(connectedCount([rig('rig-1', 'unreachable'), rig('rig-2', 'connecting')])).toBe(0);
});

test('it goes on by itself once the one that was given is ready, and not before', () => {
  expect(connectingOf([rig('rig-1', 'connecting')], 'rig-1')).toMatchObject({ kind: 'looks' });
  expect(connectingOf([rig('rig-1', 'ready')], 'rig-1')).toMatchObject({ kind: 'connected' });
});

test('who comes back to a town with a repository may add another', () => {
  expect(connectingOf([rig('rig-1', 'ready')], null)).toEqual({ kind: 'asks' });
  expect(connectingOf([], 'rig-gone')).toEqual({ kind: 'asks' });
});

test('a repository that is given anew keeps a name of its own, and else is called as its next address says', () => {
  expect(nameFrom(' https://git.example.org/acme/shop.git ')).toBe('shop');
  expect(nameFrom('git@git.example.org:acme/shop/')).toBe('shop');
  expect(nameOfItsOwn({ name: 'nowhere', gitUrl: 'https://git.example.org/acme/nowhere.git' })).toBe('');
  expect(nameOfItsOwn({ name: 'Our shop', gitUrl: 'https://git.example.org/acme/shpo.git' })).toBe('Our shop');
});

test('an address that is corrected keeps the name that a person chose, and takes along the one it gave itself', () => {
  const corrected = 'https://git.example.org/acme/shop.git';
  const typo = 'https://git.example.org/acme/shpo.git';
  expect(nameToGive(nameOfItsOwn({ name: 'Our shop', gitUrl: typo }), corrected)).toBe('Our shop');
  expect(nameToGive(nameOfItsOwn({ name: 'shpo', gitUrl: typo }), corrected)).toBe('shop');
  expect(nameToGive('  ', corrected)).toBe('shop');
});
