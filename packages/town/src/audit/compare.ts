import type { ReplayDifference } from '@gastown/protocol';
import { edgeName, REPLAYED, type Column, type Replay, type ReplayedBead, type ReplayedEdge } from './replay.ts';

/** What the tables say of a bead, in the words of the ledger. `null`: the row is there and cannot be read. */
export interface TableBead {
  readonly id: string;
  readonly status: string;
  readonly columns: Readonly<Record<Column, unknown>> | null;
}

export interface Comparison {
  compared: number;
  /** Columns of which the ledger of an earlier version says nothing. */
  unknown: number;
  readonly differences: ReplayDifference[];
}

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** One bead of the table. What the table has and the ledger does not is a difference as well. */
export function compareBead(into: Comparison, replay: Replay, bead: TableBead): void {
  const told = replay.beads.get(bead.id);
  if (!told) return void into.differences.push({ id: bead.id, column: 'bead', ledger: 'nothing', table: 'there', last: null });
  if (bead.columns === null) return;
  differs(into, bead.id, told, 'status', told.status, bead.status);
  for (const column of REPLAYED) {
    if (told.columns.has(column)) differs(into, bead.id, told, column, told.columns.get(column), bead.columns[column]);
    else into.unknown += 1;
  }
}

export function differs(into: Comparison, id: string, told: ReplayedBead, column: string, ledger: unknown, table: unknown): void {
  into.compared += 1;
  const [says, holds] = [said(ledger), said(table)];
  if (says !== holds) into.differences.push({ id, column, ledger: says, table: holds, last: told.last });
}

/** What the ledger made and no row of the tables is. */
export function missingBeads(into: Comparison, replay: Replay, there: ReadonlySet<string>): void {
  for (const [id, told] of replay.beads)
    if (!there.has(id)) into.differences.push({ id, column: 'bead', ledger: told.status, table: 'gone', last: told.last });
}

type Edge = Omit<ReplayedEdge, 'last'>;
export function compareEdges(into: Comparison, replay: Replay, edges: readonly Edge[]): void {
  const there = new Map(edges.map((edge) => [edgeName(edge), edge]));
  for (const [name, edge] of there) {
    into.compared += 1;
    const told = replay.edges.get(name);
    const says = told ? gateOf(told) : 'none';
    if (says !== gateOf(edge))
      into.differences.push({ id: edge.beadId, column: name, ledger: says, table: gateOf(edge), last: told?.last ?? lastOf(replay, edge) });
  }
  for (const [name, edge] of replay.edges)
    if (!there.has(name))
      into.differences.push({ id: edge.beadId, column: name, ledger: gateOf(edge), table: 'none', last: lastOf(replay, edge) });
}
const gateOf = (edge: Edge): string => (edge.gate === null ? 'there' : `there, gate ${edge.gate}`);
const lastOf = (replay: Replay, edge: Edge) => replay.beads.get(edge.beadId)?.last ?? null;
