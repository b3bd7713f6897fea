import {
  asKept,
  BeadId,
  DependencyType,
  Failure,
  LIMITS,
  plainLine,
  plainText,
  RECORD_KINDS,
  WorkKind,
  type ChildrenGate,
  type Hold,
} from '@gastown/protocol';
import { z } from 'zod';
import { FAILED_LABEL } from './say.ts';
import { instantOf, type Instant } from './instant.ts';
import { SIZES, unexpected, type Unreadable } from './wording.ts';

/**
 * What one line says, in the town's words. Only `title` must be there (SEMANTICS of beads, §1): without a status it is open, without a type a task, without a
 * priority critical (0), as `bd import` reads it: `bd export` always writes the priority, and older tools left out a zero. Fields that the town has no use for are not looked at; the line keeps them.
 */
export interface LineBead {
  readonly id: string | null;
  readonly title: string;
  readonly body: string;
  /** The status as it is written, and what it is here. */
  readonly said: string;
  readonly status: 'open' | 'closed' | 'failed';
  readonly hold: Hold | null;
  readonly pinned: boolean;
  readonly rank: number;
  /** Whether it says a priority at all. */
  readonly ranked: boolean;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly created: Instant | null;
  readonly updated: Instant | null;
  readonly closed: Instant | null;
  readonly deferUntil: number | null;
  readonly createdBy: string | null;
  readonly ephemeral: boolean;
  /** In the bucket of short-lived records of the tool that wrote it. */
  readonly wisp: boolean;
  readonly failure: Failure | null;
  readonly edges: readonly LineEdge[];
}
export interface LineEdge {
  /** Who waits: nearly always the bead of the line. */
  readonly from: string | null;
  readonly to: string;
  readonly type: string;
  readonly gate: ChildrenGate | null;
  /** Why it cannot be an edge here at all. */
  readonly wrong: string | null;
}
const text = (max: number) => z.string().max(max).nullish();
const body = text(LIMITS.bodyCharacters.value);
const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).nullish();
const time = z
  .string()
  .nullish()
  .transform((written, context): Instant | null => {
    if (!written) return null;
    const instant = instantOf(written);
    if (!instant) context.addIssue({ code: 'custom' });
    return instant;
  });
/** What is wrong with a value is said by `EXPECTED` (`wording.ts`), not here. */
const Line = z.looseObject({
  id: z
    .string()
    .refine((id) => BeadId.safeParse(id).success)
    .nullish(),
  title: z.string(),
  description: body,
  design: body,
  acceptance_criteria: body,
  notes: body,
  status: z
    .string()
    .max(SIZES.status)
    .regex(/^$|^[a-z][a-z0-9_-]*$/)
    .nullish(),
  priority: z.number().int().min(0).max(4).nullish(),
  issue_type: z
    .string()
    .transform((kind) => ALIASES.get(kind) ?? kind)
    .refine((kind) => kind === '' || WorkKind.safeParse(kind).success)
    .nullish(),
  labels: z.array(z.string().max(SIZES.label)).max(SIZES.labels).nullish(),
  created_at: time,
  updated_at: time,
  closed_at: time,
  defer_until: time,
  created_by: text(SIZES.createdBy),
  pinned: flag,
  ephemeral: flag,
  wisp: flag,
  no_history: flag,
  metadata: z.unknown().optional(),
  dependencies: z.array(z.unknown()).max(LIMITS.importEdges.value).nullish(),
});
type Line = z.infer<typeof Line>;
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['enhancement', 'feature'],
  ['feat', 'feature'],
  ['dec', 'decision'],
  ['adr', 'decision'],
]);

export function readBead(said: object): LineBead | Unreadable {
  const parsed = Line.safeParse(said);
  if (!parsed.success) return unexpected(said, parsed.error.issues[0]?.path ?? []);
  const line = parsed.data;
  const title = plainLine(line.title);
  if (title === '') return { field: 'title', why: 'is empty: every bead needs one; write one.' };
  if (title.length > LIMITS.importTitleCharacters.value)
    return { field: 'title', why: `is longer than ${LIMITS.importTitleCharacters.value} characters: shorten it.` };
  const whole = wholeBody(line);
  if (whole.length > LIMITS.bodyCharacters.value)
    return {
      field: 'description',
      why: `is longer than ${LIMITS.bodyCharacters.value} characters together with ${SECTION_FIELDS.join(', ')}: shorten them.`,
    };
  const state = stateOf(line);
  return { id: line.id ?? null, title, body: whole, ...state, ...restOf(line, state.failure !== null) };
}

/** The sections that other tools keep beside the description: an agent must know them as well. */
const SECTIONS = [
  ['design', 'Design'],
  ['acceptance_criteria', 'Acceptance criteria'],
  ['notes', 'Notes'],
] as const;
export const SECTION_FIELDS = SECTIONS.map(([field]) => field);
function wholeBody(line: Line): string {
  return plainText(line.description ?? '') + sectionsOf(line);
}
export const sectionsOf = (line: { readonly [K in (typeof SECTIONS)[number][0]]?: unknown }): string =>
  SECTIONS.map(([field, heading]) => {
    const said = line[field];
    return typeof said === 'string' && said.trim() !== '' ? `\n\n## ${heading}\n\n${plainText(said)}` : '';
  }).join('');

/** A status of another tool holds the bead: nobody here knows who is at work on it there. A pinned flag holds it as well, and it still blocks others. */
function stateOf(line: Line): Pick<LineBead, 'said' | 'status' | 'hold' | 'pinned' | 'closed' | 'failure' | 'kind'> {
  const said = line.status || 'open';
  const kind = line.issue_type || 'task';
  const pinned = Boolean(line.pinned);
  const record = (RECORD_KINDS as readonly string[]).includes(kind) ? 'not_work' : null;
  if (said === 'closed') {
    const closed = line.closed_at ?? line.updated_at ?? line.created_at;
    return { said, status: 'closed', hold: record, pinned, closed, failure: null, kind };
  }
  const failure = said === 'open' ? failureOf(line.metadata) : null;
  const hold = said === 'pinned' ? 'pinned' : (record ?? holdOf(said, pinned));
  return { said, status: failure ? 'failed' : 'open', hold, pinned, closed: null, failure, kind };
}
function holdOf(said: string, pinned: boolean): Hold | null {
  if (said === 'deferred') return 'deferred';
  return said === 'open' && !pinned ? null : 'foreign';
}

/** What our own export says of a bead that failed, which the other tool has no status for. */
const Ours = z.object({ gastown: z.object({ failed: Failure }) });
function failureOf(metadata: unknown): Failure | null {
  const ours = Ours.safeParse(metadata);
  return ours.success ? asKept(ours.data.gastown.failed) : null;
}

function restOf(line: Line, failed: boolean): Omit<LineBead, 'id' | 'title' | 'body' | keyof ReturnType<typeof stateOf>> {
  const ephemeral = Boolean(line.ephemeral) || Boolean(line.wisp);
  return {
    rank: line.priority ?? 0,
    ranked: typeof line.priority === 'number',
    labels: (line.labels ?? []).map(plainLine).filter((label) => label !== '' && !(failed && label === FAILED_LABEL)),
    created: line.created_at,
    updated: line.updated_at,
    deferUntil: line.defer_until?.ms ?? null,
    createdBy: plainLine(line.created_by ?? '') || null,
    ephemeral,
    wisp: ephemeral || Boolean(line.no_history),
    edges: (line.dependencies ?? []).map(readEdge),
  };
}

const Edge = z.looseObject({
  issue_id: z.string().nullish(),
  depends_on_id: z.string().min(1),
  type: z.string().nullish(),
  metadata: z.unknown().optional(),
});
/** Longer than every name of a bead or of something outside; what is cut or made plain is told and never an edge. */
const NAME = 220;
const shortly = (name: string): string => plainLine(name.length > NAME ? `${name.slice(0, NAME)}…` : name);
function readEdge(said: unknown): LineEdge {
  const parsed = Edge.safeParse(said);
  if (!parsed.success) return { from: null, to: '', type: '', gate: null, wrong: 'it is no object with depends_on_id' };
  const { issue_id, depends_on_id, type, metadata } = parsed.data;
  const [from, to, named] = [issue_id ? shortly(issue_id) : null, shortly(depends_on_id), shortly(type || 'blocks')];
  const wrong = !DependencyType.safeParse(named).success
    ? 'its type is no lower-case word of at most 50 letters'
    : to !== depends_on_id
      ? `what it depends on is longer than ${NAME} characters, or has spaces or control characters`
      : null;
  return { from, to, type: named, gate: named === 'waits-for' ? gateOf(metadata) : null, wrong };
}

const AnyChildren = z.object({ gate: z.literal('any-children') });
/** Anything but a readable `any-children` waits for all. */
export function gateOf(metadata: unknown): ChildrenGate {
  if (typeof metadata !== 'string') return AnyChildren.safeParse(metadata).success ? 'any' : 'all';
  try {
    return AnyChildren.safeParse(JSON.parse(metadata)).success ? 'any' : 'all';
  } catch {
    return 'all';
  }
}
