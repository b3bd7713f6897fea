import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRig } from '@gastown/runner/testing';
import { figures } from './figures.ts';
import type { Measured } from './measured.ts';

const FILES = 2_000;
const MOST_TIMES = 1.3;

/** P16: the second worktree of a rig, made and filled for a run with a user of its own, beside `git worktree add` on the same mirror. In turns, so that both meet the same machine. */
export async function worktree(n: number): Promise<Measured> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gastown-bench-'));
  try {
    const state = path.join(folder, 'state');
    mkdirSync(state);
    const rig = await openRig(state, repository(folder), 'auto');
    await rig.prepare(0);
    const [ours, plain]: [number[], number[]] = [[], []];
    const copied: number[] = [];
    for (let round = 1; round <= n; round += 1) {
      const began = performance.now();
      const made = await rig.prepare(round);
      ours.push(performance.now() - began);
      copied.push(objectBytes(made));
      const beside = path.join(folder, `plain-${round}`);
      const then = performance.now();
      git(rig.mirror, 'worktree', 'add', '--quiet', '-b', `plain-${round}`, beside, 'refs/remotes/origin/main');
      plain.push(performance.now() - then);
      git(rig.mirror, 'worktree', 'remove', '--force', beside);
      rmSync(made, { recursive: true, force: true });
    }
    const [ms, plainMs] = [figures(ours), figures(plain)];
    const times = Math.round((ms.median / plainMs.median) * 100) / 100;
    const bytes = Math.max(...copied);
    const why = bytes > 0 ? [`a worktree copied ${bytes} bytes of objects`] : [];
    return {
      ok: why.length === 0,
      why,
      figures: { files: FILES, isolation: rig.isolation, copiedBytes: bytes, times, goalTimes: MOST_TIMES, ms, plainMs },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@b.invalid', '-c', 'safe.directory=*', ...args], { cwd, encoding: 'utf8' });

/** Loose and packed objects that a repository holds itself, in bytes. */
function objectBytes(made: string): number {
  const counted = git(made, 'count-objects', '-v');
  const kib = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counted)?.[1]);
  return (kib('size') + kib('size-pack')) * 1_024;
}

function repository(folder: string): string {
  const source = path.join(folder, 'source');
  mkdirSync(source);
  git(source, 'init', '--quiet', '-b', 'main');
  for (let at = 0; at < FILES; at += 1) {
    const inside = path.join(source, `folder-${at % 40}`, `deep-${at % 5}`);
    mkdirSync(inside, { recursive: true });
    writeFileSync(path.join(inside, `file-${at}.ts`), `export const value${at} = ${at};\n`.repeat(1 + (at % 80)));
  }
  git(source, 'add', '-A');
  git(source, 'commit', '--quiet', '-m', 'all');
  return source;
}
