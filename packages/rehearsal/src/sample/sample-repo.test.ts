import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runShell } from '../testing/test-agent.ts';
import { readSamplePackage } from './package-files.ts';
import { createEmptyRepo, seedRepo } from './repository.ts';
import { createSampleRepo, SAMPLE_GATE } from './sample-repo.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-sample-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sh = (command: string) => runShell(command, folder);
const gateOf = (directory: string) => sh(`cd ${directory} && ${SAMPLE_GATE}; echo "gate $?"`);

describe('the sample repository', () => {
  test('is the installed package, file for file, with its licence and its people in the first commit', async () => {
    const { bare, defaultBranch } = await createSampleRepo(join(folder, 'a.git'));
    const { files } = await readSamplePackage();
    expect(sh(`git -C ${bare} ls-tree -r --name-only ${defaultBranch}`).trim().split('\n').toSorted()).toEqual(
      files.map((file) => file.path).toSorted(),
    );
    expect(sh(`git -C ${bare} show ${defaultBranch}:test/index.test.js`)).toBe(
      files.find((file) => file.path === 'test/index.test.js')?.content.toString('utf8'),
    );
    const message = sh(`git -C ${bare} log --format=%B ${defaultBranch}`);
    for (const part of ['fast-content-type-parse 4.0.1', 'Author: Aras Abbasi', 'Frazer Smith', 'License: MIT', 'github.com/fastify'])
      expect(message).toContain(part);
  });

  test('is the same commit each time, made in under a second', async () => {
    const started = performance.now();
    const one = await createSampleRepo(join(folder, 'b.git'));
    expect(performance.now() - started).toBeLessThan(1_000);
    const two = await createSampleRepo(join(folder, 'c.git'));
    expect(two.commit).toBe(one.commit);
  });

  test('has a gate that passes in under five seconds without an install, and fails when the code is broken', async () => {
    await createSampleRepo(join(folder, 'd.git'));
    sh('git clone -q d.git d');
    const started = performance.now();
    const passed = gateOf('d');
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(passed).toMatch(/(?:ℹ|#) pass 98\n[\s\S]*gate 0\n$/);
    sh(`cd d && sed -i 's/toLowerCase/toUpperCase/' index.js`);
    expect(gateOf('d')).toMatch(/gate 1\n$/);
  });

  test('refuses another version of the package with the way out', async () => {
    const other = join(folder, 'other');
    sh(`mkdir other && echo '{"version":"1.0.0","license":"MIT","author":"a","repository":{"url":"u"}}' > other/package.json`);
    await expect(readSamplePackage(other)).rejects.toThrow(/wants fast-content-type-parse@4\.0\.1, found 1\.0\.0 .*npm ci/);
  });
});

describe('other repositories', () => {
  test('an empty one has no commit and a HEAD that names main (AG-19)', async () => {
    const bare = await createEmptyRepo(join(folder, 'empty.git'));
    expect(sh(`git -C ${bare} symbolic-ref HEAD`)).toBe('refs/heads/main\n');
    expect(sh(`git -C ${bare} for-each-ref`)).toBe('');
  });

  test('a seeded one gets a commit on top with the files given, names with odd characters too', async () => {
    const bare = await createEmptyRepo(join(folder, 'seeded.git'));
    const first = await seedRepo(bare, [{ path: 'old', content: '' }], 'first');
    const commit = await seedRepo(bare, [{ path: 'dir/a "b" é\\c.txt', content: 'ends without a line end' }], 'second');
    expect(sh(`git -C ${bare} -c core.quotePath=false ls-tree -rz --name-only main`)).toBe('dir/a "b" é\\c.txt\0old\0');
    expect(sh(`git -C ${bare} log --format=%H main`)).toBe(`${commit}\n${first}\n`);
    expect(sh(`git -C ${bare} show 'main:dir/a "b" é\\c.txt'`)).toBe('ends without a line end');
  });
});
