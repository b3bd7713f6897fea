import { ok } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { within } from '../system/within.ts';
import { STORE_MS } from './ending.ts';
import type { Place, RunStart } from './place.ts';
import { prepare, setupHome } from './setup.ts';
import type { RunsSurroundings } from './surroundings.ts';

const NEXT =
  'Read its output; correct the command in Settings › Repositories or Settings › Agents, or its worktree; then retry the bead on its page.';

/** What prepares the worktree, as its agent's user, told in the transcript, also of a start that ends with it (AG-22). */
export async function setUp(
  around: RunsSurroundings,
  { runId, agentId, setup }: RunStart,
  { work }: Place,
  off: AbortSignal,
): Promise<Result<null>> {
  if (setup.length === 0 || work === null) return ok(null);
  const { path: cwd, cell } = work.worktree;
  const environment = { PATH: around.path, LANG: around.lang, ...(await setupHome(around.state, cell)) };
  const stream = around.openStream(agentId, runId, () => undefined);
  let told = 0;
  const notice = (text: string): void => {
    told += 1;
    stream.put({ id: `${runId}-n-setup-${told}`, runId, at: around.now(), kind: 'notice', code: 'setup', text });
  };
  try {
    return await prepare({ cwd, cell, environment, redact: around.redact, told: notice, next: NEXT, off }, setup);
  } finally {
    await within(STORE_MS, stream.stored());
    stream.close();
  }
}
