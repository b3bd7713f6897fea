import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One ref that a push moved. A commit of only zeros means that the ref was not there, or is gone. */
export interface RefUpdate {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** Learns from git itself which refs a push moved: a post-receive hook, given by configuration, writes them into a file of that push. */
export interface PushReports {
  /** Environment that makes git report this push, and what to call when git has ended. */
  open(): { readonly environment: Readonly<Record<string, string>>; collect(): Promise<RefUpdate[]> };
  close(): Promise<void>;
}

export async function pushReports(): Promise<PushReports> {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-forge-'));
  const hooks = join(folder, 'hooks');
  await mkdir(hooks);
  await writeFile(join(hooks, 'post-receive'), '#!/bin/sh\ncat > "$GASTOWN_PUSH_REPORT"\n');
  await chmod(join(hooks, 'post-receive'), 0o755);
  let count = 0;
  return {
    open() {
      const report = join(folder, `push-${++count}`);
      return {
        environment: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.hooksPath', GIT_CONFIG_VALUE_0: hooks, GASTOWN_PUSH_REPORT: report },
        collect: () => readReport(report),
      };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readReport(path: string): Promise<RefUpdate[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []; // every ref was refused
    throw cause;
  }
  await rm(path);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = '', after = '', ref = ''] = line.split(' ');
      return { ref, before, after };
    });
}
