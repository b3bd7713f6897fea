import { TOOL_NAMES } from '@gastown/protocol';
import type { ToolName } from '@gastown/protocol';

/** How an agent spells a tool: `gt_done` for one, `mcp__gt__done` for another. */
export type ToolNaming = (tool: ToolName) => string;

const PRODUCT = 'Gas Town';

const isTool = (name: string): name is ToolName => (TOOL_NAMES as readonly string[]).includes(name);

/** Fills `{{product}}` and `{{tool name}}`. A slot that is neither is a mistake in the text and is refused at once. */
export function fillSlots(text: string, toolName: ToolNaming): string {
  return text.replaceAll(/\{\{([^}]*)\}\}/g, (whole, slot: string) => {
    const [kind, name] = slot.trim().split(/\s+/);
    if (kind === 'product' && name === undefined) return PRODUCT;
    if (kind === 'tool' && name !== undefined && isTool(name)) return `\`${toolName(name)}\``;
    throw new Error(`unknown slot in a role text: ${whole}`);
  });
}
