import { pathToFileURL } from 'node:url';
import { MODEL_APIS, Role } from '@gastown/protocol';
import type { ModelApi, Permissions } from '@gastown/protocol';
import type { AgentSetup } from './setup.ts';
import { SUB_AGENTS } from './sub-agent.ts';

/** Kilo CLI grew out of OpenCode: both read this configuration and the same variables under their own prefix. */
const SWITCHES = [
  'DISABLE_MODELS_FETCH',
  'DISABLE_AUTOUPDATE',
  'DISABLE_SHARE',
  'DISABLE_SESSION_INGEST',
  'DISABLE_LSP_DOWNLOAD',
  'DISABLE_DEFAULT_PLUGINS',
  'DISABLE_CLAUDE_CODE',
  'DISABLE_CODEBASE_INDEXING',
  'DISABLE_PRESENCE',
  'NO_DAEMON',
  'DISABLE_EXTERNAL_SKILLS',
  'DISABLE_PROJECT_CONFIG',
  'EXPERIMENTAL_DISABLE_FILEWATCHER',
];

/** No call home, nothing downloaded, and no configuration or plugin of a repository is run inside the agent's process. */
export const openCodeVariables = (prefix: string): Record<string, string> => ({
  ...Object.fromEntries(SWITCHES.map((name) => [`${prefix}_${name}`, '1'])),
  [`${prefix}_TELEMETRY_LEVEL`]: 'off',
  // Where nothing is said a model may leave a sub-agent behind, whose work would go on after the turn.
  [`${prefix}_EXPERIMENTAL_BACKGROUND_SUBAGENTS`]: 'false',
});

const PACKAGES: Partial<Record<ModelApi, string>> = { chat: '@ai-sdk/openai-compatible', messages: '@ai-sdk/anthropic' };
/** Limits assumed for a model that the agent does not know: when to compact, and how much to ask for at once. */
const ASSUMED = { context: 200_000, output: 16_384 };
const PROVIDER = 'gastown';
/** A tool call may wait for a push or for the town to come back. */
const TOOL_TIMEOUT_MS = 900_000;

/** Tools that look into other sessions of the shared process, or publish. */
const NEVER = {
  question: false,
  skill: false,
  board_post: false,
  board_read: false,
  link_pr: false,
  kilo_local_recall: false,
};
const REACHES_OUT = ['webfetch', 'websearch', 'codesearch'];
/** What is denied to all goes on to sub-agents, whatever their own rights say: only what nobody may. */
const DENIED = { question: 'deny', doom_loop: 'deny' } as const;
/** The programs' own agents have rights of their own. */
const THEIRS = ['build', 'code', 'plan', 'debug', 'ask', 'orchestrator', 'general', 'explore', 'scout'];
const NO_WEB = { webfetch: 'deny', websearch: 'deny', external_directory: 'deny' } as const;
const mayCall = (subAgent: string) => ({ task: { '*': 'deny', [subAgent]: 'allow' } });
/** The Mayor and the judging roles change nothing and run nothing (MY-10). */
const MAY_LOOK = { edit: 'deny', bash: 'deny', ...NO_WEB, ...DENIED, task: 'deny' } as const;
const mayWork = ({ web, outside, commands }: Permissions) => ({
  edit: 'allow',
  bash: commands,
  webfetch: web,
  websearch: web,
  external_directory: outside,
  ...DENIED,
});

/** Nobody hears what a sub-agent asks, so what would be asked for it may not do. The tools of the town are for the agent that has the bead. */
const neverAsks = (rights: object) => ({
  ...Object.fromEntries(Object.entries(rights).map(([what, rule]) => [what, rule === 'ask' ? 'deny' : rule])),
  // Who reads one of these is asked by the programs themselves.
  read: { '*': 'allow', '*.env': 'deny', '*.env.*': 'deny', '*.env.example': 'allow' },
  task: 'deny',
  'gt_*': 'deny',
});
const subAgents = (permissions: Permissions) => ({
  reader: { mode: 'subagent', description: SUB_AGENTS.reader, permission: neverAsks(MAY_LOOK) },
  helper: { mode: 'subagent', description: SUB_AGENTS.helper, permission: neverAsks(mayWork(permissions)) },
});

export function openCodeConfig(setup: AgentSetup): object {
  const model = `${PROVIDER}/${setup.model}`;
  const base = `${setup.door}/llm/${MODEL_APIS[setup.api]}`;
  return {
    provider: {
      [PROVIDER]: {
        npm: PACKAGES[setup.api],
        name: 'Gas Town',
        options: { baseURL: base, apiKey: setup.doorToken },
        models: { [setup.model]: { name: setup.model, tool_call: true, limit: ASSUMED } },
      },
    },
    ...(setup.plugin !== null && { plugin: [pathToFileURL(setup.plugin).href] }),
    model,
    small_model: model,
    enabled_providers: [PROVIDER],
    permission: DENIED,
    default_agent: 'mayor' satisfies Role,
    tools: { ...NEVER, ...(setup.permissions.web === 'deny' && Object.fromEntries(REACHES_OUT.map((tool) => [tool, false]))) },
    snapshot: false,
    share: 'disabled',
    autoupdate: false,
    experimental: { mcp_timeout: TOOL_TIMEOUT_MS },
    agent: {
      ...Object.fromEntries(THEIRS.map((agent) => [agent, { disable: true }])),
      ...subAgents(setup.permissions),
      ...Object.fromEntries(
        Role.options.map((role) => [
          role,
          {
            mode: 'primary',
            description: `${role} of the town`,
            prompt: setup.rolePrompt(role),
            permission:
              role === 'polecat' ? { ...mayWork(setup.permissions), ...mayCall('helper') } : { ...MAY_LOOK, ...mayCall('reader') },
          },
        ]),
      ),
    },
  };
}
