import { z } from 'zod';
import { Failure } from '../failures.ts';
import { RigId } from '../ids.ts';
import { Usage } from '../models.ts';
import { PermissionSettings, Setup } from './settings.ts';
import { time } from './time.ts';

export const RigRow = z.object({
  id: RigId,
  name: z.string(),
  gitUrl: z.string(),
  createdAt: time,
  defaultBranch: z.string().nullable(),
  empty: z.boolean(),
  state: z.enum(['connecting', 'ready', 'unreachable', 'removed']),
  failure: Failure.nullable(),
  /** Since when it cannot be used, also while it is looked at again. */
  failingSince: time.nullable(),
  /** When the town looks at it again by itself; null: only when a person wants it. */
  looksAgainAt: time.nullable(),
  paused: z.boolean(),
  tokenSet: z.boolean(),
  /** Instead of the town's; null: as the town says (QG-1). */
  gates: z.array(z.string()).nullable(),
  /** What differs from the town's. */
  permissions: PermissionSettings,
  /** Instead of the town's; null: as the town says. */
  setup: Setup.nullable(),
  maxPolecats: z.number().int(),
  busyPolecats: z.number().int(),
  usage: Usage,
  /** Lines of files that could not be taken and wait for a person, and since when. */
  badLines: z.object({ lines: z.number().int().positive(), since: time }).nullable(),
});
export type RigRow = z.infer<typeof RigRow>;
