import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from '../machine/errno.ts';

const NOT_INPUT = new Set(['node_modules', 'dist', 'dist-types', '.wrangler', 'test', 'testing', 'dev']);
const isTest = (name: string): boolean => /\.test\.tsx?$/.test(name) || name.endsWith('.tsbuildinfo');

/** A digest of the names and contents of everything that a build reads under these files and folders. What is not there counts as nothing. */
export const digestOfInputs = (root: string, parts: readonly string[]): string =>
  digest(root, parts, (name) => !NOT_INPUT.has(name) && !isTest(name));

/** A digest of everything in a folder that a build wrote; null when the folder is not there or empty. */
export function digestOfOutput(folder: string): string | null {
  const files = filesUnder(folder, () => true);
  return files.length === 0 ? null : digest(folder, ['.'], () => true);
}

function digest(root: string, parts: readonly string[], wanted: (name: string) => boolean): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (const file of filesUnder(path.join(root, part), wanted)) {
      const content = readFileSync(file);
      hash.update(`${path.relative(root, file)}\0${content.byteLength}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

function filesUnder(file: string, wanted: (name: string) => boolean): string[] {
  try {
    return readdirSync(file, { withFileTypes: true })
      .filter((entry) => wanted(entry.name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) =>
        entry.isDirectory() ? filesUnder(path.join(file, entry.name), wanted) : entry.isFile() ? [path.join(file, entry.name)] : [],
      );
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === 'ENOTDIR') return [file];
    if (code === 'ENOENT') return [];
    throw cause;
  }
}
