import type { AgentKind } from './agent-kind.ts';

/** Off: what would run beside the session (sub-agents, of which the adapter tells nothing, and goals), reach other services, or load code of others. */
const OFF = ['multi_agent', 'goals', 'apps', 'plugins', 'hooks', 'memories', 'image_generation', 'browser_use', 'computer_use'];

const CONFIG = `model = "{model}"
model_provider = "gastown"
web_search = "disabled"
check_for_update_on_startup = false
project_root_markers = []

[analytics]
enabled = false

[model_providers.gastown]
name = "Gas Town"
base_url = "{door}/llm/openai"
wire_api = "responses"
experimental_bearer_token = "{token}"
supports_websockets = false
request_max_retries = 4
stream_max_retries = 4

[features]
${OFF.map((feature) => `${feature} = false`).join('\n')}
`;

/**
 * Codex through its ACP adapter. Its shell runs in a sandbox of its own, unless the session may do everything; what the sandbox does not let a command do is
 * what its model asks for. So where commands are to be asked for, those that change nothing are not.
 */
export const CODEX: AgentKind = {
  id: 'codex',
  label: 'Codex',
  program: { package: '@agentclientprotocol/codex-acp', path: 'dist/index.js', node: true },
  args: [],
  variables: { CODEX_HOME: '{config}/codex', NO_BROWSER: '1' },
  // The token is in the file and not in the environment, which its shells would see.
  files: { 'codex/config.toml': CONFIG },
  sessions: { files: ['{config}/codex/sessions/*/*/*/*{session}.jsonl'] },
  toolPattern: 'mcp__gt__{tool}',
  apis: ['responses'],
  role: 'system-prompt',
  ownsSessions: true,
  access: {
    work: { mode: 'agent-full-access' },
    look: { mode: 'read-only' },
    ask: { mode: 'workspace-write' },
    strict: { mode: 'read-only' },
  },
};
