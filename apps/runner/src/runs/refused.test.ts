import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckedCall } from '../mcp/tools.ts';
import { RUN } from '../testing/fixtures.ts';
import { commit, setUpRuns } from '../testing/runs-rig.ts';

const handIn: CheckedCall = { tool: 'done', args: { summary: 'it works' } };

test('a hand-in that the repository refuses is reported with its cause; what the agent has to mend is told to it alone (I10, GT-15)', async () => {
  const told: unknown[] = [];
  const { start, runs, reports, turnsOver, forge } = await setUpRuns(async (cwd, use) => {
    writeFileSync(join(cwd, 'new.txt'), 'not committed');
    told.push(await use(handIn));
    commit(cwd, 'new.txt');
    writeFileSync(join(forge, 'hooks', 'pre-receive'), '#!/bin/sh\necho "no space for you" >&2\nexit 1\n', { mode: 0o755 });
    told.push(await use(handIn));
  });
  await start();
  await turnsOver(1);
  expect(told).toMatchObject([
    { ok: false, failure: { code: 'uncommitted_changes' } },
    { ok: false, failure: { code: 'not_pushed' } },
  ]);
  expect(reports.map(({ kind }) => kind)).toEqual(['turn.started', 'hand_in.refused', 'turn.ended']);
  const message = expect.stringContaining('no space for you') as string;
  expect(reports[1]).toMatchObject({
    runId: RUN,
    generation: 1,
    failure: { code: 'not_pushed', message, details: { cause: 'push_refused' } },
  });
  await runs.stopAll();
});
