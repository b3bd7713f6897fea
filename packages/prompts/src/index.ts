import type { PrimeContext } from '@gastown/protocol';
import { rolePrompt } from './role-prompt.ts';
import { runInstructions } from './run-instructions.ts';
import type { ToolNaming } from './slots.ts';

export { firstPrompt } from './first-prompt.ts';
export type { WorktreeFacts } from './first-prompt.ts';
export { pastConversation, WORK_IS_THERE } from './past-conversation.ts';
export type { PastTurn, PastWish } from './past-conversation.ts';
export type { ToolNaming } from './slots.ts';
export { rolePrompt, runInstructions };

/** Role and run in one text, for an agent that takes a system prompt per session. */
export const systemPrompt = (context: PrimeContext, toolName: ToolNaming): string =>
  `${rolePrompt(context.agent.role, toolName)}\n\n${runInstructions(context, toolName)}`;
