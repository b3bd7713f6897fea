import { z } from 'zod';
import { Price, Provider } from '../models.ts';

export const ModelConfig = z.object({
  provider: Provider,
  model: z.string().max(200),
  baseUrl: z.string().max(500).nullable(),
  price: Price.nullable(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

const within = z.number().int().min(60_000).max(604_800_000);
const many = z.number().int().min(1).max(100_000);

/**
 * Thresholds of the patrols that a town may set for itself; what is absent is as in the limits. Silence of an agent counts from its last activity.
 */
export const PatrolSettings = z.object({
  silenceNudgeMs: within.optional(),
  silenceWarnMs: within.optional(),
  silenceEscalateMs: within.optional(),
  silenceStopMs: within.optional(),
  crashLoopFailures: many.optional(),
  crashLoopWindowMs: within.optional(),
  agentRetireMs: within.optional(),
  reescalateMs: within.optional(),
  alertMergeQueue: many.optional(),
  alertEscalationsAnHour: many.optional(),
  alertRestarts: many.optional(),
  alertEffects: many.optional(),
});
export type PatrolSettings = z.infer<typeof PatrolSettings>;
