import { expect, test } from 'vitest';
import { ORDERS } from './order.ts';
import { STORIES } from './stories.ts';
import { crashEverywhere, tell } from './suite.ts';
import type { Story } from './story.ts';
import { finish } from './script.ts';
import { wish } from './stories/words.ts';

const [IN_TURN] = ORDERS;
const storyOf = (name: string): Story => STORIES.find((story) => story.name === name)!;

test('there are at least forty stories, each with a name of its own, and each comes to its end without a crash in every order (reliability §3)', () => {
  expect(new Set(STORIES.map((story) => story.name)).size).toBe(STORIES.length);
  expect(STORIES.length).toBeGreaterThanOrEqual(40);
  for (const story of STORIES) for (const order of ORDERS) expect([story.name, tell(story, order, null).wrong]).toEqual([story.name, []]);
}, 240_000);

test('a story that is killed at each of its points comes to the same end, in every order', () => {
  for (const order of ORDERS) {
    const { points, diverged } = crashEverywhere(storyOf('nothing to change'), order);
    expect(diverged).toEqual([]);
    expect(points).toBeGreaterThan(25);
  }
}, 60_000);

/** A suite that has never found anything proves nothing: each planted bug shows at some point, and never without a crash. */
const lands: Story = { name: 'a bead lands', tell: (world, rigId) => void wish(world, rigId, 'A') };
const PLANTED: readonly (readonly [string, Story, (typeof ORDERS)[number], string])[] = [
  [
    'answers that are not kept under their key',
    { ...lands, plant: (sql) => ({ ...sql, run: (text, ...rest) => (text.includes('INTO keys') ? 0 : sql.run(text, ...rest)) }) },
    IN_TURN!,
    'duplicate_bead',
  ],
  [
    'transactions that are committed statement by statement',
    {
      ...lands,
      plant: (sql) => ({
        ...sql,
        run(text, ...rest) {
          const changed = sql.run(text, ...rest);
          if (/^(INSERT|UPDATE|DELETE)/.test(text)) for (const torn of ['COMMIT', 'BEGIN']) sql.run(torn);
          return changed;
        },
      }),
    },
    IN_TURN!,
    'I',
  ],
  [
    'a landing by force',
    {
      ...lands,
      script: () => ({
        land: (effect, forge) => {
          forge.landings.push(effect.mergeId);
          return { state: 'succeeded', value: { kind: 'landed', mergeCommit: effect.mergeCommit } };
        },
        polecat: finish,
      }),
    },
    ORDERS[2]!,
    'was landed twice',
  ],
];

test.each(PLANTED)(
  'the suite finds %s',
  (_what, story, order, says) => {
    const { diverged } = crashEverywhere(story, order);
    expect(diverged.length).toBeGreaterThan(0);
    expect(diverged.flatMap((one) => one.why).join('\n')).toContain(says);
    expect(diverged[0]?.timeline.some((line) => line.includes('†')) || diverged[0]?.point === 'never').toBe(true);
  },
  60_000,
);
