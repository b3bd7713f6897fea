import { expect, test } from 'vitest';
import type { TranscriptItem } from '@gastown/protocol';
import { runStart } from '../testing/fixtures.ts';
import { until } from '../testing/until.ts';
import { setUpRuns } from '../testing/runs-rig.ts';
import { greet } from './memory.ts';
import { makePhases } from './phases.ts';

test('each part of a start has its time, also one that is gone back to, and together they are all of it (MY-16)', () => {
  let now = 1_000;
  const phases = makePhases(() => now);
  for (const [phase, ms] of [
    ['place', 300],
    ['setup', 0],
    ['process', 1_240],
    ['session', 900],
    ['process', 60],
  ] as const) {
    now += ms;
    phases.end(phase);
  }
  now += 5_000;
  expect(phases.ms()).toEqual({ placeMs: 300, setupMs: 0, processMs: 1_300, sessionMs: 900 });
  expect(phases.total()).toBe(2_500);
  const items: TranscriptItem[] = [];
  greet(
    { put: (item: TranscriptItem) => items.push(item) } as never,
    runStart(null),
    { resumed: false, brought: 'none', untold: false, told: false, phases },
    1,
  );
  expect(items).toMatchObject([
    { kind: 'notice', text: expect.stringMatching(/ Ready in 2\.5 s \(place 0\.3, setup 0, process 1\.3, session 0\.9\)\.$/) },
  ]);
});

test('a run’s transcript begins with how long its start took, and in which parts (MY-16)', async () => {
  const { start, items, runs } = await setUpRuns();
  await start();
  await until('it is told', () => items.length > 0);
  expect(items[0]).toMatchObject({
    kind: 'notice',
    text: expect.stringMatching(/Ready in [\d.]+ s \(place [\d.]+, .*session [\d.]+\)\.$/),
  });
  await runs.stopAll();
});
