import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScreen } from '../terminal/screen.ts';
import { buildWhatChanged } from './build.ts';
import type { BuildTarget } from './build.ts';

const TARGETS: BuildTarget[] = [
  { name: 'the page', workspace: 'page', inputs: ['package-lock.json', 'shared', 'page'], output: 'page/dist' },
  { name: 'the Worker', workspace: 'worker', inputs: ['package-lock.json', 'shared', 'worker'], output: 'worker/dist' },
];
const screen = openScreen({ write: () => true }, { write: () => true });
let root: string;
let built: string[];

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
const build = async (_root: string, args: readonly string[]) => {
  const workspace = args.at(-1)!;
  built.push(workspace);
  write(`${workspace}/dist/index.js`, `made ${built.length}`);
  return { code: 0, output: '' };
};
const run = () => buildWhatChanged(root, screen, TARGETS, build);

beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gastown-build-'));
  built = [];
  write('package-lock.json', '{}');
  write('shared/src/a.ts', 'one');
  write('page/src/b.ts', 'two');
  write('worker/src/c.ts', 'three');
  await run();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('building only what changed', () => {
  it('builds everything the first time and nothing the second', async () => {
    expect(built).toEqual(['page', 'worker']);
    expect(await run()).toEqual({ ok: true, value: [] });
    expect(built).toHaveLength(2);
  });

  it('two at once build one after the other, and the second finds it done', async () => {
    built.length = 0;
    write('shared/src/a.ts', 'changed');
    expect(await Promise.all([run(), run()])).toEqual(
      expect.arrayContaining([
        { ok: true, value: ['the page', 'the Worker'] },
        { ok: true, value: [] },
      ]),
    );
    expect(built).toEqual(['page', 'worker']);
  });

  it.each([
    ['a source of one target', 'page/src/b.ts', ['page']],
    ['a new file', 'worker/src/new.ts', ['worker']],
    ['a shared source', 'shared/src/a.ts', ['page', 'worker']],
    ['package-lock.json', 'package-lock.json', ['page', 'worker']],
    ['what was built', 'worker/dist/index.js', ['worker']],
    ['a test', 'page/src/b.test.ts', []],
  ])('after a change of %s', async (_, file, expected) => {
    built.length = 0;
    write(file, 'changed');
    await run();
    expect(built).toEqual(expected);
  });

  it('builds again what was removed', async () => {
    built.length = 0;
    rmSync(path.join(root, 'page/dist'), { recursive: true });
    await run();
    expect(built).toEqual(['page']);
  });

  it('a failed build is told with its output, leaves no stamp, and a full disk is recognised', async () => {
    write('page/src/b.ts', 'broken');
    const failed = await buildWhatChanged(root, screen, TARGETS, async () => ({ code: 1, output: 'b.ts: unexpected token' }));
    expect(failed).toMatchObject({ ok: false, failure: { code: 'internal', message: expect.stringContaining('unexpected token') } });
    const full = await buildWhatChanged(root, screen, TARGETS, async () => ({ code: 1, output: 'ENOSPC: no space left on device' }));
    expect(full).toMatchObject({ ok: false, failure: { code: 'disk_full' } });
    built.length = 0;
    await run();
    expect(built).toEqual(['page']);
  });
});
