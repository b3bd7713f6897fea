import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

const SSHD = '/usr/sbin/sshd';

/** A real SSH server on loopback with keys of its own, for this test only. It lets in the user of this process with `key`. */
export interface SshServer {
  /** `ssh://user@127.0.0.1:port`, to be followed by a path. */
  readonly url: string;
  readonly key: string;
  readonly port: number;
  /** Ends it and begins again on the same port with a new host key. */
  changeHostKey(): Promise<void>;
}

export async function startSshServer(folder: string): Promise<SshServer> {
  if (!existsSync(SSHD)) {
    throw new Error(`This test needs ${SSHD}: install it with "apt-get install -y --no-install-recommends openssh-server".`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // As root, sshd insists on this folder, which the system makes when it boots.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const key = join(folder, 'user');
  makeKey(key);
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${key}.pub`), { mode: 0o600 });
  const port = await freePort();
  let server = await listen(folder, port, 'host-1');
  onTestFinished(() => server.end());
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    key,
    port,
    async changeHostKey() {
      await server.end();
      server = await listen(folder, port, 'host-2');
    },
  };
}

export function makeKey(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
}

/** An ssh-agent that holds `key`; gives its socket. */
export async function startSshAgent(folder: string, key: string): Promise<string> {
  const socket = join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  onTestFinished(() => void agent.kill());
  await until('the agent listens', () => existsSync(socket));
  execFileSync('ssh-add', ['-q', key], { env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket }, stdio: 'pipe' });
  return socket;
}

async function listen(folder: string, port: number, hostKey: string): Promise<{ end: () => Promise<void> }> {
  makeKey(join(folder, hostKey));
  const config = join(folder, `${hostKey}.conf`);
  writeFileSync(config, configuration(folder, port, hostKey));
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await until('sshd listens', () => {
    if (child.exitCode !== null) throw new Error(`sshd did not start: ${said}`);
    return said.includes('Server listening');
  });
  return {
    async end() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

const configuration = (folder: string, port: number, hostKey: string): string =>
  [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(folder, hostKey)}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'AuthenticationMethods publickey',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'AcceptEnv GIT_PROTOCOL',
    '',
  ].join('\n');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
