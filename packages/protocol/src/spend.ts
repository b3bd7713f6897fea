import { z } from 'zod';
import { Usage } from './models.ts';

/** The windows of a chart (MT-3) and how long one of its points is: some dozens of points each. */
export const SPEND_WINDOWS = {
  '1h': { minutes: 60, bucketMinutes: 1 },
  '6h': { minutes: 360, bucketMinutes: 5 },
  '24h': { minutes: 1_440, bucketMinutes: 20 },
  '7d': { minutes: 10_080, bucketMinutes: 120 },
} as const;

/** `GET /api/towns/:town/spend?window=1h&by=town` */
export const SpendQuery = z.object({
  window: z.enum(['1h', '6h', '24h', '7d']).default('1h'),
  by: z.enum(['town', 'rig', 'agent', 'model']).default('town'),
});
export type SpendQuery = z.infer<typeof SpendQuery>;

/**
 * What was spent when. Every line has one point for each bucket from `from` on, oldest first; the last bucket is still running. A bucket in which nothing
 * was spent is zero; `null` is before the town was made: a gap (MT-6). `key` names the rig, agent or model, is empty for what belongs to none, and `*` for
 * all that come after the twenty that spent most.
 */
export const SpendSeries = z.object({
  window: SpendQuery.shape.window,
  by: SpendQuery.shape.by,
  from: z.number().int(),
  bucketMs: z.number().int(),
  lines: z.array(z.object({ key: z.string(), total: Usage, points: z.array(Usage.nullable()) })),
  total: Usage,
  /** Over the last one to two minutes: zero in an idle town. */
  now: z.object({ tokensPerSecond: z.number(), microsPerSecond: z.number() }),
});
export type SpendSeries = z.infer<typeof SpendSeries>;
