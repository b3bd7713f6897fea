import type { BeadId } from '@gastown/protocol';
import { gateOf } from '../src/exchange/line.ts';
import type { Edge, Issue } from './data.ts';
import type { OracleTown } from './town.ts';

/** Rows as a database holds them, fed one by one through the town's commands: first the beads, then the edges in their order. */
export interface Fed {
  readonly held: number;
  readonly skipped: [string, string, string, string][];
  /** Taken by the other tool, and not an edge of beads here. */
  readonly elsewhere: string[];
}
export function feed(town: OracleTown, issues: readonly Issue[], edges: readonly Edge[]): Fed {
  for (const { dependencies: _, ...row } of issues) {
    const { counts, lines } = town.bring(JSON.stringify(row));
    if (counts.created !== 1) throw new Error(`row ${row.id}: ${JSON.stringify(lines)}`);
  }
  const here = new Set(issues.map(({ id }) => id));
  const fed: Fed & { held: number } = { held: 0, skipped: [], elsewhere: [] };
  for (const edge of edges) {
    const made = link(town, edge);
    if (made.ok) fed.held += 1;
    else if (made.failure.code === 'forbidden') fed.elsewhere.push(`${edge.issue_id} ${edge.type} ${edge.depends_on_id}`);
    else fed.skipped.push([edge.issue_id, edge.depends_on_id, edge.type, reasonOf(made.failure.code, here.has(edge.issue_id))]);
  }
  return fed;
}
function link({ one }: OracleTown, { issue_id, depends_on_id, type, metadata }: Edge) {
  const gate = type === 'waits-for' ? { gate: gateOf(metadata) } : {};
  const before = one.town.town.bead(issue_id)?.bead.dependsOn.length ?? 0;
  const made = one.town.person({
    kind: 'bead.add_dependency',
    beadId: issue_id as BeadId,
    dependsOn: depends_on_id as BeadId,
    type,
    ...gate,
  });
  if (!made.ok || (one.town.town.bead(issue_id)?.bead.dependsOn.length ?? 0) > before) return made;
  return { ok: false as const, failure: { code: 'dependency_exists' as const, message: '' } };
}
const reasonOf = (code: string, source: boolean): string => {
  if (code === 'unknown_bead') return source ? 'target not found' : 'source not found';
  return code;
};
