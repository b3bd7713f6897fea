import { jsonOf, linesOf, type Issue } from './data.ts';
import { report, same, type Report } from './report.ts';
import { linesOut, oracleTown, type OracleTown } from './town.ts';

interface Event {
  readonly id: number;
  readonly issue_id: string;
  readonly event_type: string;
  readonly new_value: string | null;
  readonly created_at: string;
}
interface OfEvents {
  readonly events: number;
  readonly issues_named: number;
  readonly named_but_no_longer_in_table: string[];
  readonly final_status_equal: number;
  readonly final_status_differs_log_vs_table: Record<string, [string, string]>;
  readonly final_status_by_log: Record<string, string>;
}

/** The audit log of a database, replayed through the town's commands in the order of time; what each bead is then, in the words of the log. */
export function replayedEvents(set: string): Report {
  const into = report(`events ${set}`);
  const expected = jsonOf<OfEvents>(`beads/expected/${set}.events.json`);
  const events = linesOf<Event>(`beads/tables/${set}/events.jsonl`).toSorted(
    (a, b) => a.created_at.localeCompare(b.created_at) || a.id - b.id,
  );
  const town = oracleTown();
  const said = new Map<string, string>();
  events.forEach((event, at) => {
    const status = statusOf(event) ?? said.get(event.issue_id) ?? 'open';
    if (said.get(event.issue_id) === status) return;
    said.set(event.issue_id, status);
    // The time is the place in the log: two events of one second have an order.
    const updated_at = new Date(Date.UTC(2026, 0, 1) + at).toISOString();
    town.bring(JSON.stringify({ id: event.issue_id, title: event.issue_id, status, updated_at }));
  });
  same(into, 'events', events.length, expected.events);
  same(into, 'beads named', new Set(events.map(({ issue_id }) => issue_id)).size, expected.issues_named);
  const final = statuses(town);
  same(into, 'last status by the log', sorted(final), sorted(expected.final_status_by_log));
  const table = new Map(linesOf<Issue>(`beads/tables/${set}/issues.jsonl`).map(({ id, status }) => [id, status ?? 'open']));
  const gone = Object.keys(final).filter((id) => !table.has(id));
  same(into, 'named and no longer in the table', gone.toSorted(), expected.named_but_no_longer_in_table.toSorted());
  const different = Object.entries(final).filter(([id, status]) => table.has(id) && table.get(id) !== status);
  const pairs = Object.fromEntries(different.map(([id, status]) => [id, [status, table.get(id)!]]));
  same(into, 'log and table differ', sorted(pairs), sorted(expected.final_status_differs_log_vs_table));
  same(into, 'log and table agree', Object.keys(final).length - gone.length - different.length, expected.final_status_equal);
  same(into, 'invariants', town.wrong(), []);
  return into;
}

const WORDS: Readonly<Record<string, string>> = { created: 'open', closed: 'closed', reopened: 'open', claimed: 'in_progress' };
function statusOf({ event_type, new_value }: Event): string | null {
  if (event_type !== 'status_changed' && event_type !== 'updated') return WORDS[event_type] ?? null;
  const value = new_value ? (JSON.parse(new_value) as { status?: string }) : {};
  return value.status ?? null;
}
const sorted = (of: Readonly<Record<string, unknown>>): [string, unknown][] => Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));

const statuses = (town: OracleTown): Record<string, string> =>
  Object.fromEntries(
    linesOut(town).map((line) => {
      const { id, status } = JSON.parse(line) as { id: string; status: string };
      return [id, status];
    }),
  );
