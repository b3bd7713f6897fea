import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * How git starts ssh: it asks nobody anything, gives up on a silent host, and keeps new host keys in a file of the runner's own. A host whose key changed is
 * refused; keys that the user of this machine knows already count too. Keys to sign in with are the machine's: ssh's own defaults, its configuration, its agent.
 */
export interface SshWish {
  /** File for the keys of new hosts; its folder exists. */
  readonly knownHosts: string;
  readonly home: string;
  readonly agent: string | null;
}

const CONNECT_SECONDS = 15;

export function sshEnvironment({ knownHosts, home, agent }: SshWish): Record<string, string> {
  const settings = {
    BatchMode: 'yes',
    ConnectTimeout: String(CONNECT_SECONDS),
    ServerAliveInterval: '15',
    ServerAliveCountMax: '4',
    StrictHostKeyChecking: 'accept-new',
    UserKnownHostsFile: `"${knownHosts.replaceAll('%', '%%')}" ${ownKnownHosts(home)}`,
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    PermitLocalCommand: 'no',
  };
  const words = ['ssh', ...configuration(home), ...Object.entries(settings).map(([key, value]) => `-o${key}=${value}`)];
  return {
    GIT_SSH_COMMAND: words.map(quoted).join(' '),
    GIT_SSH_VARIANT: 'ssh',
    ...(agent === null ? {} : { SSH_AUTH_SOCK: agent }),
  };
}

/** ssh looks for its files in the home of the user that the system names, whatever HOME says: a HOME that differs is told to it. */
const differs = (home: string): boolean => userInfo().homedir !== home;
const ownKnownHosts = (home: string): string =>
  differs(home) ? `"${join(home, '.ssh', 'known_hosts').replaceAll('%', '%%')}"` : '~/.ssh/known_hosts';

function configuration(home: string): string[] {
  const file = join(home, '.ssh', 'config');
  return differs(home) && existsSync(file) ? ['-F', file] : [];
}

const quoted = (word: string): string => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
