import type { AgentKind } from './agent-kind.ts';

const WEB = ['WebFetch', 'WebSearch'];
/** Sub-agents and what goes on after a turn: their calls and their work would belong to no run. Cron jobs, other sessions, plans that wait for a person. */
const NEVER =
  'Task Agent ListAgents SendMessage Workflow Skill ReportFindings ScheduleWakeup CronCreate CronDelete CronList EnterPlanMode ExitPlanMode EnterWorktree ExitWorktree'.split(
    ' ',
  );
const CHANGES = ['Bash', 'Edit', 'Write', 'NotebookEdit', 'KillShell', 'Monitor'];
const OURS = 'mcp__gt__*';

/** No settings of the repository or of a person: hooks and permissions of theirs would be run with the agent. */
const options = (more: { disallowedTools: string[]; allowedTools?: string[] }) => ({
  claudeCode: { options: { settingSources: [], env: { ANTHROPIC_BASE_URL: '{tools}/llm/anthropic' }, ...more } },
});

/**
 * Claude Code through the ACP adapter of its makers' SDK. Its shells see its environment, so no token is in it: each session calls the model door through the runner, at an address that opens for the session's own
 * process only. (`CLAUDE_CODE_SUBPROCESS_ENV_SCRUB` needs bubblewrap, which not every machine has; a key helper or a file can be read by its shells as well, which are the same user.)
 */
export const CLAUDE: AgentKind = {
  id: 'claude',
  label: 'Claude Code',
  program: { package: '@agentclientprotocol/claude-agent-acp', path: 'dist/index.js', node: true },
  args: [],
  variables: {
    // It wants one; the runner gives the door another.
    ANTHROPIC_API_KEY: 'the-runner-has-it',
    // Of the adapter, should it call by itself: nowhere.
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    ANTHROPIC_MODEL: '{model}',
    ANTHROPIC_SMALL_FAST_MODEL: '{model}',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: '{model}',
    CLAUDE_CONFIG_DIR: '{data}/claude',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    // Our tools are always offered, not looked for first.
    ENABLE_TOOL_SEARCH: 'false',
    // A tool call may wait for a push or for the town to come back.
    MCP_TOOL_TIMEOUT: '900000',
    // It refuses to work without questions as root, unless it is told that nothing else is here.
    IS_SANDBOX: '1',
  },
  files: {},
  sessions: { files: ['{data}/claude/projects/*/{session}.jsonl'] },
  toolPattern: 'mcp__gt__{tool}',
  apis: ['messages'],
  role: 'system-prompt',
  rulesWithRole: true,
  access: {
    work: { mode: 'bypassPermissions', meta: options({ disallowedTools: [...NEVER, ...WEB] }) },
    look: {
      mode: 'default',
      meta: options({ disallowedTools: [...NEVER, ...WEB, ...CHANGES], allowedTools: [OURS, 'Read', 'Glob', 'Grep'] }),
    },
    ask: { mode: 'acceptEdits', meta: options({ disallowedTools: NEVER, allowedTools: [OURS] }) },
    // The mode that accepts edits accepts commands like `touch` and `rm` as well.
    strict: { mode: 'default', meta: options({ disallowedTools: NEVER, allowedTools: [OURS] }) },
  },
};
