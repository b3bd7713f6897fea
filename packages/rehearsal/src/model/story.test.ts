import { describe, expect, test } from 'vitest';
import { storyLibrary } from './story.ts';

const step = { text: 'Hello' };
const story = (changes: object) => ({
  id: 'one',
  title: 'One',
  scenes: [{ id: 's', when: { role: 'mayor', asked: 'x' }, steps: [step], ...changes }],
});
const refused = (...inputs: unknown[]): string => {
  try {
    storyLibrary(inputs);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  throw new Error('the library was taken');
};

describe('a story library is refused, with the story and the place named,', () => {
  test.each([
    ['an unknown field of a step', story({ steps: [{ text: 'a', dealy: 3 }] }), /story "one" at scenes\.0\.steps\.0: .*dealy/],
    ['a step that says nothing', story({ steps: [{ delayMs: 1 }] }), /steps\.0: a step needs/],
    ['arguments without a tool', story({ steps: [{ text: 'a', args: {} }] }), /"args" needs "tool"/],
    ['a pattern that is none', story({ when: { role: 'mayor', asked: '(' } }), /when\.asked: not a regular expression/],
    ['an unknown role', story({ when: { role: 'king', asked: 'x' } }), /when\.role/],
    ['a variable that nothing gives', story({ steps: [{ text: '{{colour}}' }] }), /\{\{colour\}\} is neither/],
    ['a worker that does not begin with gt_prime', story({ when: { role: 'polecat', asked: 'x' } }), /first step of a worker/],
    ['a status that is no failure', story({ steps: [{ error: 200 }] }), /steps\.0\.error/],
    ['a story without a name', { title: 'x' }, /story number 1 at id/],
  ])('for %s', (_what, input, message) => {
    expect(refused(input)).toMatch(message);
  });

  test('for two stories of one name, and with every fault at once', () => {
    expect(refused(story({}), story({}))).toMatch(/two stories are called "one"/);
    expect(refused(story({ steps: [] }), { id: 'two' })).toMatch(/story "one"[\s\S]*story "two"/);
  });
});
