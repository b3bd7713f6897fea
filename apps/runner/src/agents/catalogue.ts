import type { AgentKind } from './agent-kind.ts';
import { CLAUDE } from './claude.ts';
import { CODEX } from './codex.ts';

/** The agents that can work here, as data. Adding one is adding a row, here or in a file of one's own (`GASTOWN_AGENTS_FILE`). */
export const AGENT_KINDS: readonly AgentKind[] = [
  {
    id: 'kilo',
    label: 'Kilo CLI',
    program: { package: '@kilocode/cli-linux-x64', path: 'bin/kilo' },
    args: ['acp', '--cwd', '{home}'],
    variables: {},
    files: {},
    // Kilo keeps KILO_CONFIG_CONTENT from the shells it starts, so nothing of it reaches a tool.
    openCode: { prefix: 'KILO', config: 'variable' },
    toolPattern: 'gt_{tool}',
    apis: ['chat', 'messages'],
    role: 'mode',
    attach: { args: ['attach', '{url}', '--session', '{session}', '--dir', '{cwd}'], password: 'KILO_SERVER_PASSWORD' },
  },
  {
    id: 'opencode',
    label: 'OpenCode',
    program: { package: 'opencode-linux-x64', path: 'bin/opencode' },
    args: ['acp', '--cwd', '{home}'],
    variables: {},
    files: {},
    // OpenCode hands its whole environment to its shells: the configuration, with the token of the model door, goes into a file.
    openCode: { prefix: 'OPENCODE', config: 'file' },
    toolPattern: 'gt_{tool}',
    apis: ['chat', 'messages'],
    role: 'mode',
    attach: { args: ['attach', '{url}', '--session', '{session}', '--dir', '{cwd}'], password: 'OPENCODE_SERVER_PASSWORD' },
  },
  CLAUDE,
  CODEX,
];
