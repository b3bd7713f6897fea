import type { BeadId } from '@gastown/protocol';
import { bring, quiet, blocks, line, rowOf } from './bring.ts';
import type { Story } from './ready.ts';

/** One stated case of what is ready and what is blocked (the table of cases), and the town's answer to it. */
export interface ReadyCase {
  readonly id: string;
  readonly issues: readonly CaseIssue[];
  readonly edges: readonly CaseEdge[];
  readonly steps: readonly CaseStep[];
  readonly generate?: { readonly blocked: number; readonly ready: number };
}
interface CaseIssue {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly priority: number;
  readonly pinned?: boolean;
  readonly ephemeral?: boolean;
  readonly defer_until?: string;
}
interface CaseEdge {
  readonly issue: string;
  readonly depends_on: string;
  readonly type: string;
  readonly metadata?: object;
}
interface CaseStep {
  readonly op: string;
  readonly id?: string;
  readonly issue?: string;
  readonly depends_on?: string;
  readonly type?: string;
  readonly status?: string;
  readonly ready?: string[];
  readonly not_ready?: string[];
  readonly ready_exact?: string[];
  readonly blocked?: string[];
  readonly not_blocked?: string[];
  readonly limit?: number;
  readonly sort?: string;
  readonly surface?: string;
  readonly type_filter?: string;
  readonly include_ephemeral?: boolean;
}

/** Where the town answers otherwise on purpose, by case. */
export const ON_PURPOSE: Readonly<Record<string, string>> = {
  'external-target': 'something outside the town blocks until a person says that it is settled: the safer of the two readings',
};

/** What the town says that the case does not state; empty when both agree. */
export function answerTo({ issues, edges, steps, generate }: ReadyCase): string[] {
  const one = quiet();
  const all = generate ? generated(generate) : { issues, edges };
  bring(
    one,
    all.issues.map((issue) =>
      line({
        ...issue,
        title: issue.id,
        issue_type: issue.type,
        created_at: '2026-01-01T00:00:00Z',
        dependencies: edgesOf(issue.id, all.edges),
      }),
    ),
    { start: true },
  );
  const wanted = generate
    ? [{ op: 'expect', limit: 10, sort: 'oldest', ready_exact: all.issues.slice(-generate.ready).map(({ id }) => id) }]
    : steps;
  let day = 1;
  return wanted.flatMap((step) => (step.op === 'expect' ? disagreements(one, step) : act(one, step, (day += 1))));
}
const edgesOf = (id: string, edges: readonly CaseEdge[]) =>
  edges.filter(({ issue }) => issue === id).map(({ depends_on, type, metadata }) => blocks(id, depends_on, type, metadata && { metadata }));

/** Blocked ones first, by one gate; then those that are ready. */
function generated({ blocked, ready }: { blocked: number; ready: number }) {
  const many = (letter: string, count: number): CaseIssue[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${letter}${String(n).padStart(3, '0')}`, status: 'open', type: 'task', priority: 2 }));
  const held = many('b', blocked);
  return {
    issues: [{ id: 'gate', status: 'open', type: 'gate', priority: 2 }, ...held, ...many('r', ready)],
    edges: held.map(({ id }) => ({ issue: id, depends_on: 'gate', type: 'blocks' })),
  };
}

function act(one: Story, step: CaseStep, day: number): string[] {
  const beadId = (step.id ?? step.issue) as BeadId;
  const edge = { beadId, dependsOn: step.depends_on as BeadId, type: step.type };
  const said = (fields: object): void =>
    void bring(one, [line({ id: beadId, title: beadId, updated_at: `2099-01-${String(day).padStart(2, '0')}T00:00:00Z`, ...fields })], {
      start: true,
    });
  switch (step.op) {
    case 'close':
      one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
      return [];
    // Nothing is deleted here: what is gone elsewhere is closed and out of sight.
    case 'delete':
      one.town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
      one.town.must({ kind: 'bead.archive', beadIds: [beadId] });
      return [];
    case 'reopen':
      one.town.must({ kind: 'bead.set_status', beadId, status: 'open' });
      return [];
    case 'add_edge':
      one.town.must({ kind: 'bead.add_dependency', ...edge });
      return [];
    case 'remove_edge':
      one.town.must({ kind: 'bead.remove_dependency', ...edge });
      return [];
    case 'set_status':
      said({ status: step.status, priority: 2 });
      return [];
    case 'set':
      one.town.must({ kind: 'bead.start', beadId });
      return [];
    default:
      return [`no such step: ${step.op}`];
  }
}

function disagreements(one: Story, step: CaseStep): string[] {
  const ready = readyOf(one, step);
  const blocked = new Set(one.town.sql.all('SELECT id FROM beads WHERE blocked = 1').map((row) => String(row['id'])));
  const say = (ids: readonly string[] | undefined, there: (id: string) => boolean, what: string): string[] =>
    (ids ?? []).filter((id) => !there(id)).map((id) => `${id} should be ${what}; it is ${rowOf(one, id)?.wait?.code ?? 'free'}`);
  const shown = one.town.rows().beads.flatMap(({ id, ready: told }) => (told ? [id as string] : []));
  const listed = one.town.town.ready('oldest', 1_000).beads.map(({ id }) => id as string);
  const exact = step.ready_exact && ready.join() !== step.ready_exact.join();
  return [
    ...say(step.ready, (id) => ready.includes(id), 'ready'),
    ...say(step.not_ready, (id) => !ready.includes(id), 'not ready'),
    ...say(step.blocked, (id) => blocked.has(id), 'blocked'),
    ...say(step.not_blocked, (id) => !blocked.has(id), 'not blocked'),
    ...(shown.toSorted().join() === listed.toSorted().join() ? [] : [`pages show as ready ${shown.join()}, not ${listed.join()}`]),
    ...(exact ? [`ready is ${ready.join()}, not ${String(step.ready_exact)}`] : []),
  ];
}
/** The list of the town; the wider lists of the other tool are asked of the rows. */
function readyOf(one: Story, { limit, sort, surface, type_filter, include_ephemeral }: CaseStep): string[] {
  const free = `SELECT id FROM beads WHERE type = 'issue' AND status = 'open' AND blocked = 0 AND defer_until IS NULL AND deferred_parents = 0`;
  const rows = (where: string): string[] => one.town.sql.all(`${free} AND ${where} ORDER BY id`).map((row) => String(row['id']));
  if (type_filter) return rows(`kind = '${type_filter}'`);
  if (include_ephemeral) return rows('hold IS NULL');
  const listed = one.town.town.ready(sort === 'oldest' ? 'oldest' : 'newest', limit ?? 1_000).beads.map(({ id }) => id as string);
  return surface === 'api' ? [...listed, ...rows(`hold = 'foreign'`)] : listed;
}
