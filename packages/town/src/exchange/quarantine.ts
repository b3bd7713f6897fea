import { failure, LIMITS, ok, plainText, refuse, type ImportedLine, type ImportId, type Result, type RigId } from '@gastown/protocol';
import type { Sql } from '../api.ts';
import { hashOf } from '../hash.ts';
import { record } from '../ledger/store.ts';
import { cleanText } from '../quarantine/clean.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { countBadLines, deleteBadLines, keepBadLine, keptLines, type KeptLine } from './bad-lines.ts';
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

/** Of one bead, or of one text, the last line of the file counts, as everywhere. */
export function planQuarantine(
  sql: Sql,
  rigId: RigId,
  verdicts: readonly ImportedLine[],
  texts: ReadonlyMap<number, string>,
): QuarantinePlan {
  const taken = new Map<string, number>();
  const bads = new Map<string, Bad>();
  for (const one of verdicts) {
    if (one.verdict === 'bad') {
      const bad = badOf(one, texts.get(one.line) ?? '');
      bads.set(bad.print, bad);
    } else if (one.verdict !== 'skipped' && one.id !== null) taken.set(one.id, one.line);
  }
  const kept = new Map(keptLines(sql, rigId).map((row) => [row.print, row]));
  const wanted = [...bads.values()].filter(({ beadId, line }) => line > (taken.get(beadId ?? '') ?? 0));
  const isKnown = ({ print, mark, why }: Bad): boolean => kept.get(print)?.mark === mark && kept.get(print)?.why === why;
  const news = wanted.filter((bad) => !isKnown(bad));
  const still = new Set(wanted.map(({ print }) => print));
  const mended = [...kept.values()].filter(({ beadId, print }) => beadId !== null && taken.has(beadId) && !still.has(print));
  const changed = news.filter(({ print }) => kept.has(print));
  const added = news.filter(({ print }) => !kept.has(print));
  const places = added.length === 0 ? 0 : Math.max(0, LIMITS.badLines.value - countBadLines(sql) + mended.length);
  return {
    keep: [...changed, ...added.slice(0, places)].toSorted((a, b) => a.line - b.line),
    known: wanted.length - news.length,
    left: Math.max(0, added.length - places),
    mended,
    replaced: changed.flatMap(({ print }) => kept.get(print) ?? []),
  };
}
function badOf({ line, id, field, why }: ImportedLine, text: string): Bad {
  const mark = hashOf(text);
  return { line, beadId: id, field: field ?? 'line', why: why ?? '', text, mark, print: id === null ? `text ${mark}` : `bead ${id}` };
}

export const changesQuarantine = ({ keep, mended }: QuarantinePlan): boolean => keep.length + mended.length > 0;

/** What is kept is for a person to read: without credentials (I16), and not longer than a person reads. */
export function applyQuarantine(tx: Tx, rigId: RigId, importId: ImportId, { keep, left, mended, replaced }: QuarantinePlan): void {
  deleteBadLines(
    tx,
    [...mended, ...replaced].map(({ seq }) => seq),
  );
  const most = LIMITS.badLineCharacters.value;
  for (const bad of keep)
    keepBadLine(tx, {
      ...bad,
      rigId,
      importId,
      text: plainText(cleanText(bad.text.slice(0, most))).slice(0, most),
      cut: bad.text.length > most,
    });
  if (keep.length > 0) record(tx, { type: 'lines_quarantined', data: { importId, rigId, lines: keep.length, ...(left > 0 && { left }) } });
  if (mended.length > 0) record(tx, { type: 'lines_mended', data: { importId, rigId, lines: mended.length } });
}

export interface DiscardWish {
  readonly importId?: ImportId | undefined;
  readonly rigId?: RigId | undefined;
  readonly lines?: readonly number[] | undefined;
}
const LOOK = 'See what is there in Settings › Import, or with ./gastown beads quarantine --town TOWN.';
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
    return refuse(failure('unknown_quarantined', `Line ${missing} of ${importId} is not in quarantine.`, { line: missing }, LOOK));
  deleteBadLines(
    tx,
    going.map(({ seq }) => seq),
  );
  if (going.length > 0)
    record(tx, { type: 'lines_discarded', data: { ...(importId && { importId }), ...(rigId && { rigId }), lines: going.length } });
  return ok({ discarded: going.length });
}
