import { systemText } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { RoleName } from './story.ts';
import { offeredName } from './tool-names.ts';

/** The role of the agent that asks: what its prompt says it is, else what its tools tell. Null when neither does. */
export function roleOf(conversation: Conversation): RoleName | null {
  const said = /\byou are (?:the |an? )?(?:\w+,? (?:the |an? ))?(mayor|polecat|refinery|triage)\b/i.exec(systemText(conversation))?.[1];
  const named = RoleName.safeParse(said?.toLowerCase());
  if (named.success) return named.data;
  if (offeredName('gt_sling', conversation.tools) !== null) return 'mayor';
  if (offeredName('gt_done', conversation.tools) !== null) return 'polecat';
  return null;
}
