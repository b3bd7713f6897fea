import { linesOf, type Edge, type Issue } from './data.ts';
import { differs, same, type Report } from './report.ts';
import { linesOut, type OracleTown } from './town.ts';

interface Label {
  readonly issue_id: string;
  readonly label: string;
}
interface Comment {
  readonly issue_id: string;
  readonly text: string;
}

/** The tables of a database; labels and comments stand in a row of their bead, as an export has them. */
export function tablesOf(set: string): { issues: Issue[]; edges: Edge[] } {
  const table = <T>(name: string): T[] => linesOf<T>(`beads/tables/${set}/${name}.jsonl`);
  const labels = Map.groupBy(table<Label>('labels'), (row) => row.issue_id);
  const comments = Map.groupBy(table<Comment>('comments'), (row) => row.issue_id);
  const issues = table<Issue>('issues').map((issue): Issue => {
    const [labelled, commented] = [labels.get(issue.id), comments.get(issue.id)];
    return { ...issue, ...(labelled && { labels: labelled.map(({ label }) => label) }), ...(commented && { comments: commented }) };
  });
  return { issues, edges: table<Edge>('dependencies') };
}

/** Which beads have which label, by the town's rows and by its export; and the comments, which only the line of a bead keeps. */
export function compareBeside(into: Report, town: OracleTown, issues: readonly Issue[]): void {
  const exported = linesOut(town).map((line) => JSON.parse(line) as Issue);
  const wanted = byLabel(issues);
  same(into, 'labels', [...byLabel(exported).keys()], [...wanted.keys()]);
  for (const [label, ids] of wanted) {
    const rows = town.ids(`EXISTS (SELECT 1 FROM json_each(labels) WHERE value = '${label.replaceAll("'", "''")}')`);
    same(into, `beads with the label ${label}`, [rows, byLabel(exported).get(label)], [ids, ids]);
  }
  const commented = issues.filter((issue) => issue['comments'] !== undefined);
  for (const { id, comments } of commented) {
    same(into, `comments of ${id} in the export`, exported.find((line) => line.id === id)?.['comments'], comments);
    differs(into, `comments of ${id}`, 'a bead has no comments here: its line keeps them, and the export gives them back');
  }
  into.figures['labels'] = [...wanted.values()].flat().length;
  into.figures['comments'] = commented.length;
}
function byLabel(issues: readonly Issue[]): Map<string, string[]> {
  const pairs = issues.flatMap(({ id, labels }) => ((labels ?? []) as string[]).map((label) => ({ id, label })));
  const groups = [...Map.groupBy(pairs, ({ label }) => label)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(groups.map(([label, of]) => [label, of.map(({ id }) => id).toSorted()]));
}
