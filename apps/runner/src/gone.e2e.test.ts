import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generation } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { RIG, RUN } from './testing/fixtures.ts';
import { runningRunner } from './testing/running.ts';
import { until } from './testing/until.ts';

test('a rig that is removed while a run works on it leaves the runner with the end of that run, not with the next welcome (DL-8)', async () => {
  const { town, forge, state, runner } = await runningRunner();
  const rig = join(state, 'rigs', RIG);
  const note = join(state, 'worktrees', `${RUN}.json`);
  expect(await town.perform({ kind: 'rig.connect', rigId: RIG, gitUrl: forge })).toMatchObject({ state: 'succeeded' });
  mkdirSync(join(state, 'worktrees'), { recursive: true });
  writeFileSync(note, JSON.stringify({ rigId: RIG }));
  town.send({ t: 'rigs', rigs: [] });
  await until('it is kept', () => runner.output().includes('rig.kept'));
  expect(existsSync(rig)).toBe(true);
  rmSync(note);
  expect(await town.perform({ kind: 'run.stop', runId: RUN, generation: Generation.parse(1) })).toMatchObject({ state: 'succeeded' });
  await until('it is gone', () => !existsSync(rig));
  expect(town.hellos).toHaveLength(1);
}, 60_000);
