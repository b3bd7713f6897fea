import type { Json } from '@gastown/protocol';
import type { AgentKind } from './agent-kind.ts';
import { SUB_AGENTS } from './sub-agent.ts';

const WEB = ['WebFetch', 'WebSearch'];
/** What goes on after a turn: its calls and its work would belong to no run. Cron jobs, other sessions, plans that wait for a person. */
const NEVER =
  'ListAgents SendMessage Workflow Skill ReportFindings ScheduleWakeup CronCreate CronDelete CronList EnterPlanMode ExitPlanMode EnterWorktree ExitWorktree'.split(
    ' ',
  );
const CHANGES = ['Bash', 'Edit', 'Write', 'NotebookEdit', 'KillShell', 'Monitor'];
const OURS = 'mcp__gt__*';

/** A sub-agent works where its agent does: what it did in a worktree of its own would be on no branch that is handed in, and its folder in the way of those that are. */
const NO_WORKTREES = {
  WorktreeCreate: [{ hooks: [{ type: 'command', command: "echo 'A sub-agent works in this folder: leave isolation out.' >&2; exit 1" }] }],
};

/** No settings of the repository or of a person: hooks and permissions of theirs would be run with the agent. */
const options = (agents: Record<string, Json>, more: { disallowedTools: string[]; allowedTools?: string[] }) => ({
  claudeCode: {
    options: {
      settingSources: [],
      settings: { hooks: NO_WORKTREES },
      env: { ANTHROPIC_BASE_URL: '{tools}/llm/anthropic' },
      agents,
      ...more,
    },
  },
});
/** Those of the program are off. What is asked of a person, or denied, is so for a sub-agent too; the tools of the town are for the agent that has the bead. */
const [helper, reader] = [
  { description: SUB_AGENTS.helper, prompt: SUB_AGENTS.helper, disallowedTools: ['mcp__gt', 'Agent'] },
  { description: SUB_AGENTS.reader, prompt: SUB_AGENTS.reader, tools: ['Read', 'Glob', 'Grep'] },
];

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
    CLAUDE_AGENT_SDK_DISABLE_BUILTIN_AGENTS: '1',
    // Whatever it begins ends with its turn.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    // Nobody sees its guesses of what may be said next, and each is a call with the whole conversation.
    CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
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
  subAgents: ['Agent', 'Task'],
  apis: ['messages'],
  role: 'system-prompt',
  rulesWithRole: true,
  access: {
    work: { mode: 'bypassPermissions', meta: options({ helper }, { disallowedTools: [...NEVER, ...WEB] }) },
    look: {
      mode: 'default',
      meta: options({ reader }, { disallowedTools: [...NEVER, ...WEB, ...CHANGES], allowedTools: [OURS, 'Read', 'Glob', 'Grep', 'Agent'] }),
    },
    ask: { mode: 'acceptEdits', meta: options({ helper }, { disallowedTools: NEVER, allowedTools: [OURS] }) },
    // The mode that accepts edits accepts commands like `touch` and `rm` as well.
    strict: { mode: 'default', meta: options({ helper }, { disallowedTools: NEVER, allowedTools: [OURS] }) },
  },
};
