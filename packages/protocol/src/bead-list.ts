import { z } from 'zod';
import { ConvoyId, RigId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { BeadRow } from './rows/beads.ts';
import { BeadStatus, BeadType, WorkKind } from './states.ts';

/**
 * All beads of a town, page by page, whatever a page's replica holds.
 *
 * GET /api/towns/:town/beads[?status=closed][&type=issue][&rig=RIG][&kind=KIND][&label=LABEL][&convoy=CONVOY][&archived=with|only][&text=WORDS][&after=PLACE][&limit=N]   → BeadsPage
 *
 * What is not over comes first, newest first; then what is over, in the order in which it was closed, the last first. `text`: every word of it stands in the title,
 * the id or a label, in capitals or not. `limit=0` asks for the total alone.
 */
const most = LIMITS.searchWords.value;
const text = z
  .string()
  .max(LIMITS.searchCharacters.value)
  .transform((words) => [...new Set(words.split(/\s+/).filter(Boolean))])
  .refine((words) => words.length <= most, `has more than ${most} words`);
/** A place in the order: when the bead before it was over (before 1970: less than 0), and its row. */
const place = z
  .string()
  .regex(/^-?\d{1,16}\.\d{1,16}$/, 'must be where the page before it ended, as its answer says')
  .transform((at) => at.split('.').map(Number) as [number, number]);

export const BeadsQuery = z.object({
  type: BeadType.default('issue'),
  status: BeadStatus.optional(),
  rig: RigId.optional(),
  kind: WorkKind.optional(),
  label: z.string().min(1).max(LIMITS.searchCharacters.value).optional(),
  convoy: ConvoyId.optional(),
  archived: z.enum(['without', 'with', 'only']).default('without'),
  text: text.default([]),
  after: place.optional(),
  limit: z.coerce.number().int().min(0).max(LIMITS.beadsPage.value).default(LIMITS.beadsPage.value),
});
export type BeadsQuery = z.infer<typeof BeadsQuery>;

/**
 * Without their texts (`body` is null). `total`: how many there are on all pages, said on the first; null on those after it. `next`: what to ask after; null: this was
 * the last page.
 */
export const BeadsPage = z.object({ beads: z.array(BeadRow), total: z.number().int().nullable(), next: z.string().nullable() });
export type BeadsPage = z.infer<typeof BeadsPage>;
