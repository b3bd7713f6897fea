import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBareRepo, seedRepo, startModel } from '@gastown/rehearsal';
import { openFakeTown, type FakeTownOptions } from './fake-town.ts';
import { tempFolder } from './fixtures.ts';
import { startRunnerProcess } from './runner-process.ts';

interface Running {
  /** What else the runner finds in its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly town?: Omit<FakeTownOptions, 'modelUrl'>;
  /** The keys that the model takes; absent: any. */
  readonly keys?: string[];
}

/** A town, a model that plays what it is told, a repository with one commit, and the real runner in a process of its own; all gone after the test. */
export async function runningRunner({ environment, town: wish, keys }: Running = {}) {
  const folder = tempFolder();
  const forge = await createBareRepo(join(folder, 'forge.git'));
  await seedRepo(forge, [{ path: 'README.md', content: '# web\n' }], 'first');
  const model = await startModel({ stories: { stories: [] }, ...(keys && { keys }) });
  const town = await openFakeTown({ modelUrl: model.url, ...wish });
  onTestFinished(async () => {
    await model.close();
    await town.close();
  });
  const state = join(folder, 'state');
  return { folder, forge, model, town, state, runner: startRunnerProcess(town.url, state, environment) };
}
