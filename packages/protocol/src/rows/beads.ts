import { z } from 'zod';
import { Failure } from '../failures.ts';
import { AgentId, BeadId, ConvoyId, MergeId, RigId, Sha } from '../ids.ts';
import { Usage } from '../models.ts';
import { BeadStatus, BeadType, DependencyType, Hold, Priority, Wait, WorkKind } from '../states.ts';
import { time } from './time.ts';

/** `id`: a bead, or `external:…`, something outside this town. */
export const Dependency = z.object({ id: z.string(), type: DependencyType });

export const BeadRow = z.object({
  id: BeadId,
  type: BeadType,
  status: BeadStatus,
  title: z.string(),
  /** null: it did not fit into the frame that brought the row, and is asked for when the bead is opened (P10). */
  body: z.string().nullable(),
  rigId: RigId.nullable(),
  parentId: BeadId.nullable(),
  kind: WorkKind,
  hold: Hold.nullable(),
  deferUntil: time.nullable(),
  /** Time that one run may take; null: as long as it is heard of. */
  timeoutMs: z.number().int().nullable(),
  /** The convoy it belongs to, and its place there. */
  convoyId: ConvoyId.nullable(),
  convoyPlace: z.number().int().nullable(),
  priority: Priority,
  labels: z.array(z.string()),
  createdBy: z.string(),
  createdAt: time,
  updatedAt: time,
  closedAt: time.nullable(),
  archivedAt: time.nullable(),
  assigneeId: AgentId.nullable(),
  dependsOn: z.array(Dependency),
  wait: Wait.nullable(),
  /** As `beads ready` lists it: open, unblocked, and nothing held against it. What keeps it from beginning all the same is in `wait`. */
  ready: z.boolean().default(false),
  failure: Failure.nullable(),
  attempts: z.number().int(),
  mergeId: MergeId.nullable(),
  landedCommit: Sha.nullable(),
  usage: Usage,
});
export type BeadRow = z.infer<typeof BeadRow>;
/** Asked for by itself, it has its text. */
export const WholeBeadRow = BeadRow.extend({ body: z.string() });
export type WholeBeadRow = z.infer<typeof WholeBeadRow>;
