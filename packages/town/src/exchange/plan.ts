import type { ImportedLine, LinesWanted, RigId } from '@gastown/protocol';
import type { WholeBead } from '../beads/bulk.ts';
import type { Edge } from '../beads/dependencies.ts';
import { findRig } from '../rigs/store.ts';
import type { Tx } from '../tx.ts';
import { lineOf, readBack } from './differ.ts';
import { pairOf, planEdges, type EdgePlan, type WantedEdge } from './edges.ts';
import { whatIsHere, type Here } from './here.ts';
import { before, type Instant } from './instant.ts';
import type { LineBead, LineEdge } from './line.ts';
import { bad, readLines, type BeadLine } from './read.ts';
import { planQuarantine, type QuarantinePlan } from './quarantine.ts';
import type { Passenger } from './store.ts';

/** What an import would do, decided by reading alone: a dry run ends here, and the real one does exactly this. */
interface Birth {
  readonly of: BeadLine;
  readonly bead: WholeBead;
}
/** A bead that is here and that the file knows a later state of. `was`: what its last line said; null when it was made here. */
export interface Update {
  readonly of: BeadLine;
  readonly bead: WholeBead;
  readonly was: LineBead | null;
  readonly passenger: Passenger | null;
  readonly leaving: readonly Edge[];
}
/** A bead whose line is as it was. What it depends on may be here by now. */
interface Same {
  readonly of: BeadLine;
  readonly untaken: readonly number[];
}
export interface ImportPlan {
  readonly births: readonly Birth[];
  readonly updates: readonly Update[];
  /** Nothing about them changes but that dependencies are taken that could not be before. */
  readonly ties: readonly Same[];
  readonly edges: EdgePlan;
  readonly quarantine: QuarantinePlan;
  readonly isBeads: boolean;
  /** Of every line, in order. */
  readonly verdicts: readonly ImportedLine[];
}
export interface ImportWish {
  readonly rigId: RigId;
  readonly text: string;
  readonly dryRun?: boolean | undefined;
  readonly start?: boolean | undefined;
  readonly lines?: LinesWanted | undefined;
}

export function planImport(tx: Tx, wish: ImportWish): ImportPlan {
  const read = readLines(wish.text);
  const town = whatIsHere(tx, read.beads);
  const judged = read.beads.map((of) => judge(tx, wish, of, town));
  const of = <K extends Judged['kind']>(kind: K) => judged.filter((one): one is Extract<Judged, { kind: K }> => one.kind === kind);
  const [births, updates, same] = [of('created'), of('updated'), of('unchanged')];
  const wanted = [
    ...births.flatMap((birth) => wantedOf(birth.of, [])),
    ...updates.flatMap((update) => wantedOf(update.of, edgesBefore(update, town))),
    ...same.flatMap((one) => wantedOf(one.of, []).filter(({ place }) => one.untaken.includes(place))),
  ].toSorted((a, b) => a.line - b.line || a.place - b.place);
  const edges = planEdges(tx.sql, wanted, {
    inFile: new Map(judged.flatMap((one) => (one.kind === 'bad' ? [] : [[one.of.id, one.of.bead.wisp]]))),
    leaving: new Set(updates.flatMap(({ leaving }) => leaving.map((edge) => pairOf(edge.beadId, edge.dependsOn)))),
  });
  const tied = new Set(edges.taken.map(({ line }) => line));
  const ties = same.filter(({ of: { line } }) => tied.has(line));
  const verdicts = verdictsOf(read.decided, judged, edges, tied);
  const misnamed = of('bad').filter(({ elsewhere }) => !elsewhere);
  /** Another file, taken by mistake, is told and not kept: nobody mends its lines, and it would take the places of those that are to be mended. */
  const spoilt = new Map(read.isBeads ? [...read.spoilt, ...misnamed.map((one) => [one.of.line, one.of] as const)] : []);
  const quarantine = planQuarantine(tx.sql, wish.rigId, verdicts, spoilt);
  return { births, updates, ties, edges, verdicts, quarantine, isBeads: read.isBeads };
}

type Judged =
  | ({ readonly kind: 'created' } & Birth)
  | ({ readonly kind: 'updated' } & Update)
  | ({ readonly kind: 'unchanged' } & Same)
  | { readonly kind: 'older'; readonly of: BeadLine; readonly why: string }
  /** `elsewhere`: the town has its bead, in another rig. */
  | { readonly kind: 'bad'; readonly of: BeadLine; readonly field: string; readonly why: string; readonly elsewhere: boolean };

function judge(tx: Tx, wish: ImportWish, of: BeadLine, town: Here): Judged {
  const bead = town.beads.get(of.id);
  if (!bead) return { kind: 'created', of, bead: bornOf(tx, wish, of) };
  if (bead.type !== 'issue')
    return {
      kind: 'bad',
      of,
      field: 'id',
      why: `${of.id} is the ${bead.type.replace('_', ' ')} of that id in this town`,
      elsewhere: false,
    };
  if (bead.rigId !== wish.rigId) return { kind: 'bad', of, field: 'id', why: whereElse(tx, bead), elsewhere: true };
  const edges = town.edges.get(of.id) ?? [];
  const passenger = town.passengers.get(of.id) ?? null;
  const now = lineOf(bead, edges, passenger, tx.now);
  if (now === of.text) return { kind: 'unchanged', of, untaken: passenger?.untaken ?? [] };
  const was = passenger && readBack(passenger.line);
  const why = knownBetter(of.bead, bead, was, now !== passenger?.line);
  if (why) return { kind: 'older', of, why };
  const before = was ? was.edges.map(keyOf) : edges.map((edge) => keyOf({ ...edge, to: edge.dependsOn }));
  const said = new Set(of.bead.edges.map(keyOf));
  const gone = new Set(before.filter((key) => !said.has(key)));
  return {
    kind: 'updated',
    of,
    bead,
    was,
    passenger,
    leaving: edges.filter((edge) => edge.type !== 'tracks' && gone.has(keyOf({ ...edge, to: edge.dependsOn }))),
  };
}
function whereElse(tx: Tx, { id, rigId }: WholeBead): string {
  const rig = rigId === null ? null : findRig(tx.sql, rigId);
  return rig?.state === 'removed'
    ? `${id} was in the rig ${rig.name}, which was removed; its history stays, so bring the bead under another id`
    : `${id} is in the rig ${rig?.name ?? rigId} already; import it there`;
}
export const keyOf = ({ to, type, gate }: Pick<LineEdge, 'to' | 'type' | 'gate'>): string => `${type} ${gate ?? ''} ${to}`;

/** A line that is older than what the town has loses; one that names no time loses against what was changed here. */
function knownBetter({ updated }: LineBead, bead: WholeBead, was: LineBead | null, changedHere: boolean): string | null {
  if (changedHere && !updated) return `${bead.id} was changed here and the line does not say when it was updated`;
  const here: Instant | null = changedHere ? { ms: bead.updatedAt, fine: 0 } : (was?.updated ?? null);
  return updated && here && before(updated, here) ? `the town has a later state of ${bead.id}` : null;
}

/** Who brings a bead has not made it. */
const NOBODY_SAID = '';
function bornOf(tx: Tx, wish: ImportWish, { id, bead }: BeadLine): WholeBead {
  const now: Instant = { ms: tx.now, fine: 0 };
  const created = bead.created ?? bead.updated ?? bead.closed ?? now;
  const stays = bead.status === 'open' && bead.hold === null && !wish.start;
  return {
    id: id as WholeBead['id'],
    type: 'issue',
    status: bead.status,
    title: bead.title,
    body: bead.body,
    rigId: wish.rigId,
    rank: bead.rank,
    labels: bead.labels,
    kind: bead.kind,
    hold: stays ? 'staged' : bead.hold,
    deferUntil: bead.deferUntil !== null && bead.deferUntil > tx.now ? bead.deferUntil : null,
    ephemeral: bead.ephemeral,
    createdBy: bead.createdBy ?? NOBODY_SAID,
    createdAt: created.ms,
    createdFine: created.fine,
    updatedAt: (bead.updated ?? bead.closed ?? created).ms,
    closedAt: bead.status === 'closed' ? (bead.closed ?? now).ms : null,
    failure: bead.failure && JSON.stringify(bead.failure),
  };
}

/** Dependencies that the line says and that its last line, or the bead as it is, did not say yet. */
export const wantedOf = ({ line, id, bead }: BeadLine, known: readonly string[]): WantedEdge[] => {
  const before = new Set(known);
  return bead.edges
    .map((edge, place) => ({ ...edge, line, place, from: id, wrong: edge.wrong ?? strange(edge, id) }))
    .filter((edge) => !before.has(keyOf(edge)));
};
/** An edge of another bead belongs into that bead's line: taken from here it would come out there. */
const strange = ({ from }: LineEdge, id: string): string | null =>
  from === null || from === id ? null : `it is an edge of ${from.slice(0, 100)}, in the line of ${id}`;
const edgesBefore = (update: Update, town: Here): string[] => [
  ...(update.was?.edges ?? []).map(keyOf),
  ...(town.edges.get(update.of.id) ?? [])
    .filter((edge) => !update.leaving.includes(edge))
    .map((edge) => keyOf({ ...edge, to: edge.dependsOn })),
];

function verdictsOf(
  decided: readonly ImportedLine[],
  judged: readonly Judged[],
  edges: EdgePlan,
  tied: ReadonlySet<number>,
): ImportedLine[] {
  const untaken = Map.groupBy(edges.untaken, ([{ line }]) => line);
  const said = judged.map((one): ImportedLine => {
    if (one.kind === 'bad') return bad(one.of.line, one.of.id, one.field, one.why);
    const why = one.kind === 'older' ? one.why : null;
    return {
      line: one.of.line,
      id: one.of.id,
      verdict: one.kind === 'unchanged' && tied.has(one.of.line) ? 'updated' : one.kind,
      field: null,
      why,
      untaken: (untaken.get(one.of.line) ?? []).map(([, untakenAs]) => untakenAs),
    };
  });
  return [...decided, ...said].toSorted((a, b) => a.line - b.line);
}
