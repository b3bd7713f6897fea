import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { AGENT_KINDS } from './catalogue.ts';
import { liveViewOf } from './live-view.ts';

const [KILO] = AGENT_KINDS;
const CODEX = AGENT_KINDS.find(({ id }) => id === 'codex')!;
const session = { password: 'sesame', sessionId: 'ses-1', cwd: '/work tree' };

/** A process with a service on this machine, as an agent program has one. */
async function service(): Promise<{ pid: number; port: number }> {
  const script = `const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid!, port: Number(said.toString().trim()) };
}

test('a live view is another process of the program, at the service of the one that holds the session, with its password in the environment alone (WS-7)', async () => {
  const { pid, port } = await service();
  const view = await liveViewOf({ kind: KILO!, program: '/bin/kilo', before: [] }, { ...session, pid });
  expect(view).toMatchObject({
    program: '/bin/kilo',
    args: ['attach', `http://127.0.0.1:${port}`, '--session', 'ses-1', '--dir', '/work tree'],
    environment: { KILO_SERVER_PASSWORD: 'sesame', KILO_DISABLE_AUTOUPDATE: '1' },
  });
  expect(view!.args.join(' ')).not.toContain('sesame');
});

test('there is none of a program without a screen, of a process without a service, and of one that is gone', async () => {
  const { pid } = await service();
  expect(await liveViewOf({ kind: CODEX, program: '/bin/codex', before: [] }, { ...session, pid })).toBeNull();
  for (const other of [process.ppid, 2 ** 22 - 1, null])
    expect(await liveViewOf({ kind: KILO!, program: '/bin/kilo', before: [] }, { ...session, pid: other })).toBeNull();
});
