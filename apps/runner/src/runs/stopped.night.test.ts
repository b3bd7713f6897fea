import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seedRepo } from '@gastown/rehearsal';
import { RunId } from '@gastown/protocol';
import { RUN, runStart } from '../testing/fixtures.ts';
import { setUpRuns } from '../testing/runs-rig.ts';

const OTHER = RunId.parse('run-0000000000ff');

test('stopped at whatever moment, it leaves nothing that the next start of the same work meets (GT-1, DR-9)', async () => {
  const { runs, forge, state } = await setUpRuns();
  const files = Array.from({ length: 3_000 }, (_, at) => ({ path: `src/${at % 50}/f${at}.txt`, content: `${at}\n`.repeat(200) }));
  await seedRepo(forge, files, 'much');
  const began = performance.now();
  expect(await runs.start(runStart(forge))).toMatchObject({ ok: true });
  const wholeMs = performance.now() - began;
  await runs.stop(RUN);
  const ends: string[] = [];
  for (const share of [0.1, 0.25, 0.4, 0.55, 0.7, 0.85]) {
    const started = runs.start(runStart(forge));
    await setTimeout(wholeMs * share);
    await runs.stop(RUN);
    const first = await started;
    ends.push(first.ok ? 'started' : first.failure.code);
    expect(existsSync(join(state, 'worktrees', RUN))).toBe(false);
    expect(await runs.start(runStart(forge, { runId: OTHER }))).toMatchObject({ ok: true });
    expect(readdirSync(join(state, 'worktrees', OTHER, 'src', '49'))).toHaveLength(60);
    await runs.stop(OTHER);
  }
  expect(new Set(ends)).toEqual(new Set(ends.includes('started') ? ['run_over', 'started'] : ['run_over']));
}, 120_000);
