/** Where this checkout is and what it is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../../..');

const manifest: { version: string } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
export const VERSION = manifest.version;

/** For children: the Node that runs this comes first, so that npm scripts and runners use it too. */
export const childPath = (): string =>
  [path.dirname(process.execPath), path.join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(path.delimiter);
