/** Builds the Worker and the page when their sources changed since the last build, or what was built was touched. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { z } from 'zod';
import { readIfThere } from '../state/folder.ts';
import { writeAtomically } from '../state/write.ts';
import type { Screen } from '../terminal/screen.ts';
import { aloneInCheckout } from './alone.ts';
import { digestOfInputs, digestOfOutput } from './digest.ts';
import { runNpm } from './npm.ts';

export interface BuildTarget {
  readonly name: string;
  readonly workspace: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

const SHARED = ['package-lock.json', 'packages/protocol'];
const TARGETS: readonly BuildTarget[] = [
  { name: 'the page', workspace: '@gastown/web', inputs: [...SHARED, 'apps/web'], output: 'apps/web/dist' },
  {
    name: 'the Worker',
    workspace: '@gastown/worker',
    inputs: [...SHARED, 'packages/town', 'packages/prompts', 'apps/worker'],
    output: 'apps/worker/dist',
  },
];

const Stamp = z.object({ inputs: z.string(), output: z.string() });

/** Resolves to the names of what was built. */
export async function buildWhatChanged(
  root: string,
  screen: Screen,
  targets: readonly BuildTarget[] = TARGETS,
  build = runNpm,
): Promise<Result<string[]>> {
  if (targets.every((target) => isUpToDate(root, target))) return ok([]);
  return aloneInCheckout(root, screen, async (descriptor) => {
    const outdated = targets.filter((target) => !isUpToDate(root, target)); // looked at again: another may have built meanwhile
    // One after the other: the Worker's build reads what the page's build writes.
    for (const target of outdated) {
      const built = await buildOne(root, target, screen, (at, args) => build(at, args, descriptor));
      if (!built.ok) return built;
    }
    return ok(outdated.map(({ name }) => name));
  });
}

async function buildOne(root: string, target: BuildTarget, screen: Screen, build: typeof runNpm): Promise<Result<null>> {
  rmSync(path.join(root, target.output), { recursive: true, force: true }); // no file of an earlier build may be taken for one of this
  const inputs = digestOfInputs(root, target.inputs); // before the build: a change made meanwhile is built next time
  const { code, output } = await screen.during(`Building ${target.name}`, build(root, ['run', 'build', '-w', target.workspace]));
  const built = code === 0 ? digestOfOutput(path.join(root, target.output)) : null;
  if (built === null) return refuse(buildFailure(target, output));
  writeAtomically(stampFile(root, target), JSON.stringify({ inputs, output: built }));
  return ok(null);
}

function isUpToDate(root: string, target: BuildTarget): boolean {
  const text = readIfThere(stampFile(root, target));
  if (text === null) return false;
  const stamp = Stamp.parse(JSON.parse(text));
  return stamp.inputs === digestOfInputs(root, target.inputs) && stamp.output === digestOfOutput(path.join(root, target.output));
}

const stampFile = (root: string, { output }: BuildTarget): string =>
  path.join(root, '.gastown', `built-${output.replaceAll('/', '-')}.json`);

function buildFailure({ name }: BuildTarget, output: string) {
  const tail = output.trim().split('\n').slice(-25).join('\n');
  if (/ENOSPC|No space left/i.test(output)) return failure('disk_full', `There is no space left to build ${name}.`);
  return failure('internal', `Building ${name} failed:\n${tail}`);
}
