import { z } from 'zod';
import { failure, wrongFields } from '@gastown/protocol';
import type { Failure, FailureCode } from '@gastown/protocol';
import type { TurnEnd } from './driver.ts';
import { turnFailure } from './turn-failure.ts';

/** `usage` is newer than the stable protocol; agents send it already. */
const count = z.number().int().nonnegative().nullish();
/** How Claude Code and Codex tell that a turn failed, which for them ends like any other. */
const Told = z.looseObject({
  category: z.string(),
  severity: z.string().optional(),
  title: z.string(),
  details: z.string().optional(),
  actions: z.array(z.string()).optional(),
});
const Meta = z.looseObject({ jetbrains: z.looseObject({ air: z.looseObject({ sessionFailure: Told.optional() }).optional() }).optional() });
const PromptAnswer = z.object({
  stopReason: z.string(),
  usage: z.object({ inputTokens: count, outputTokens: count, cachedReadTokens: count, cachedWriteTokens: count }).nullish().catch(null),
  _meta: Meta.nullish().catch(null),
});

const UNREADABLE = 'The agent ended its turn with an answer that cannot be read: ';

export function readTurnEnd(answer: unknown): TurnEnd {
  const read = PromptAnswer.safeParse(answer);
  if (!read.success)
    return { stopReason: 'error', usage: null, failure: failure('agent_crashed', UNREADABLE + wrongFields(read.error, 'answer')) };
  const { stopReason, usage, _meta } = read.data;
  const counted = usage
    ? {
        inputTokens: usage.inputTokens ?? 0,
        outputTokens: usage.outputTokens ?? 0,
        cacheReadTokens: usage.cachedReadTokens ?? 0,
        cacheWriteTokens: usage.cachedWriteTokens ?? 0,
        costMicros: 0,
      }
    : null;
  const told = _meta?.jetbrains?.air?.sessionFailure;
  const broken = told === undefined || told.severity === 'warning' ? null : failureOf(told);
  return { stopReason, usage: counted, failure: broken ?? (stopReason === 'refusal' ? failure('model_refused') : null) };
}

/** Where the words tell nothing, the category does. */
const BY_CATEGORY: Readonly<Record<string, FailureCode>> = { access: 'model_key_refused', limit: 'model_rate_limited' };

function failureOf({ category, title, details }: z.infer<typeof Told>): Failure {
  const said = turnFailure([title, details ?? ''].join(' ').trim());
  const code = said.code === 'model_unreachable' ? BY_CATEGORY[category] : undefined;
  return code === undefined ? said : { ...said, code };
}
