import { z } from 'zod';
import { ConvoyId } from '../ids.ts';
import { Usage } from '../models.ts';
import { ConvoyStatus, MergeMode, Wait } from '../states.ts';
import { time } from './time.ts';

/** A batch of beads. The counts are of all its beads, also of those that a snapshot leaves out because they are long closed. */
export const ConvoyRow = z.object({
  id: ConvoyId,
  title: z.string(),
  status: ConvoyStatus,
  paused: z.boolean(),
  mergeMode: MergeMode,
  total: z.number().int(),
  closed: z.number().int(),
  failed: z.number().int(),
  usage: Usage,
  wait: Wait.nullable(),
  createdBy: z.string(),
  createdAt: time,
  landedAt: time.nullable(),
  archivedAt: time.nullable(),
});
export type ConvoyRow = z.infer<typeof ConvoyRow>;
