import { z } from 'zod';
import { BeadId, RigId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { Priority, WorkKind } from './states.ts';

/**
 * Beads JSONL in and out: one bead a line, the format of `bd export`.
 *
 * POST /api/towns/:town/import?rig=RIG[&dry_run=1][&start=1][&after=LINE][&only=VERDICT|untaken][&all=1]   the file as body → ImportAnswer
 * GET  /api/towns/:town/bad-lines[?rig=RIG][&after=SEQ][&limit=N]   → BadLines: what imports could not take
 * GET  /api/towns/:town/export[?rig=RIG][&all=1]               → application/x-ndjson, one bead a line
 *
 * A dry run answers the same and writes nothing. Open work arrives held (`staged`) unless `start` is given: `bead.start` with `rigId` or
 * `importId` lets it go. `after`, `only` and `all` choose the lines that the answer lists (`LinesWanted`); what is done and counted is the same. Of an export `all` is the town's own records (agents, merge requests, escalations) as well.
 */
const flag = z
  .enum(['0', '1', 'false', 'true'])
  .optional()
  .transform((text) => text === '1' || text === 'true');
export const ExportQuery = z.object({ rig: RigId.optional(), all: flag });

/** `im-` and 8 hex digits. */
export const ImportId = z.string().regex(/^im-[0-9a-f]{8}$/, 'must be the id of an import, im-1a2b3c4d say');
export type ImportId = z.infer<typeof ImportId>;

/**
 * What became of one line: `unchanged`, the town has it exactly so; `older`, the town knows a later state of it; `skipped`, it is no bead (a header, a note,
 * one that was deleted, one that a later line says again); `bad`, it cannot be read or taken, and `why` says what to correct.
 */
export const Verdict = z.enum(['created', 'updated', 'unchanged', 'older', 'skipped', 'bad']);
export type Verdict = z.infer<typeof Verdict>;
/** Lines of one verdict, or those with a dependency that was not taken. */
export const LineFilter = z.enum([...Verdict.options, 'untaken']);
export type LineFilter = z.infer<typeof LineFilter>;
/**
 * A page of lines, in the order of the file: those after this line of it. Without one, an answer lists what a person looks at first. `all`: every line, so far as
 * `LIMITS.importAnswerCharacters` goes; not for a command with a key, whose answer is kept.
 */
export const LinesWanted = z.strictObject({ after: z.number().int().min(0), only: LineFilter.optional(), all: z.boolean().optional() });
export type LinesWanted = z.infer<typeof LinesWanted>;
export const ImportQuery = z.object({
  rig: RigId,
  dry_run: flag,
  start: flag,
  after: z.coerce.number().int().min(0).optional(),
  only: LineFilter.optional(),
  all: flag,
});

/** A dependency of a line that was taken which was not. The line keeps it for the export. */
export const UntakenEdge = z.object({ dependsOn: z.string(), type: z.string(), why: z.string() });
export type UntakenEdge = z.infer<typeof UntakenEdge>;

export const ImportedLine = z.object({
  /** Counted from 1, empty lines included. */
  line: z.number().int(),
  id: z.string().nullable(),
  verdict: Verdict,
  /** Of a bad line: the field that is wrong; `line` when it is all of it. */
  field: z.string().nullable(),
  /** One sentence, for every verdict but `created`, `updated` and `unchanged`. Of a bad field it goes on after the field's name. */
  why: z.string().nullable(),
  untaken: z.array(UntakenEdge),
});
export type ImportedLine = z.infer<typeof ImportedLine>;

const count = z.number().int();
export const ImportAnswer = z.object({
  /** Null when nothing was written: a dry run, or a file whose beads are all here and whose bad lines are known. */
  importId: ImportId.nullable(),
  rigId: RigId,
  dryRun: z.boolean(),
  /** Only of a file in which not one line is a bead, well or badly said: some other file, of which no line is kept. */
  noBeads: z.literal(true).optional(),
  counts: z.object({
    /** Lines that are not empty. */
    lines: count,
    created: count,
    updated: count,
    unchanged: count,
    older: count,
    skipped: count,
    bad: count,
    /** Dependencies of the lines that were taken: new in the town, and not taken. */
    edges: count,
    untakenEdges: count,
    /** Lines with such a dependency. */
    untakenLines: count.default(0),
    /** Created, open, and held until somebody starts them. */
    staged: count,
    /** Created, and held because the other tool has them in progress, blocked, or in a state of its own: nobody here knows who is at work on them. */
    foreign: count.default(0),
    /** Created, or made critical, by a line that names no priority: critical, as `bd import` reads it. */
    withoutPriority: count.default(0),
    /** Bad lines that are kept, that are kept exactly so already, and for which there is no place; kept lines that the file says mended. One of a bead that another rig has is not kept. */
    quarantined: count.default(0),
    knownBad: count.default(0),
    unkeptBad: count.default(0),
    mended: count.default(0),
    /** All bad lines that the town keeps after this, of other imports and rigs too. */
    keptBad: count.default(0),
  }),
  /** In the order of the file. Of a large import those that say why come first in being kept; `more` is how many are left out, of a page those that come after it. */
  lines: z.array(ImportedLine),
  more: count,
});
export type ImportAnswer = z.infer<typeof ImportAnswer>;

/** A line that an import could not take, as it is kept until a person lets it go (`import.discard`) or a later import says its bead mended. */
export const BadLine = z.object({
  /** Where a list goes on. */
  seq: count,
  importId: ImportId,
  rigId: RigId,
  /** Its name. */
  rig: z.string().default(''),
  /** Of the file that was imported, counted from 1. */
  line: count,
  /** What it says its bead is. */
  id: z.string().nullable(),
  field: z.string(),
  why: z.string(),
  /** Its beginning, without credentials; `cut`: the file has more. */
  text: z.string(),
  cut: z.boolean(),
  at: count,
});
export type BadLine = z.infer<typeof BadLine>;
/** `total`: of the town, or of the rig asked for. `next`: what to ask after for the next page; null: this was the last. */
export const BadLines = z.object({ lines: z.array(BadLine), total: count, next: count.nullable() });
export type BadLines = z.infer<typeof BadLines>;
/** What `import.discard` answers. */
export const DiscardAnswer = z.object({ discarded: count });
/** `POST /host/towns/:town/bad-lines/discard?…`: `import.discard` for a terminal; `line` as `3,8`. */
export const DiscardQuery = z.object({
  rig: RigId.optional(),
  import: ImportId.optional(),
  line: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, 'must be numbers of lines, 3,8 say')
    .transform((text) => text.split(',').map(Number))
    .optional(),
});
export const BadLinesQuery = z.object({
  rig: RigId.optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(LIMITS.badLinesPage.value).default(LIMITS.badLinesPage.value),
});
export type BadLinesQuery = z.infer<typeof BadLinesQuery>;

/** One bead of the list `ready`: open, unblocked, held by nothing. `kept`: what keeps it from beginning all the same, in a sentence; null while it is in line. */
export const ReadyBead = z.object({
  id: BeadId,
  title: z.string(),
  rigId: RigId.nullable(),
  priority: Priority,
  kind: WorkKind,
  labels: z.array(z.string()),
  createdAt: z.number().int(),
  kept: z.string().nullable(),
});
export type ReadyBead = z.infer<typeof ReadyBead>;
/** When nothing is ready: what is planned, by the name of its repository, the most first, and how much work is open altogether. */
const ReadyNothing = z.object({ planned: z.array(z.object({ rig: z.string(), beads: count })), open: count });
/** The first of the list; `total`: how many are ready, counted up to one more than a list may have (`LIMITS.readyBeads`). */
export const ReadyAnswer = z.object({ beads: z.array(ReadyBead), total: count, nothing: ReadyNothing.nullable() });
export type ReadyAnswer = z.infer<typeof ReadyAnswer>;
export const StartAnswer = z.object({ started: count });

/** Of a file with `noBeads`: what it is not, and what a file of beads looks like. */
export const NO_BEADS =
  'Nothing in this file is a bead; nothing was kept of it. A file of beads is JSONL: one bead a line, as bd export writes it, {"id":"bd-1","title":"Fix the login"} say.';

/** What to do with a file that is larger than one import takes. */
export const SPLIT_IMPORT = 'Split it between two lines, import the parts, and the first once more after the last.';
