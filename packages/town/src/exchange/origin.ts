import { LIMITS, plainText, type Origin, type OriginComment, type UntakenEdge } from '@gastown/protocol';
import { z } from 'zod';
import type { Sql } from '../api.ts';
import { edgesOf } from '../beads/dependencies.ts';
import { beginningOf } from '../ledger/store.ts';
import { cleanText } from '../quarantine/clean.ts';
import { cleanName, cleanReason } from './clean-line.ts';
import { readBack } from './differ.ts';
import { planEdges, type WantedEdge } from './edges.ts';
import { instantOf } from './instant.ts';
import { readBead, type LineBead } from './line.ts';
import { keyOf, wantedOf } from './plan.ts';
import { importOf, passengersOf, type Passenger } from './store.ts';

/**
 * What the file that a bead came in says of it besides what the bead shows (issue, Build 6): read from the line when somebody looks, never kept twice. People wrote it: it is bounded
 * and has no credentials in it (I16), and always the whole is cleaned before it is cut.
 */
export function originOf(sql: Sql, beadId: string): Origin | null {
  const [passenger, last] = [passengersOf(sql, [beadId]).get(beadId), importOf(sql, beadId)];
  const said = passenger && objectIn(passenger.line);
  if (!passenger || !last || !said) return null;
  const was = readBead(said);
  if ('why' in was) return null;
  return {
    came: cameOf(sql, beadId, last),
    importId: last.id,
    at: last.at,
    createdBy: was.createdBy && cleanName(was.createdBy),
    createdAt: was.created?.ms ?? null,
    assignee: named(said['assignee']),
    closeReason: textOf(said['close_reason'])?.text ?? null,
    ...commentsOf(said['comments']),
    ...untakenOf(sql, beadId, passenger, was),
  };
}
/** Null: the line was damaged in the store (DM-15). */
function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

/** Only a bead that comes in begins with a time of its own; which import that was, its event says, or the line when that is of the same moment. */
function cameOf(sql: Sql, beadId: string, last: { id: Origin['importId']; at: number }): Origin['came'] {
  const begun = beginningOf(sql, beadId);
  const set = begun?.data['set'];
  if (!begun || typeof set !== 'object' || set === null || !('createdAt' in set)) return null;
  const importId = (begun.data['importId'] as Origin['importId'] | undefined) ?? (begun.at === last.at ? last.id : null);
  return { by: begun.actor, at: begun.at, importId };
}

const named = (said: unknown): string | null => (typeof said === 'string' ? cleanName(said) || null : null);
function textOf(said: unknown): { text: string; cut: boolean } | null {
  if (typeof said !== 'string') return null;
  const most = LIMITS.originCharacters.value;
  const clean = cleanText(plainText(said)).trim();
  return clean === '' ? null : { text: clean.slice(0, most).toWellFormed(), cut: clean.length > most };
}

const Comment = z.looseObject({ text: z.string(), author: z.unknown().optional(), created_at: z.unknown().optional() });
function commentsOf(said: unknown): Pick<Origin, 'comments' | 'earlierComments'> {
  const all: readonly unknown[] = Array.isArray(said) ? said : [];
  const newest = all.slice(-LIMITS.originComments.value);
  const comments = newest.flatMap((one): OriginComment[] => {
    const read = Comment.safeParse(one);
    const text = read.success ? textOf(read.data.text) : null;
    if (!read.success || !text) return [];
    const { author, created_at: written } = read.data;
    return [{ author: named(author), at: (typeof written === 'string' && instantOf(written)?.ms) || null, ...text }];
  });
  return { comments, earlierComments: all.length - newest.length };
}

/** Of very many the first are told. */
const UNTAKEN_TOLD = 20;
function untakenOf(sql: Sql, beadId: string, passenger: Passenger, was: LineBead): Pick<Origin, 'untaken' | 'moreUntaken'> {
  const there = new Set(edgesOf(sql, [beadId]).map((edge) => keyOf({ ...edge, to: edge.dependsOn })));
  const places = new Set(passenger.untaken);
  const of = { line: 1, id: beadId, text: passenger.line, bead: was };
  const left = wantedOf(of, [...there]).filter(({ place }) => places.has(place));
  const told = left.slice(0, UNTAKEN_TOLD);
  const plan = planEdges(sql, told, { inFile: shortLived(sql, beadId, told), leaving: new Set() });
  return { untaken: told.map((edge) => cleanEdge(plan.untaken.get(edge) ?? byNow(edge))), moreUntaken: left.length - told.length };
}
/** As the lines say that brought them: of those that came in one. */
function shortLived(sql: Sql, beadId: string, told: readonly WantedEdge[]): Map<string, boolean> {
  const lines = passengersOf(sql, [beadId, ...told.map(({ to }) => to)]);
  return new Map([...lines].map(([id, { line }]) => [id, readBack(line)?.wisp ?? false]));
}
const byNow = ({ to, type }: WantedEdge): UntakenEdge => ({
  dependsOn: to,
  type,
  why: `${to} is here by now: import the file once more to take it, or add it by hand`,
});
const cleanEdge = ({ dependsOn, type, why }: UntakenEdge): UntakenEdge => ({
  dependsOn: cleanText(dependsOn),
  type: cleanText(type),
  why: cleanReason(why),
});
