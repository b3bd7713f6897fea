import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result, Sha } from '@gastown/protocol';
import { gitFailure } from './failures.ts';
import type { Git } from './git.ts';
import { lines } from './remote.ts';
import { scratchBeside } from './scratch.ts';

/**
 * Git asks for nothing that is here already, and checks nothing of it; and a fetch that it refuses after its check may leave the objects behind. So what is here without any ref is checked before it is fetched again, or a
 * commit that was refused would be taken the second time.
 */
export async function checkWhatIsHere(git: Git, mirror: string, commit: Sha): Promise<Result<null>> {
  const listed = await git({ cwd: mirror }, 'rev-list', '--objects', '--no-object-names', commit, '--not', '--all');
  // Not all of it is here: git asks for it, and checks what comes. A look that was ended says nothing.
  if (listed.exitCode === NOT_HERE) return ok(null);
  if (!listed.ok) return refuse(gitFailure(listed, NOT_SOUND));
  if (lines(listed.out).length === 0) return ok(null);
  const scratch = await scratchBeside(mirror, 'check');
  try {
    const packed = await git({ cwd: mirror, input: listed.out }, 'pack-objects', '--quiet', join(scratch, 'pack'));
    if (!packed.ok) return refuse(gitFailure(packed, NOT_SOUND));
    const pack = join(scratch, `pack-${packed.out.trim()}.pack`);
    const checked = await git({ cwd: mirror }, 'index-pack', '--strict', '-o', join(scratch, 'index'), pack);
    return checked.ok ? ok(null) : refuse(failure('git_failed', `${NOT_SOUND}: ${checked.error.slice(-600)}`));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
const NOT_HERE = 128;
const NOT_SOUND = 'The commits of the run could not be taken over';
