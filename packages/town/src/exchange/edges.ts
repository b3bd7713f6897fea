import { type UntakenEdge } from '@gastown/protocol';
import { edgesAbove, wholeBeads } from '../beads/bulk.ts';
import { edgesOf, isExternal } from '../beads/dependencies.ts';
import type { Sql } from '../api.ts';
import { closing } from './circles.ts';
import type { LineEdge } from './line.ts';

/** An edge that a line says, to be taken or not. */
export interface WantedEdge {
  readonly line: number;
  /** Its place in the line. */
  readonly place: number;
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly gate: LineEdge['gate'];
  readonly wrong: string | null;
}
export interface EdgePlan {
  readonly taken: WantedEdge[];
  readonly untaken: Map<WantedEdge, UntakenEdge>;
}
/** What is known of the beads that edges name: those of the file, and those that are here. */
export interface Ground {
  /** Of the file: is it short-lived? */
  readonly inFile: ReadonlyMap<string, boolean>;
  /** Edges that this import takes away first. */
  readonly leaving: ReadonlySet<string>;
}
export const pairOf = (from: string, to: string): string => `${from}\n${to}`;
const ORDERING = ['blocks', 'conditional-blocks'];

/** Edges are taken in the order of the file (SEMANTICS of beads, §1.6 and §1.7); each that is not says why. */
export function planEdges(sql: Sql, wanted: readonly WantedEdge[], ground: Ground): EdgePlan {
  const here = beadsHere(sql, wanted);
  const present = typesHere(sql, wanted, here, ground.leaving);
  const circles = new Map<WantedEdge, UntakenEdge>();
  for (let round = 0; ; round += 1) {
    const left = wanted.filter((edge) => !circles.has(edge));
    const misfits = misfitsOf(left, here, present, ground.inFile);
    const found = circlesOf(
      sql,
      left.filter((edge) => !misfits.has(edge)),
      here,
      ground.leaving,
    );
    for (const [edge, why] of found) circles.set(edge, why);
    if (found.size > 0 && round < ROUNDS) continue;
    const untaken = new Map([...misfits, ...circles]);
    return { taken: wanted.filter((edge) => !untaken.has(edge)), untaken };
  }
}
/** An edge that closes a circle is none, so it does not stand in the way of a second one between the same two. */
const ROUNDS = 3;

const untakenAs = ({ to, type }: WantedEdge, why: string): UntakenEdge => ({ dependsOn: to, type, why });
function misfitsOf(
  wanted: readonly WantedEdge[],
  here: ReadonlySet<string>,
  present: ReadonlyMap<string, string>,
  inFile: Ground['inFile'],
): Map<WantedEdge, UntakenEdge> {
  const types = new Map(present);
  const misfits = new Map<WantedEdge, UntakenEdge>();
  for (const edge of wanted) {
    const why = edge.wrong ?? misfit(edge, here, types, inFile);
    if (why) misfits.set(edge, untakenAs(edge, why));
    else types.set(pairOf(edge.from, edge.to), edge.type);
  }
  return misfits;
}
function circlesOf(
  sql: Sql,
  wanted: readonly WantedEdge[],
  here: ReadonlySet<string>,
  leaving: Ground['leaving'],
): Map<WantedEdge, UntakenEdge> {
  const circles = new Map<WantedEdge, UntakenEdge>();
  for (const kin of [ORDERING, ['parent-child']]) {
    const fitting = wanted.filter((edge) => kin.includes(edge.type));
    for (const [edge, how] of closing(arrowsHere(sql, fitting, here, kin, leaving), fitting))
      circles.set(
        edge,
        untakenAs(
          edge,
          how === 'circle'
            ? `it would close a circle: ${edge.to} leads back to ${edge.from}`
            : 'the circles of this file are too tangled to be looked through',
        ),
      );
  }
  return circles;
}

/** Named beads that are work and here already. */
function beadsHere(sql: Sql, wanted: readonly WantedEdge[]): Set<string> {
  const named = new Set(wanted.flatMap(({ from, to }) => [from, to]).filter((id) => !isExternal(id)));
  const found = inPages([...named], (ids) => wholeBeads(sql, ids));
  return new Set(found.flatMap((bead) => (bead.type === 'issue' ? [bead.id as string] : [])));
}
export const inPages = <T>(ids: readonly string[], read: (ids: readonly string[]) => readonly T[]): T[] =>
  Array.from({ length: Math.ceil(ids.length / 500) }, (_, page) => read(ids.slice(page * 500, page * 500 + 500))).flat();

/** By pair: the type of the edge that is there and stays. */
function typesHere(sql: Sql, wanted: readonly WantedEdge[], here: ReadonlySet<string>, leaving: ReadonlySet<string>): Map<string, string> {
  const from = [...new Set(wanted.map((edge) => edge.from))].filter((id) => here.has(id));
  const edges = inPages(from, (ids) => edgesOf(sql, ids)).filter((edge) => !leaving.has(pairOf(edge.beadId, edge.dependsOn)));
  return new Map(edges.map((edge) => [pairOf(edge.beadId, edge.dependsOn), edge.type]));
}

function misfit(
  edge: WantedEdge,
  here: ReadonlySet<string>,
  types: ReadonlyMap<string, string>,
  inFile: ReadonlyMap<string, boolean>,
): string | null {
  const known = (id: string): boolean => inFile.has(id) || here.has(id);
  if (!known(edge.from)) return `${edge.from} is not here`;
  if (edge.from === edge.to) return 'a bead cannot depend on itself';
  if (!isExternal(edge.to) && !known(edge.to)) return `${edge.to} is not here`;
  if (isExternal(edge.to) && /\s/.test(edge.to)) return 'it is no address of something outside';
  const there = types.get(pairOf(edge.from, edge.to));
  if (there !== undefined) return there === edge.type ? 'it is there already' : `the two are tied by ${there} already, and the first stays`;
  const [a, b] = [inFile.get(edge.from), inFile.get(edge.to)];
  if (a !== undefined && b !== undefined && a !== b)
    return 'one of the two is short-lived (ephemeral, wisp or no_history) and the other is not: make both so in the file or neither, or add the dependency here by hand';
  return null;
}

/** Only a way through beads that are here already can lead back; without a wanted edge that starts at one there is none. */
function arrowsHere(
  sql: Sql,
  wanted: readonly WantedEdge[],
  here: ReadonlySet<string>,
  kin: readonly string[],
  leaving: ReadonlySet<string>,
) {
  if (!wanted.some((edge) => here.has(edge.from))) return [];
  const targets = [...new Set(wanted.map((edge) => edge.to))].filter((id) => here.has(id));
  return inPages(targets, (ids) => edgesAbove(sql, ids, kin))
    .filter((edge) => !leaving.has(pairOf(edge.beadId, edge.dependsOn)))
    .map((edge) => ({ from: edge.beadId, to: edge.dependsOn }));
}
