import type { WholeBead } from '../beads/bulk.ts';
import type { Edge } from '../beads/dependencies.ts';
import { writtenTime } from './instant.ts';
import { elementsOf, membersOf, withMembers } from './json.ts';
import { readBead, SECTION_FIELDS, sectionsOf, type LineBead } from './line.ts';
import { failureOf, ownLine, saidEdge, saidLabels, saidStatus } from './say.ts';
import type { Passenger } from './store.ts';

/**
 * The line of a bead as it is now. One that came in a line and did not change gives that line, byte for byte; of one that changed, exactly what changed is
 * said anew, and everything that only the other tool knows stays where it was.
 */
export function lineOf(bead: WholeBead, edges: readonly Edge[], passenger: Passenger | null, now: number): string {
  const was = passenger && readBack(passenger.line);
  if (!passenger || !was) return ownLine(bead, edges);
  const raw = JSON.parse(passenger.line) as Raw;
  const changes = new Map<string, string | null>([
    ...textChanges(bead, was, raw),
    ...stateChanges(bead, was, raw),
    ...timeChanges(bead, was, raw, now),
    ...failureChanges(bead, was, passenger.line),
    ...edgeChanges(bead, edges, was, passenger),
  ]);
  if (changes.size === 0) return passenger.line;
  changes.set('updated_at', JSON.stringify(writtenTime(bead.updatedAt)));
  return withMembers(passenger.line, changes);
}
/** Null: the line was damaged in the store; what the bead is now is said without it (DM-15). */
export function readBack(line: string): LineBead | null {
  try {
    const read = readBead(JSON.parse(line) as object);
    return 'why' in read ? null : read;
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}

type Raw = Readonly<Record<string, unknown>>;
type Changes = [string, string | null][];
const set = (key: string, value: unknown): [string, string | null] => [key, value === null ? null : JSON.stringify(value)];

function textChanges(bead: WholeBead, was: LineBead, raw: Raw): Changes {
  const changes: Changes = [];
  if (bead.title !== was.title) changes.push(set('title', bead.title));
  if (bead.body !== was.body) changes.push(...bodyChanges(bead.body, raw));
  if (bead.rank !== was.rank) changes.push(set('priority', bead.rank));
  if (bead.kind !== was.kind) changes.push(set('issue_type', bead.kind));
  if (bead.ephemeral !== was.ephemeral) changes.push(set('ephemeral', bead.ephemeral), ...('wisp' in raw ? [set('wisp', null)] : []));
  const labels = saidLabels(bead);
  if (labels.join('\n') !== saidLabels(was).join('\n')) changes.push(set('labels', labels));
  return changes;
}
/** The sections stay fields of their own while the text still ends with them; else all of it is the description. */
function bodyChanges(body: string, raw: Raw): Changes {
  const sections = sectionsOf(raw);
  if (body.endsWith(sections)) return [set('description', body.slice(0, body.length - sections.length))];
  return [set('description', body), ...SECTION_FIELDS.filter((field) => field in raw).map((field) => set(field, null))];
}

function stateChanges(bead: WholeBead, was: LineBead, raw: Raw): Changes {
  const held = bead.hold === was.hold || (was.hold === null && bead.hold === 'staged');
  if (bead.status === was.status && (bead.status !== 'open' || held)) return [];
  const said = saidStatus(bead);
  return [
    ...(said === was.said ? [] : [set('status', said)]),
    ...('pinned' in raw && was.pinned && bead.hold !== 'foreign' && bead.hold !== 'pinned' ? [set('pinned', null)] : []),
  ];
}

function timeChanges(bead: WholeBead, was: LineBead, raw: Raw, now: number): Changes {
  const changes: Changes = [];
  const future = (at: number | null): number | null => (at !== null && at > now ? at : null);
  const due = future(bead.deferUntil);
  if (due !== future(was.deferUntil)) changes.push(set('defer_until', due === null ? null : writtenTime(due)));
  if (bead.closedAt === null) {
    if (was.status === 'closed' && 'closed_at' in raw) changes.push(set('closed_at', null));
  } else if (was.status !== 'closed' || (was.closed !== null && was.closed.ms !== bead.closedAt)) {
    changes.push(set('closed_at', writtenTime(bead.closedAt)));
  }
  return changes;
}

function failureChanges(bead: WholeBead, was: LineBead, line: string): Changes {
  const failed = failureOf(bead);
  if (JSON.stringify(failed) === JSON.stringify(was.failure)) return [];
  const metadata = membersOf(line).findLast(({ key }) => key === 'metadata');
  const text = metadata ? line.slice(metadata.value.from, metadata.value.to) : 'null';
  const ours = new Map([['gastown', failed && JSON.stringify({ failed })]]);
  const next = text.startsWith('{') ? withMembers(text, ours) : withMembers(text === 'null' ? '{}' : `{"value":${text}}`, ours);
  return [['metadata', next === '{}' ? null : next]];
}

/** Those that were not taken stay, for the other tool may know what they point to. */
function edgeChanges(bead: WholeBead, edges: readonly Edge[], was: LineBead, passenger: Passenger): Changes {
  const untaken = new Set(passenger.untaken);
  const own = was.edges.map((edge, at) => ({
    at,
    key: keyOf({ ...edge, dependsOn: edge.to }),
    untaken: untaken.has(at),
  }));
  const now = new Map(edges.map((edge) => [keyOf(edge), edge]));
  const kept = own.filter(({ key, untaken }) => untaken || now.has(key));
  const known = new Set(own.filter(({ untaken }) => !untaken).map(({ key }) => key));
  const added = [...now].filter(([key]) => !known.has(key)).map(([, edge]) => saidEdge(edge, bead.updatedAt));
  if (kept.length === own.length && added.length === 0) return [];
  const list = membersOf(passenger.line).findLast(({ key }) => key === 'dependencies');
  const said = list && passenger.line[list.value.from] === '[' ? elementsOf(passenger.line, list.value.from) : [];
  const all = [...kept.map(({ at }) => said[at] ?? 'null'), ...added];
  return [['dependencies', all.length === 0 ? null : `[${all.join(',')}]`]];
}
const keyOf = ({ dependsOn, type, gate }: { dependsOn: string; type: string; gate: string | null }): string =>
  `${type} ${gate ?? ''} ${dependsOn}`;
