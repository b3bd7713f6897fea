import { z } from 'zod';
import { ImportId, UntakenEdge } from './exchange.ts';
import { WholeBeadRow } from './rows/beads.ts';
import { EventRow } from './rows/events.ts';
import { time } from './rows/time.ts';
import { MergePhase } from './states.ts';

/** What people wrote about a bead in the tool that it came from. `cut`: the file has more. */
export const OriginComment = z.object({ author: z.string().nullable(), at: time.nullable(), text: z.string(), cut: z.boolean() });
export type OriginComment = z.infer<typeof OriginComment>;
/**
 * What the file that a bead came in says of it besides what the bead shows: bounded (`LIMITS.originComments`, `LIMITS.originCharacters`), without what looks like a credential, as
 * it was when the file came. The export gives all of it back.
 */
export const Origin = z.object({
  /** Who brought the bead here, when, and with which import (null: not known any more). Null: it was made here, and a file told of it later. */
  came: z.object({ by: z.string(), at: time, importId: ImportId.nullable() }).nullable(),
  /** The import that told of it last. */
  importId: ImportId,
  at: time,
  /** As the line says; null: it does not. */
  createdBy: z.string().nullable(),
  createdAt: time.nullable(),
  assignee: z.string().nullable(),
  closeReason: z.string().nullable(),
  /** The newest, in the order of the file; `earlierComments`: how many more there are. */
  comments: z.array(OriginComment),
  earlierComments: z.number().int(),
  /** Dependencies that the line names and the bead does not have, with why as things are now; `moreUntaken`: how many more there are. */
  untaken: z.array(UntakenEdge),
  moreUntaken: z.number().int(),
});
export type Origin = z.infer<typeof Origin>;

/** The bead or agent that a bead which is no work is about: its merge, its question, its reader, what an agent works on. */
export const BeadAbout = z.object({ kind: z.enum(['bead', 'agent']), id: z.string() });
export type BeadAbout = z.infer<typeof BeadAbout>;
/** A bead of any type (DM-1). `why`: why it is not moving, in a sentence. `origin`: of one that an import brought or told of. */
export const BeadAnswer = z.object({
  bead: WholeBeadRow,
  why: z.string().nullable(),
  about: BeadAbout.nullable().default(null),
  origin: Origin.nullable().default(null),
  /** The name of the agent that has it, or had it last. */
  agent: z.string().nullable().default(null),
  /** Its newest merge. */
  merge: z.object({ id: z.string(), phase: MergePhase, targetBranch: z.string() }).nullable().default(null),
});
export type BeadAnswer = z.infer<typeof BeadAnswer>;
/** A page of what the ledger says of a bead and of its merges, newest first (I6). `earlier`: there is more before it. */
export const BeadEvents = z.object({ events: z.array(EventRow), earlier: z.boolean() });
export type BeadEvents = z.infer<typeof BeadEvents>;
export const BeadEventsQuery = z.object({
  /** The id of an event: those before it. */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type BeadEventsQuery = z.infer<typeof BeadEventsQuery>;
