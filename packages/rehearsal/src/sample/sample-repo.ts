import { createBareRepo, DEFAULT_BRANCH, seedRepo } from './repository.ts';
import { readSamplePackage, SAMPLE_PACKAGE } from './package-files.ts';
import type { Manifest } from './package-files.ts';

/** The package's own tests, run by Node alone: no install, well under five seconds. */
export const SAMPLE_GATE = 'node --test';

export interface SampleRepo {
  /** Path of the bare repository. */
  readonly bare: string;
  /** The command that must pass before anything lands. */
  readonly gate: string;
  readonly defaultBranch: string;
  /** The first commit: the same on every machine. */
  readonly commit: string;
}

/** Builds the sample repository as a bare repository at this path, from the installed package. */
export async function createSampleRepo(bare: string): Promise<SampleRepo> {
  const { manifest, files } = await readSamplePackage();
  await createBareRepo(bare);
  const commit = await seedRepo(bare, files, firstMessage(manifest));
  return { bare, gate: SAMPLE_GATE, defaultBranch: DEFAULT_BRANCH, commit };
}

function firstMessage({ license, author, contributors, repository }: Manifest): string {
  const people = contributors.map(({ name, email }) => `  ${name}${email === undefined ? '' : ` <${email}>`}`);
  return [
    `${SAMPLE_PACKAGE.name} ${SAMPLE_PACKAGE.version}`,
    '',
    'The published package, unchanged, as a sample repository for rehearsals.',
    '',
    `Author: ${author}`,
    ...(people.length === 0 ? [] : ['Contributors:', ...people]),
    `Source: ${repository.url}`,
    `License: ${license} (see LICENSE)`,
    '',
  ].join('\n');
}
