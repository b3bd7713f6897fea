import { jsonOf, linesOf, textOf, type Edge, type Expected, type Issue } from './data.ts';
import { compare, compareDrain } from './compare.ts';
import { feed } from './feed.ts';
import { differs, report, same, type Report } from './report.ts';
import { compareBeside, tablesOf } from './tables.ts';
import { linesOut, oracleTown, type OracleTown } from './town.ts';

interface OfSet {
  readonly as_imported_in_one_batch?: Expected;
  readonly as_stored: Expected;
}
const edgesOf = (issues: readonly Issue[]): Edge[] => issues.flatMap((issue) => issue.dependencies ?? []);

/** A file of `bd export`, brought in by one import. */
export function importedSet(set: string): Report {
  const into = report(`import ${set}`);
  const name = `beads/exports/${set}.issues.jsonl`;
  const expected = jsonOf<OfSet>(`beads/expected/${set}.json`).as_imported_in_one_batch!;
  const issues = linesOf<Issue>(name).filter(({ status }) => status !== 'tombstone');
  const town = oracleTown();
  const began = performance.now();
  const { counts, lines } = town.bring(textOf(name));
  into.figures['import_ms'] = Math.round(performance.now() - began);
  same(into, 'created', counts.created, issues.length);
  same(into, 'bad', counts.bad, 0);
  same(into, 'edges taken', counts.edges, expected.counts.edges_held);
  const untaken = lines.flatMap((line) => line.untaken.map((edge) => `${line.id} ${edge.type} ${edge.dependsOn}`));
  same(into, 'edges not taken', untaken.toSorted(), expected.skipped_edges.map(([from, to, type]) => `${from} ${type} ${to}`).toSorted());
  compare(into, town, expected, issues);
  const again = town.bring(textOf(name));
  same(into, 'the same file again', [again.counts.unchanged, again.importId], [issues.length, null]);
  same(
    into,
    'the export gives the lines back',
    linesOut(town).toSorted(),
    textOf(name)
      .split('\n')
      .filter((line) => line !== '' && !line.includes('"status":"tombstone"'))
      .toSorted(),
  );
  compareDrain(into, town, expected.drain_waves);
  return into;
}
/** The same beads as a database holds them: fed row by row. `beside` compares what else a set has, before it is drained. */
function storedSet(
  name: string,
  issues: readonly Issue[],
  edges: readonly Edge[],
  expected: Expected,
  beside: (into: Report, town: OracleTown, issues: readonly Issue[]) => void = () => undefined,
): Report {
  const into = report(name);
  const town = oracleTown();
  const fed = feed(town, issues, edges);
  same(into, 'edges held', fed.held + fed.elsewhere.length, expected.counts.edges_held);
  same(into, 'edges skipped', fed.skipped.map(String).toSorted(), expected.skipped_edges.map(String).toSorted());
  for (const edge of fed.elsewhere)
    differs(into, edge, 'a `tracks` edge is the membership in a convoy of the town, made by commands of convoys');
  compare(into, town, expected, issues);
  beside(into, town, issues);
  compareDrain(into, town, expected.drain_waves);
  return into;
}
export function storedExport(set: string): Report {
  const issues = linesOf<Issue>(`beads/exports/${set}.issues.jsonl`).filter(({ status }) => status !== 'tombstone');
  return storedSet(`row by row ${set}`, issues, edgesOf(issues), jsonOf<OfSet>(`beads/expected/${set}.json`).as_stored);
}
export function storedTables(set: string): Report {
  const { issues, edges } = tablesOf(set);
  return storedSet(`tables ${set}`, issues, edges, jsonOf<OfSet>(`beads/expected/${set}.json`).as_stored, compareBeside);
}

interface Reopened {
  readonly edges_held: number;
  readonly drain_waves: string[][];
}
/** Every bead of the set open again: the longest drain that the data has. */
export function reopenedSet(set: string): Report {
  const into = report(`reopened ${set}`);
  const expected = jsonOf<Reopened>(`beads/expected/${set}.reopened.json`);
  const isExport = set === 'beads-2026-01-15';
  const found = isExport
    ? linesOf<Issue>(`beads/exports/${set}.issues.jsonl`).filter(({ status }) => status !== 'tombstone')
    : tablesOf(set).issues;
  const open = found.map(
    ({ closed_at: _closed, pinned: _pinned, defer_until: _until, ...issue }): Issue => ({ ...issue, status: 'open' }) as Issue,
  );
  const town = oracleTown();
  const fed = feed(town, open, isExport ? edgesOf(found) : tablesOf(set).edges);
  same(into, 'edges held', fed.held + fed.elsewhere.length, expected.edges_held);
  compareDrain(into, town, expected.drain_waves);
  return into;
}
