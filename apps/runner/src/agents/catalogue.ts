import type { AgentKind, SessionPlace } from './agent-kind.ts';
import { CLAUDE } from './claude.ts';
import { CODEX } from './codex.ts';

/** Kilo CLI grew out of OpenCode: both keep sessions in tables of these names. `event` is what a session is made of, the others what is read from it. */
const openCodeSessions = (file: string): SessionPlace => ({
  sqlite: file,
  tables: [
    { name: 'project', where: 'id = (SELECT project_id FROM session WHERE id = ?)', shared: true },
    { name: 'session', where: 'id = ?' },
    { name: 'message', where: 'session_id = ?' },
    { name: 'part', where: 'session_id = ?' },
    { name: 'todo', where: 'session_id = ?' },
    { name: 'session_message', where: 'session_id = ?' },
    { name: 'session_input', where: 'session_id = ?' },
    { name: 'session_context_epoch', where: 'session_id = ?' },
    { name: 'event_sequence', where: 'aggregate_id = ?' },
    { name: 'event', where: 'aggregate_id = ?' },
  ],
});

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
    sessions: openCodeSessions('{data}/kilo/kilo.db'),
    locks: '{state}/kilo/locks',
    toolPattern: 'gt_{tool}',
    subAgents: ['task'],
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
    sessions: openCodeSessions('{data}/opencode/opencode.db'),
    locks: '{state}/opencode/locks',
    toolPattern: 'gt_{tool}',
    subAgents: ['task'],
    apis: ['chat', 'messages'],
    role: 'mode',
    attach: { args: ['attach', '{url}', '--session', '{session}', '--dir', '{cwd}'], password: 'OPENCODE_SERVER_PASSWORD' },
  },
  CLAUDE,
  CODEX,
];
