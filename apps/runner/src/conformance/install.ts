import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Agents that do not come with this program, by package and exact version: large, and not needed by who uses others. */
const ON_DEMAND: Readonly<Record<string, string>> = {
  claude: '@agentclientprotocol/claude-agent-acp@0.100.0',
  codex: '@agentclientprotocol/codex-acp@2.6.0',
};

/** Root's is where the users of agents pass: they do not enter its home. */
export const agentsFolder = (): string =>
  process.env['GASTOWN_AGENTS_FOLDER'] ?? join(process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache'), 'gastown', 'agents');

/** Installs the agent into the folder when it is one of those and is not there. No script of a package runs. */
export function installOnDemand(agent: string, folder: string): void {
  const wanted = ON_DEMAND[agent];
  if (wanted === undefined || existsSync(join(folder, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@'))))) return;
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', wanted], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
