import path from 'node:path';
import type { Step } from './steps.ts';

/** The town against data of public projects, which this repository does not carry. */
export const PUBLIC_DATA: Step = {
  name: 'public data',
  command: ['node', 'packages/town/oracle/main.ts', '--json'],
  counts: 'json',
  needs: process.env['GASTOWN_TEST_DATA'] ?? path.join(import.meta.dirname, '../../shared/data'),
};
