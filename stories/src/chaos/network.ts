import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The loopback of a network of our own: ports of it are cut as a cable would be, or refused as a firewall does. Needs root and `nft`. */
export interface Network {
  /** `drop`: both sides believe that they are connected. `reject`: connections are reset. Restores what was; how many packets met it. */
  cut(port: number, how: 'drop' | 'reject', ms: number): Promise<number>;
  /** How many connections are tried meanwhile. */
  calls(port: number, meanwhile: () => Promise<void>): Promise<number>;
}

export async function openNetwork(wait: (ms: number) => Promise<void>): Promise<Network> {
  await run('nft', ['add', 'table', 'inet', 'chaos']);
  await run('nft', ['add', 'chain', 'inet', 'chaos', 'in', '{ type filter hook input priority 0; }']);
  /** How many packets the rules met while they were there. */
  const during = async (rules: readonly string[][], meanwhile: () => Promise<void>): Promise<number> => {
    try {
      for (const rule of rules) await run('nft', ['add', 'rule', 'inet', 'chaos', 'in', 'tcp', ...rule]);
      await meanwhile();
      const { stdout } = await run('nft', ['list', 'chain', 'inet', 'chaos', 'in']);
      return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
    } finally {
      await run('nft', ['flush', 'chain', 'inet', 'chaos', 'in']);
    }
  };
  return {
    cut(port, how, ms) {
      const verdict = how === 'drop' ? ['drop'] : ['reject', 'with', 'tcp', 'reset'];
      const rules = ['dport', 'sport'].map((side) => [side, String(port), 'counter', ...verdict]);
      return during(rules, () => wait(ms));
    },
    calls: (port, meanwhile) => during([['dport', String(port), 'tcp', 'flags', '&', '(syn|ack)', '==', 'syn', 'counter']], meanwhile),
  };
}
