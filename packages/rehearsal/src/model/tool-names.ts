/**
 * Agents spell tools in their own way: `gt_done` is `mcp__gt__done` to one of them, and a shell is `bash`, `Bash` or `exec_command`.
 * Stories use one logical name; here it becomes the name (and the arguments) that this agent offers.
 */
const SHELL_NAMES = ['bash', 'exec_command', 'shell', 'execute_command', 'run_shell_command', 'terminal'];

const simplified = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

/** The agent's name for a logical tool, or null when it does not offer one. */
export function offeredName(logical: string, offered: readonly string[]): string | null {
  if (offered.includes(logical)) return logical;
  const wanted = logical === 'bash' ? SHELL_NAMES : [simplified(logical)];
  for (const name of wanted) {
    const hit =
      offered.find((candidate) => simplified(candidate) === name) ??
      offered.find((candidate) => simplified(candidate).endsWith(`_${name}`));
    if (hit !== undefined) return hit;
  }
  return null;
}

/** True when `spelled` is how some agent spells the logical tool. */
export const isTool = (logical: string, spelled: string): boolean => offeredName(logical, [spelled]) !== null;

/**
 * Arguments of a logical call in the shape of the offered tool. Codex takes a shell command as `cmd`; `ask`, which is of this format alone, has its command ask
 * a person to be run outside the sandbox, as a model would.
 */
export function offeredArgs(offered: string, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { ask, ...plain } = args;
  if (simplified(offered) !== 'exec_command' || typeof plain['command'] !== 'string') return plain;
  return { cmd: plain['command'], ...(ask === true && { sandbox_permissions: 'require_escalated', justification: 'May I?' }) };
}
