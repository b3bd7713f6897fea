import { BeadId, failure, LIMITS, ok, refuse, type ImportedLine, type ImportId, type Result, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { hashOf } from '../hash.ts';
import { record } from '../ledger/store.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { deleteBadLines, keepBadLine, keptLines, type KeptLine } from './bad-lines.ts';
import { cleanName, keptText } from './clean-line.ts';
import type { Spoilt } from './read.ts';
import { isImport } from './store.ts';

/** A line that cannot be taken, as it came. */
interface Bad {
  readonly line: number;
  readonly beadId: string | null;
  readonly field: string;
  readonly why: string;
  readonly text: string;
  readonly print: string;
  readonly mark: string;
}
/** What an import does to the quarantine of its rig, decided by reading alone. */
export interface QuarantinePlan {
  /** Not in it yet, or there with another text or for another reason. */
  readonly keep: readonly Bad[];
  /** In it exactly so. */
  readonly known: number;
  /** There is no place for them. */
  readonly left: number;
  /** Of beads that the file says in a way that can be taken. */
  readonly mended: readonly KeptLine[];
  readonly replaced: readonly KeptLine[];
}

/**
 * Of one bead, or of one text, the last line of the file counts, as everywhere. A bead that the file says in a way that can be taken mends what any rig keeps of
 * it: a file may have come into the wrong one first.
 */
export function planQuarantine(
  sql: Sql,
  rigId: RigId,
  verdicts: readonly ImportedLine[],
  spoilt: ReadonlyMap<number, Spoilt>,
): QuarantinePlan {
  const taken = new Map<string, number>();
  const bads = new Map<string, Bad>();
  for (const one of verdicts) {
    const came = spoilt.get(one.line);
    if (came) {
      const bad = badOf(one, came);
      bads.set(bad.print, bad);
    } else if (TAKEN.has(one.verdict) && one.id !== null) taken.set(printOf(one.id), one.line);
  }
  const all = keptLines(sql, undefined);
  const kept = new Map(all.filter((row) => row.rigId === rigId).map((row) => [row.print, row]));
  const wanted = [...bads.values()].filter(({ print, line }) => line > (taken.get(print) ?? 0));
  const isKnown = ({ print, mark, why }: Bad): boolean => kept.get(print)?.mark === mark && kept.get(print)?.why === why;
  const news = wanted.filter((bad) => !isKnown(bad));
  const still = new Set(wanted.map(({ print }) => print));
  const mended = all.filter(({ print }) => taken.has(print) && !still.has(print));
  const changed = news.filter(({ print }) => kept.has(print));
  const added = news.filter(({ print }) => !kept.has(print));
  const places = added.length === 0 ? 0 : Math.max(0, LIMITS.badLines.value - all.length + mended.length);
  return {
    keep: [...changed, ...added.slice(0, places)].toSorted((a, b) => a.line - b.line),
    known: wanted.length - news.length,
    left: Math.max(0, added.length - places),
    mended,
    replaced: changed.flatMap(({ print }) => kept.get(print) ?? []),
  };
}
const TAKEN: ReadonlySet<ImportedLine['verdict']> = new Set(['created', 'updated', 'unchanged']);
function badOf({ line, id: beadId, field, why }: ImportedLine, { text, id }: Spoilt): Bad {
  const mark = hashOf(text);
  return { line, beadId, field: field ?? 'line', why: why ?? '', text, mark, print: isBeadId(id) ? printOf(id) : `text ${mark}` };
}
/** What no bead may be called names none: such lines are told apart by their texts. */
const isBeadId = (id: string | null): id is string => BeadId.safeParse(id).success;
/** The print is kept too: an id that looks like a credential stands in it as its hash (I16). */
const printOf = (id: string): string => `bead ${cleanName(id) === id ? id : `#${hashOf(id)}`}`;

export const changesQuarantine = ({ keep, mended }: QuarantinePlan): boolean => keep.length + mended.length > 0;

export function applyQuarantine(tx: Tx, rigId: RigId, importId: ImportId, { keep, left, mended, replaced }: QuarantinePlan): void {
  deleteBadLines(
    tx,
    [...mended, ...replaced].map(({ seq }) => seq),
  );
  for (const bad of keep) keepBadLine(tx, { ...bad, rigId, importId, ...keptText(bad.text) });
  if (keep.length > 0) record(tx, { type: 'lines_quarantined', data: { importId, rigId, lines: keep.length, ...(left > 0 && { left }) } });
  if (mended.length > 0) record(tx, { type: 'lines_mended', data: { importId, rigId, lines: mended.length } });
}

export interface DiscardWish {
  readonly importId?: ImportId | undefined;
  readonly rigId?: RigId | undefined;
  readonly lines?: readonly number[] | undefined;
}
const LOOK = 'See what is there in Settings › Import and export, or with ./gastown beads bad-lines --town TOWN.';
/** A person lets bad lines go: some of an import, all of it, or all of a rig. The same file again brings them back. */
export function discardBadLines(tx: Tx, { importId, rigId, lines }: DiscardWish): Result<{ discarded: number }> {
  if ((importId === undefined) === (rigId === undefined))
    return refuse(failure('invalid_input', 'importId or rigId: name one of the two.', { field: 'importId' }));
  if (lines !== undefined && importId === undefined)
    return refuse(failure('invalid_input', 'lines: they are counted in one import; name it with importId.', { field: 'lines' }));
  if (rigId !== undefined && !findRig(tx.sql, rigId)) return refuse(failure('unknown_rig', `There is no rig ${rigId}.`, { rigId }));
  if (importId !== undefined && !isImport(tx.sql, importId))
    return refuse(failure('unknown_import', `There is no import ${importId}.`, undefined, LOOK));
  const going = keptLines(tx.sql, rigId).filter(
    (row) => (importId === undefined || row.importId === importId) && (lines?.includes(row.line) ?? true),
  );
  const missing = lines?.find((line) => !going.some((row) => row.line === line));
  if (missing !== undefined)
    return refuse(failure('unknown_quarantined', `Line ${missing} of ${importId} is not kept.`, { line: missing }, LOOK));
  deleteBadLines(
    tx,
    going.map(({ seq }) => seq),
  );
  if (going.length > 0)
    record(tx, { type: 'lines_discarded', data: { ...(importId && { importId }), ...(rigId && { rigId }), lines: going.length } });
  return ok({ discarded: going.length });
}
