import { expect, test } from 'vitest';
import { History } from './history.ts';
import { broken } from './verdict.ts';

/** Each bug, with a seed in which it comes about. */
const BUGS = [
  { plant: 'forced', seed: 4, found: /What others pushed is gone from main/ },
  { plant: 'unjudged', seed: 4, found: /main is red at/ },
  { plant: 'newest', seed: 4, found: /is not what was handed in, merged/ },
];

test.each(BUGS)('in histories over real git a planted bug is found: $plant (I4, I5, H12)', { timeout: 120_000 }, async (bug) => {
  expect(await History.play({ ...bug, beads: 3 }, broken)).toContainEqual(expect.stringMatching(bug.found));
});
