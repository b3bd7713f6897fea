import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testMerge } from '../gates/test-merge.ts';
import { land } from '../git/push.ts';
import { prepareWorktree } from '../git/worktree.ts';
import { lookAtDone } from '../runs/done.ts';
import { makeSaver } from '../runs/save.ts';
import { agentGit, asAgent, gitSurroundings, mergeTest, RIG, SIGNATURE, taken, worktreeAt } from './fixtures.ts';
import { RUN } from './effects.ts';

const oidOf = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
export const pointerTo = (content: Buffer | string): string => claimed(oidOf(content), Buffer.byteLength(content));
export const claimed = (oid: string, size: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
export const objectAt = (folder: string, content: Buffer | string): string => {
  const oid = oidOf(content);
  return join(folder, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
};

/** More than one packet of git, and nothing that is text. */
export const OLD = Buffer.concat([Buffer.from([0, 255, 13, 10]), randomBytes(200_000)]);

/** A rig of the repository at this address, and a run's worktree of it. */
export async function rigOf(folder: string, gitUrl: string, token: string) {
  const state = join(folder, 'state');
  const surroundings = await gitSurroundings(state, () => token);
  const logged: { event: string }[] = [];
  const around = { ...surroundings, state, log: (event: string, fields = {}) => void logged.push({ event, ...fields }) };
  const opened = await around.mirrors.open(RIG, gitUrl);
  if (!opened.ok) throw new Error(opened.failure.message);
  const mirror = opened.value;
  const fetched = await around.mirrors.fetch(mirror);
  if (!fetched.ok) throw new Error(fetched.failure.message);
  const prepare = async (runId = RUN) => {
    const worktree = worktreeAt(around, state, { runId });
    const made = await prepareWorktree(around.git, around.remotes, mirror, {
      worktree,
      targetBranch: 'main',
      startFrom: null,
      signature: SIGNATURE,
    });
    if (!made.ok) throw new Error(made.failure.message);
    return { worktree, outside: made.value.outside };
  };
  const { worktree, outside } = await prepare();
  const { path } = worktree;
  const saver = await makeSaver(around, { mirror, worktree, targetBranch: 'main' });
  const gates = { path: process.env['PATH'] ?? '', lang: 'C.UTF-8', redact: (text: string) => text, gateTimeoutMs: 30_000 };
  return {
    around,
    gitUrl,
    logged,
    mirror,
    outside,
    prepare,
    worktree,
    write(name: string, content: Buffer | string): void {
      asAgent(path, 'mkdir -p "$(dirname "$1")" && printf %s "$2" | base64 -d > "$1"', name, Buffer.from(content).toString('base64'));
    },
    commit(): void {
      agentGit(path, 'add', '-A');
      agentGit(path, 'commit', '-qm', 'Change');
    },
    read: (name: string): Buffer => readFileSync(join(path, name)),
    done: () =>
      lookAtDone(around.git, around.remotes, mirror, {
        isNew: false,
        worktree,
        targetBranch: 'main',
        agentName: 'Toast',
        beadId: 'gt-1a2b3c4d',
        noChanges: false,
        push: saver.handIn,
      }),
    taken: () => taken(around, mirror, worktree),
    merge: async (commands: string[]) =>
      testMerge({ ...around, ...gates }, mergeTest(gitUrl, await taken(around, mirror, worktree), { gates: commands })),
    land: (base: Parameters<typeof land>[4], commit: Parameters<typeof land>[5]) =>
      land(around.git, around.remotes, mirror, 'main', base, commit),
  };
}
