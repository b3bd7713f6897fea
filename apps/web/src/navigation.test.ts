import { expect, test } from 'vitest';
import { failure, nextStep } from '@gastown/protocol';
import { placesIn } from './navigation.ts';

test('a tab of the settings that a sentence names is a place to go to, and nothing of the sentence is lost (UI-18)', () => {
  const said = nextStep(failure('repository_not_found'));
  expect(placesIn(said).filter(({ tab }) => tab)).toEqual([{ text: 'Settings › Repositories', tab: 'repositories' }]);
  expect(
    placesIn(said)
      .map(({ text }) => text)
      .join(''),
  ).toBe(said);
  expect(placesIn('Settings › Spend')).toEqual([{ text: 'Settings › Spend', tab: 'spend' }]);
  expect(placesIn('Read the message.')).toEqual([{ text: 'Read the message.', tab: null }]);
  expect(placesIn('Settings › Elsewhere')).toEqual([{ text: 'Settings › Elsewhere', tab: null }]);
});
