import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { SeedFile } from './repository.ts';

/** The open-source package that the sample repository is made of. Its version is pinned in this package's dependencies. */
export const SAMPLE_PACKAGE = { name: 'fast-content-type-parse', version: '4.0.1' } as const;

const Manifest = z.looseObject({
  version: z.string(),
  license: z.string(),
  author: z.string(),
  contributors: z.array(z.looseObject({ name: z.string(), email: z.string().optional() })).default([]),
  repository: z.looseObject({ url: z.string() }),
});
export type Manifest = z.infer<typeof Manifest>;

/** Where the package is installed. */
function samplePackageDir(): string {
  try {
    const require = createRequire(import.meta.url);
    return dirname(require.resolve('fast-content-type-parse/package.json'));
  } catch (cause) {
    throw new Error(
      `the sample repository is made of the npm package ${SAMPLE_PACKAGE.name}@${SAMPLE_PACKAGE.version}, which is not installed: run "npm install" in the project`,
      { cause },
    );
  }
}

/** Reads the installed package whole and makes sure that it is the one that the stories were written for. */
export async function readSamplePackage(dir: string = samplePackageDir()): Promise<{ manifest: Manifest; files: SeedFile[] }> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')));
  if (manifest.version !== SAMPLE_PACKAGE.version) {
    throw new Error(
      `the sample repository wants ${SAMPLE_PACKAGE.name}@${SAMPLE_PACKAGE.version}, found ${manifest.version} in ${dir}: run "npm ci" in the project`,
    );
  }
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return {
    manifest,
    files: await Promise.all(
      files.map(async (path) => ({ path: relative(dir, path).split(sep).join('/'), content: await readFile(path) })),
    ),
  };
}
