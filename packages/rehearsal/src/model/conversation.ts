/**
 * What a model request says, whatever its wire format. A tool result is a turn of its own (`tool`), also where the wire puts it into a
 * user message, so that counting assistant turns gives the same step in every format.
 */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** For `tool`: the name of the tool that answered, as the agent spells it. */
  readonly tool?: string;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  /** Names of the offered tools, as the agent spells them. */
  readonly tools: readonly string[];
}

export const systemText = (conversation: Conversation): string => textOfRole(conversation, 'system');

const textOfRole = (conversation: Conversation, role: Turn['role']): string =>
  conversation.turns
    .filter((turn) => turn.role === role)
    .map((turn) => turn.text)
    .join('\n');

export const lastUserIndex = (conversation: Conversation): number => conversation.turns.findLastIndex((turn) => turn.role === 'user');

export const assistantTurnsAfter = (conversation: Conversation, index: number): number =>
  conversation.turns.slice(index + 1).filter((turn) => turn.role === 'assistant').length;

/** What a person (or the town) said in a user turn: without the notes that agents add to it, whose paths and dates match by chance. */
export const spokenText = (turn: Turn): string => turn.text.replaceAll(/<(environment_details|system-reminder)>[\s\S]*?<\/\1>/g, '').trim();
/** Without what was said in an earlier session, which is told again when that is lost. */
export const saidNow = (turn: Turn): string =>
  spokenText(turn)
    .replaceAll(/^(`{3,})past\n[\s\S]*?^\1$/gm, '')
    .trim();
