import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outgoingPorts, stableRange } from '../machine/stable-port.ts';
import { openStateFolder, type StateFolder } from '../state/folder.ts';
import { openLog } from '../state/log-file.ts';
import { openScreen } from '../terminal/screen.ts';
import { startRehearsal } from './rehearsal.ts';

let state: StateFolder;
const quiet = { write: () => undefined };
const screen = openScreen(quiet, quiet);
beforeEach(() => {
  const opened = openStateFolder(realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gastown-rehearsal-'))), '1');
  if (!opened.ok) throw new Error(opened.failure.message);
  state = opened.value;
});
afterEach(() => rmSync(state.root, { recursive: true, force: true }));

const start = () => startRehearsal({ state, screen, log: openLog(path.join(state.logs, 'launcher.log')) });
async function portsOfOneRun() {
  const started = await start();
  if (!started.ok) throw new Error(started.failure.message);
  const { offer, sample, stop } = started.value;
  await stop();
  return [offer.defaultModel!.baseUrl!, sample.gitUrl].map((url) => Number(new URL(url).port));
}

it('a demo stores ports that no connection of a program takes meanwhile, and has them again at the next start', async () => {
  const ports = await portsOfOneRun();
  const { first, last } = stableRange(outgoingPorts());
  for (const port of ports) expect(port >= first && port <= last, `${port} within ${first}–${last}`).toBe(true);
  expect(await portsOfOneRun()).toEqual(ports);
});

it('a demo whose stored port a program holds says so and what to do, instead of moving (port_taken)', async () => {
  const [, gitPort] = await portsOfOneRun();
  const other = createServer().listen(gitPort, '127.0.0.1');
  await once(other, 'listening');
  expect(await start()).toMatchObject({
    ok: false,
    failure: {
      code: 'port_taken',
      message: expect.stringContaining(`Port ${gitPort} is taken by ${process.execPath}`),
      next: `End that program, then: ./gastown demo --state ${state.root}. Another demo, without these towns: ./gastown demo --state DIR`,
    },
  });
  await new Promise((resolve) => other.close(resolve));
});
