/**
 * The rehearsal servers of a demo, as one child of the launcher: the scripted model and a git server with the sample repository.
 * Its settings come as one line of JSON on standard input; when that closes the launcher is gone, and so is this. Prints one line of JSON when ready.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createSampleRepo, SAMPLE_GATE, SAMPLE_PACKAGE, startGitServer, startModel, stories, suggestions } from '@gastown/rehearsal';
import { ServerSettings } from './settings.ts';
import type { ServerReady } from './settings.ts';

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void serve(ServerSettings.parse(JSON.parse(line))));
lines.once('close', () => process.exit(0));
// What a terminal or a supervisor sends to everything is for the launcher, which closes standard input when the town has stopped.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

async function serve({ folder, modelPort, gitPort, modelKey, gitToken }: ServerSettings): Promise<void> {
  const name = `demo/${SAMPLE_PACKAGE.name}`;
  await makeSample(path.join(folder, `${name}.git`));
  const [model, git] = await Promise.all([
    startModel({ port: modelPort, stories, keys: [modelKey] }),
    startGitServer({ root: folder, port: gitPort, tokens: { [gitToken]: { user: 'demo', push: true } } }),
  ]);
  const ready: ServerReady = {
    modelUrl: model.url,
    modelPort: model.port,
    gitPort: git.port,
    suggestions: [...suggestions],
    sample: { name: SAMPLE_PACKAGE.name, gitUrl: git.repoUrl(name), gates: [SAMPLE_GATE], token: gitToken },
  };
  console.log(JSON.stringify(ready));
}

/** Made beside and moved into place: what is there is whole, and what was landed in an earlier demo stays. */
async function makeSample(bare: string): Promise<void> {
  if (existsSync(bare)) return;
  const making = `${bare}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(path.dirname(bare), { recursive: true });
  await createSampleRepo(making);
  renameSync(making, bare);
}
