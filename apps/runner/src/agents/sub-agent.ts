import { z } from 'zod';

/** What a model is told of those that it may begin: one for a role that works, one for a role that looks. */
export const SUB_AGENTS = {
  helper: 'Does one part of the work here, and says what it did.',
  reader: 'Reads and searches this code, and answers what it was asked.',
} as const;

const Meta = z.looseObject({
  gastown: z.looseObject({ within: z.string() }).optional(),
  claudeCode: z.looseObject({ parentToolUseId: z.string().optional() }).optional(),
});

/** The call of the sub-agent that an update tells of: Claude Code's adapter names it in its own way, our plugin in ours. Null: it is the agent itself. */
export function subAgentOf({ _meta }: { readonly _meta?: unknown }): string | null {
  const meta = Meta.safeParse(_meta).data;
  return meta?.gastown?.within ?? meta?.claudeCode?.parentToolUseId ?? null;
}
