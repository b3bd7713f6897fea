import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TOOL_NAMES, toolLabel } from '@gastown/protocol';
import type { ToolName } from '@gastown/protocol';
import { openCodeConfig, openCodeVariables } from './opencode-family.ts';
import type { AgentSetup } from './opencode-family.ts';

/**
 * The agents that can work here, as data (architecture §4). A row says how to start one in ACP mode, how it is told model, roles and permissions, and how
 * it spells our tools. Adding an agent is adding a row.
 */
export interface AgentKind {
  readonly id: string;
  readonly label: string;
  /** The program, inside an npm package for this platform. */
  readonly program: { readonly package: string; readonly path: string };
  readonly args: (cwd: string) => string[];
  /** Variables and files (relative to the pool's config folder, mode 0600) that set it up. */
  readonly setup: (setup: AgentSetup) => { readonly variables: Record<string, string>; readonly files: Record<string, string> };
  /** How this agent names a tool of the server `gt`. */
  readonly toolPattern: string;
  /** How the role reaches a session. */
  readonly roleBy: 'config-option-mode';
}

export const AGENT_KINDS: readonly AgentKind[] = [
  {
    id: 'kilo',
    label: 'Kilo CLI',
    program: { package: '@kilocode/cli-linux-x64', path: 'bin/kilo' },
    args: (cwd) => ['acp', '--cwd', cwd],
    // Kilo keeps KILO_CONFIG_CONTENT from the shells it starts, so nothing of it reaches a tool.
    setup: (setup) => ({
      variables: { ...openCodeVariables('KILO'), KILO_CONFIG_CONTENT: JSON.stringify(openCodeConfig(setup)) },
      files: {},
    }),
    toolPattern: 'gt_{tool}',
    roleBy: 'config-option-mode',
  },
  {
    id: 'opencode',
    label: 'OpenCode',
    program: { package: 'opencode-linux-x64', path: 'bin/opencode' },
    args: (cwd) => ['acp', '--cwd', cwd],
    // OpenCode hands its whole environment to its shells: the configuration, with the token of the model door, goes into a file.
    setup: (setup) => ({
      variables: { ...openCodeVariables('OPENCODE'), OPENCODE_CONFIG: join(setup.configFolder, 'gastown.json') },
      files: { 'gastown.json': JSON.stringify(openCodeConfig(setup)) },
    }),
    toolPattern: 'gt_{tool}',
    roleBy: 'config-option-mode',
  },
];

export const toolNaming =
  (kind: AgentKind) =>
  (tool: ToolName): string =>
    kind.toolPattern.replace('{tool}', tool);

/** The logical name of a tool as this agent reports it: ours get their label, its own stay as they are. */
export function logicalTool(kind: AgentKind, reported: string): string {
  const ours = TOOL_NAMES.find((tool) => toolNaming(kind)(tool) === reported);
  return ours === undefined ? reported : toolLabel(ours);
}

/** The path of the agent's program, null when it is not installed on this machine. */
function programPath(kind: AgentKind): string | null {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${kind.program.package}/package.json`)), kind.program.path);
    return existsSync(path) ? path : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

export interface InstalledAgent {
  readonly kind: AgentKind;
  readonly program: string;
}

export const installedAgents = (): InstalledAgent[] =>
  AGENT_KINDS.flatMap((kind) => {
    const program = programPath(kind);
    return program === null ? [] : [{ kind, program }];
  });
