import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The loopback of a network of our own: ports of it are cut as a cable would be, or refused as a firewall does. Needs root and `nft`. */
export interface Network {
  /** `drop`: both sides believe that they are connected. `reject`: connections are reset. Restores what was. */
  cut(port: number, how: 'drop' | 'reject', ms: number): Promise<void>;
}

export async function openNetwork(wait: (ms: number) => Promise<void>): Promise<Network> {
  await run('nft', ['add', 'table', 'inet', 'chaos']);
  await run('nft', ['add', 'chain', 'inet', 'chaos', 'in', '{ type filter hook input priority 0; }']);
  return {
    async cut(port, how, ms) {
      const verdict = how === 'drop' ? ['drop'] : ['reject', 'with', 'tcp', 'reset'];
      for (const side of ['dport', 'sport'])
        await run('nft', ['add', 'rule', 'inet', 'chaos', 'in', 'tcp', side, String(port), ...verdict]);
      try {
        await wait(ms);
      } finally {
        await run('nft', ['flush', 'chain', 'inet', 'chaos', 'in']);
      }
    },
  };
}
