import { z } from 'zod';

const Meta = z.looseObject({
  gastown: z.looseObject({ within: z.string() }).optional(),
  claudeCode: z.looseObject({ parentToolUseId: z.string().optional() }).optional(),
});

/** The call of the sub-agent that an update tells of: Claude Code's adapter names it in its own way, our plugin in ours. Null: it is the agent itself. */
export function subAgentOf({ _meta }: { readonly _meta?: unknown }): string | null {
  const meta = Meta.safeParse(_meta).data;
  return meta?.gastown?.within ?? meta?.claudeCode?.parentToolUseId ?? null;
}
