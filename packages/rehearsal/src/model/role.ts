import { systemText } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { RoleName } from './story.ts';
import { offeredName } from './tool-names.ts';

/** Tools that only one role is offered (TL-1), the surest sign. */
const OWN_TOOLS: readonly (readonly [tool: string, role: RoleName])[] = [
  ['gt_sling', 'mayor'],
  ['gt_request_changes', 'refinery'],
  ['gt_triage_resolve', 'triage'],
  ['gt_done', 'polecat'],
];

/** The role of the agent that asks: told by its tools, else by what its prompt says it is. Null when neither tells. */
export function roleOf(conversation: Conversation): RoleName | null {
  const own = OWN_TOOLS.find(([tool]) => offeredName(tool, conversation.tools) !== null);
  if (own !== undefined) return own[1];
  const said = /\byou are\b[^.\n]{0,60}?\b(mayor|polecat|refinery|triage)\b/i.exec(systemText(conversation))?.[1];
  const named = RoleName.safeParse(said?.toLowerCase());
  return named.success ? named.data : null;
}
