import { expect, test } from 'vitest';
import { failure } from '@gastown/protocol';
import { RUN } from '../testing/fixtures.ts';
import { commit, setUpRuns } from '../testing/runs-rig.ts';
import type { Turn } from '../testing/runs-rig.ts';

const full = () => failure('model_context_full');

test('a full conversation costs no run: a new session in the same worktree goes on with what is there, and the turn ends once (AG-24)', async () => {
  const folders: string[] = [];
  const { start, runs, reports, prompts, items, turnsOver } = await setUpRuns(
    (cwd) => (folders.push(cwd), commit(cwd, 'b'), full()),
    (cwd) => void (folders.push(cwd), commit(cwd, 'c')),
  );
  await start();
  await turnsOver(1);
  expect(folders[1]).toBe(folders[0]);
  expect(reports.map((report) => report.kind)).toEqual(['turn.started', 'session.renewed', 'turn.ended']);
  expect(reports[1]).toMatchObject({ runId: RUN, sessionId: 'ses-2' });
  expect(reports[2]).toMatchObject({ failure: null });
  const [first = '', second = ''] = prompts;
  expect(second).toBe(`The past of ${RUN}, full.\n\n${second.split('\n\n')[1]}\n\n${first}`);
  expect(second).toContain('What you did in your worktree is still there');
  expect(items.filter((item) => item.kind === 'notice' && item.code === 'session_full')).toHaveLength(1);
  await runs.stopAll();
});

test('a conversation that is full again and again without a commit ends the turn as full, after two new sessions (AG-24, I8)', async () => {
  const commits: Turn = (cwd) => (commit(cwd, 'b'), full());
  const { start, runs, reports, turnsOver } = await setUpRuns(full, commits, full, full, full);
  await start();
  await turnsOver(1);
  const renewed = reports.flatMap((report) => (report.kind === 'session.renewed' ? [report.sessionId] : []));
  expect(renewed).toEqual(['ses-2', 'ses-3', 'ses-4']);
  expect(reports.at(-1)).toMatchObject({ kind: 'turn.ended', failure: { code: 'model_context_full' } });
  await runs.stopAll();
});

test('a message to a run whose session was renewed goes to the new one, whose tools have an address that nothing before it knows', async () => {
  const { start, runs, prompts, turnsOver, addresses } = await setUpRuns(full, () => undefined);
  await start();
  await turnsOver(1);
  expect(addresses()).toEqual(['guest 2']);
  const nudge = { nudgeId: 'nu-000000000001' as never, text: 'and now?', source: 'person', mode: 'wait-idle', again: false } as const;
  await runs.prompt({ kind: 'run.prompt', runId: RUN, generation: 1 as never, ...nudge });
  await turnsOver(2);
  expect(prompts.at(-1)).toBe('and now?');
  await runs.stopAll();
});
